#include "tests/differential/models_compare.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <set>

#include "checker/explore/explore.hpp"
#include "model/software/program.hpp"
#include "model/system/input_error.hpp"
#include "model/system/pin.hpp"
#include "model/world/compose.hpp"
#include "model/world/layout.hpp"
#include "model/world/platform.hpp"
#include "tests/differential/c_model.hpp"
#include "tests/differential/decisions.hpp"

namespace airlock::test {
namespace {

constexpr std::uint64_t max_states = 1500;      // the naive search sees some ten thousand a second
constexpr std::uint64_t naive_states = 50'000;  // it tries 16 times as many steps, some seconds
constexpr unsigned shrink_attempts = 300;

/// Is the refusal one that docs/language.md announces for programs that are C?
bool is_limit(const std::string& refusal) {
  static constexpr std::array known{"ways through one step", "instructions",
                                    "a loop without a step in it"};
  return std::any_of(known.begin(), known.end(),
                     [&](const char* text) { return refusal.find(text) != std::string::npos; });
}

/// The world of one spec file, choices at their defaults. Throws InputError.
TransitionSystem world_of(const std::string& text) {
  TransitionSystem system;
  const Layout layout = add_layout(system, {});
  const MachinePlatform platform(layout);
  const std::vector<SourceFile> base{{"random.c", text}};
  const Program program = Program::check(base, {}, platform);
  std::set<std::string> actors;
  for (const ActorEntry& actor : entries_by_name(program).actors) {
    actors.insert(actor.function);
  }
  compose(system, layout, {program, actors});
  validate(system);
  return pin(system, default_pins(system));
}

bool too_large(const TransitionSystem& system) {
  ExploreOptions options;
  options.enough = [](const ExploreProgress& so_far) { return so_far.states > max_states; };
  return !explore(system, {}, {}, options).complete;
}

/// What is wrong about one spec file.
std::optional<std::string> disagreement_on_model(const std::string& text, const Asked& asked,
                                                 ModelsTally& tally) {
  std::optional<TransitionSystem> system;
  try {
    system = world_of(text);
  } catch (const InputError& error) {
    ++tally.refused;
    if (is_limit(error.what())) {
      return std::nullopt;
    }
    return "the front end refuses a spec file:\n" + std::string(error.what());
  }
  if (too_large(*system)) {
    ++tally.too_large;
    return std::nullopt;
  }
  return disagreement_on(*system, asked, tally.systems);
}

std::string smallest(std::vector<std::uint32_t> decisions, const Asked& asked,
                     const std::string& found) {
  std::string last = found;
  shrink(std::move(decisions), shrink_attempts, [&](const std::vector<std::uint32_t>& fewer) {
    Decisions again(fewer);
    const std::string text = random_c_model(again);
    ModelsTally ignored;
    const auto still = disagreement_on_model(text, asked, ignored);
    if (still) {
      last = *still + "\n" + text;
    }
    return still.has_value();
  });
  return last;
}

}  // namespace

ModelsTally compare_on_models(std::uint64_t first, std::uint64_t count, const Effort& effort) {
  ModelsTally tally;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    Decisions decisions(seed);
    const std::string text = random_c_model(decisions);
    Asked asked;
    asked.reduced = true;
    asked.most_states = naive_states;
    asked.count = seed % effort.counting_every == 0;
    if (effort.one_target) {
      asked.only = seed;
    }
    ++tally.models;
    if (const auto found = disagreement_on_model(text, asked, tally)) {
      tally.systems.disagreement =
          fmt::format("seed {}: {}", seed, smallest(decisions.made(), asked, *found + "\n" + text));
      return tally;
    }
  }
  return tally;
}

}  // namespace airlock::test
