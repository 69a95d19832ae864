#include "checker/cli/engine_progress.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <memory>
#include <mutex>

namespace airlock {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

/// How fast each engine's count grows. Engines run side by side and report from their threads.
class Rates {
 public:
  /// Per second since the engine's count was first seen, or since it began anew; nothing in the
  /// first half second, when the number would mean little.
  std::optional<double> of(const Progress& progress) {
    const std::lock_guard lock(mutex_);
    const Clock::time_point now = Clock::now();
    const auto [entry, fresh] = first_.try_emplace(progress.engine, Sample{now, progress.states});
    Sample& first = entry->second;
    if (!fresh && progress.states < first.states) {
      first = {now, progress.states};
    }
    const double seconds = seconds_between(first.at, now);
    if (seconds < 0.5) {
      return std::nullopt;
    }
    return static_cast<double>(progress.states - first.states) / seconds;
  }

 private:
  struct Sample {
    Clock::time_point at;
    std::uint64_t states;
  };
  std::mutex mutex_;
  std::map<std::string, Sample> first_;
};

std::string depth_text(const Progress& progress) {
  const bool frames = progress.engine == "pdr";
  return fmt::format("{} {}", frames ? "frame" : "depth", progress.depth);
}

}  // namespace

std::string short_count(double count) {
  constexpr std::array<const char*, 4> units{"", " k", " M", " G"};
  std::size_t unit = 0;
  while (count >= 999.5 && unit + 1 < units.size()) {
    count /= 1000;
    ++unit;
  }
  return unit == 0 || count >= 99.5 ? fmt::format("{:.0f}{}", count, units.at(unit))
                                    : fmt::format("{:.1f}{}", count, units.at(unit));
}

std::string short_time(double seconds) {
  const auto whole = static_cast<std::uint64_t>(std::ceil(std::max(seconds, 0.0)));
  if (whole < 60) {
    return fmt::format("{} s", whole);
  }
  return whole < 3600 ? fmt::format("{}:{:02} min", whole / 60, whole % 60)
                      : fmt::format("{}:{:02} h", whole / 3600, whole % 3600 / 60);
}

EngineContext with_progress(EngineContext context, ProgressLine& line, const std::string& what) {
  if (line.on()) {
    const auto rates = std::make_shared<Rates>();
    context.progress = [&line, what, rates, deadline = context.deadline](const Progress& progress) {
      const std::string noun = progress.engine == "pdr" ? "clauses" : "states";
      std::string text = fmt::format("{}: {}, {}", what, progress.engine, depth_text(progress));
      if (progress.states != 0) {
        text += fmt::format(", {} {}", short_count(static_cast<double>(progress.states)), noun);
        if (const std::optional<double> rate = rates->of(progress); rate && *rate >= 1) {
          text += fmt::format(", {}/s", short_count(*rate));
        }
      }
      if (deadline) {
        text += ", at most " + short_time(seconds_between(Clock::now(), *deadline)) + " left";
      }
      line.show(text);
    };
  }
  return context;
}

std::function<void(std::size_t, std::size_t, const std::string&)> with_progress(
    ProgressLine& line, std::optional<Clock::time_point> deadline) {
  return [&line, deadline, start = Clock::now()](std::size_t done, std::size_t total,
                                                 const std::string& what) {
    std::string text = fmt::format("[{}/{}]", done, total);
    const double elapsed = seconds_between(start, Clock::now());
    text += " " + short_time(elapsed);
    if (deadline) {
      text += ", at most " + short_time(seconds_between(Clock::now(), *deadline)) + " left";
    }
    line.show(text + "  " + what);
  };
}

}  // namespace airlock
