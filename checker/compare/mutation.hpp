// What the properties make of small changes to a fix.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "checker/compare/cost.hpp"
#include "checker/engine.hpp"

namespace airlock {

/// How to build what is asked about one mutant. The functions may be called from any thread.
struct MutantInput {
  /// Throws InputError where the mutant is no program: then it is no mutant.
  std::function<TransitionSystem()> build;
  /// The product of the original and the mutant; its only property says that they are equivalent.
  std::function<TransitionSystem()> build_equivalence;
  std::function<CostSystem()> build_for_cost;
};

enum class MutantVerdict : std::uint8_t {
  invalid,     ///< no program
  caught,      ///< violates a property that the original keeps
  equivalent,  ///< shows the same as the original, under the same choices
  stronger,    ///< keeps what the original keeps, and a property that the original violates
  survived,    ///< none of these, or undecided
};

/// "caught", "equivalent", …
std::string to_string(MutantVerdict verdict);

struct MutantResult {
  MutantVerdict verdict = MutantVerdict::survived;
  std::string property;        ///< caught, stronger: which
  std::size_t steps = 0;       ///< caught: of a shortest violation of any property
  std::optional<Costs> costs;  ///< equivalent
  std::string reason;          ///< survived: why it is undecided, or how it differs; invalid: why
  double seconds = 0;
};

struct MutationResult {
  std::vector<std::string> kept;      ///< always_ and never_ properties that hold for the original
  std::vector<std::string> violated;  ///< those that do not
  Costs costs;                        ///< of the original
  std::vector<MutantResult> mutants;  ///< parallel to the inputs
};

/// Decides all under the same pins, the defaults overridden by `chosen`, by exhaustive search;
/// violations are replayed. `progress` is called after each mutant, from one thread at a time.
/// Throws std::runtime_error if a property of the original cannot be decided.
MutationResult judge_mutants(const MutantInput& original, const std::vector<MutantInput>& mutants,
                             const Pins& chosen, const EngineContext& context,
                             const std::function<void(std::size_t done)>& progress = {});

}  // namespace airlock
