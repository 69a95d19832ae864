#include "tests/differential/outside.hpp"

#include <fmt/format.h>
#include <fstream>
#include <sstream>

#include "checker/explore/explore.hpp"
#include "tests/checker/exchange/model_checkers.hpp"

namespace airlock::test {
namespace {

constexpr std::size_t batch = 300;  // questions per call of ABC

std::vector<ExportTarget> targets_of(const TransitionSystem& system) {
  std::vector<ExportTarget> targets;
  for (const Property& property : system.properties) {
    targets.push_back({property.name, target_of(property)});
  }
  return targets;
}

std::string written(void (*write)(std::ostream&, const ExportInput&),
                    const TransitionSystem& system) {
  std::ostringstream out;
  write(out, {system, {}, {}});
  return out.str();
}

std::uint64_t initial_states_of(const TransitionSystem& system) {
  TransitionSystem still = system;
  still.rules.clear();
  return explore(still, {}).states;
}

std::string shown(const std::optional<std::uint64_t>& distance) {
  return distance ? fmt::format("{} steps", *distance) : "unreachable";
}

}  // namespace

struct AbcQueue::Impl {
  struct Question {
    std::uint64_t seed;
    std::shared_ptr<const TransitionSystem> system;
    std::string file;
    std::optional<std::uint64_t> distance;
  };
  bool installed = test::installed("berkeley-abc");
  Scratch scratch;
  std::vector<Question> questions;
};

AbcQueue::AbcQueue() : impl_(std::make_unique<Impl>()) {}
AbcQueue::~AbcQueue() = default;

bool AbcQueue::full() const {
  return impl_->questions.size() >= batch;
}

void AbcQueue::add(std::uint64_t seed, const TransitionSystem& system,
                   const std::vector<std::optional<std::uint64_t>>& distances) {
  if (!impl_->installed) {
    return;
  }
  const auto kept = std::make_shared<const TransitionSystem>(system);
  const std::vector<ExportTarget> targets = targets_of(system);
  for (std::size_t t = 0; t < targets.size(); ++t) {
    const std::string file = impl_->scratch.path(fmt::format("{}.aig", impl_->questions.size()));
    std::ofstream out(file, std::ios::binary);
    write_aiger(out, {*kept, {targets[t]}, {}});
    impl_->questions.push_back({seed, kept, file, distances.at(t)});
  }
}

std::optional<AbcQueue::Disagreement> AbcQueue::ask(OutsideTally& tally) {
  std::vector<std::string> files;
  for (const Impl::Question& question : impl_->questions) {
    files.push_back(question.file);
  }
  const std::vector<Impl::Question> questions = std::move(impl_->questions);
  impl_->questions.clear();
  if (files.empty()) {
    return std::nullopt;
  }
  const std::vector<std::string> answers = ask_abc(files, "pdr");
  for (std::size_t i = 0; i < questions.size(); ++i) {
    const bool reachable = abc_says_reachable(answers[i]);
    if (reachable == abc_says_unreachable(answers[i]) ||
        reachable != questions[i].distance.has_value()) {
      return Disagreement{questions[i].seed, *questions[i].system,
                          fmt::format("abc says '{}', the naive search {}", answers[i],
                                      shown(questions[i].distance))};
    }
    ++tally.abc;
  }
  return std::nullopt;
}

std::optional<std::string> abc_disagreement(const TransitionSystem& system) {
  std::vector<Expr> targets;
  for (const ExportTarget& target : targets_of(system)) {
    targets.push_back(target.states);
  }
  AbcQueue queue;
  queue.add(0, system, naive_search(system, targets).distances);
  OutsideTally ignored;
  const auto found = queue.ask(ignored);
  return found ? std::optional(found->text) : std::nullopt;
}

std::optional<std::string> counting_disagreement(const TransitionSystem& system,
                                                 const NaiveResult& truth, OutsideTally& tally) {
  static const bool spin_there = installed("spin");
  static const bool rumur_there = installed("rumur");
  if (truth.states == 0) {
    return std::nullopt;
  }
  const Counts expected{truth.states, truth.transitions, false};
  const auto compare = [&](const char* name, const Counts& found) -> std::optional<std::string> {
    if (found == expected) {
      return std::nullopt;
    }
    return fmt::format("{} counts {}, the naive search {}", name, to_string(found),
                       to_string(expected));
  };
  try {
    if (spin_there) {
      const Counts found = ask_spin(written(write_promela, system), initial_states_of(system));
      ++tally.spin;
      if (auto wrong = compare("spin", found)) {
        return wrong;
      }
    }
    if (rumur_there) {
      const Counts found = ask_rumur(written(write_murphi, system));
      ++tally.rumur;
      return compare("rumur", found);
    }
  } catch (const NotExportable&) {  // wider than Murphi's numbers
    ++tally.not_exportable;
  }
  return std::nullopt;
}

}  // namespace airlock::test
