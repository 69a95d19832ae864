// What the properties make of small changes to a fix.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "checker/compare/cost.hpp"
#include "checker/engine.hpp"

namespace airlock {

/// A world that remembers whether its guest has run.
struct WorldThatRemembers {
  TransitionSystem system;
  Expr guest_has_run;  ///< Bool: the guest ran, and exited
};

/// How to build what is asked about one mutant. The functions may be called from any thread.
struct MutantInput {
  /// Throws InputError where the mutant is no program: then it is no mutant.
  std::function<TransitionSystem()> build;
  /// The product of the original and the mutant; its only property says that they are equivalent.
  std::function<TransitionSystem()> build_equivalence;
  /// The mutant alone; its only property says that it never goes on for ever showing nothing, which
  /// the product does not see.
  std::function<TransitionSystem()> build_silence;
  std::function<CostSystem()> build_for_cost;
  std::function<WorldThatRemembers()> build_with_memory;
};

enum class MutantVerdict : std::uint8_t {
  invalid,     ///< no program
  caught,      ///< violates a property that the original keeps, or never gets where that does
  equivalent,  ///< shows the same as the original, under the same choices
  stronger,    ///< keeps what the original keeps, and a property that the original violates, and
               ///< not because it never comes to where that property says something
  survived,    ///< none of these, or undecided (MutantResult::undecided)
};

/// "caught", "equivalent", …
std::string to_string(MutantVerdict verdict);

struct MutantResult {
  MutantVerdict verdict = MutantVerdict::survived;
  std::string property;              ///< caught, stronger: which
  std::optional<std::size_t> steps;  ///< caught by a violation: of a shortest one of any property
  std::optional<Costs> costs;        ///< equivalent
  std::string reason;      ///< survived: why it is undecided, or how it differs; invalid: why
  bool undecided = false;  ///< survived, but only because a question was left open: `reason`
  double seconds = 0;
};

/// The guard against vacuity that needs no property: MutantResult::property of a mutant that never
/// completes an entry of the guest, though the original does.
inline constexpr const char* entry_completes = "reachable_entry_completes (built in)";

struct MutationResult {
  std::vector<std::string> kept;      ///< always_ and never_ properties that hold for the original
  std::vector<std::string> violated;  ///< those that do not
  std::vector<std::string> reached;   ///< reachable_ properties that hold for the original
  Costs costs;                        ///< of the original
  std::string undecided;              ///< about the original, and why: then no mutant is judged
  std::vector<MutantResult> mutants;  ///< parallel to the inputs
};

/// Decides all under the same pins, the defaults overridden by `chosen`, by exhaustive search;
/// violations are replayed. `progress` is called after each mutant, from one thread at a time.
/// What was not decided within the context's limits is undecided; if that is a property of the
/// original, so are all mutants.
MutationResult judge_mutants(const MutantInput& original, const std::vector<MutantInput>& mutants,
                             const Pins& chosen, const EngineContext& context,
                             const std::function<void(std::size_t done)>& progress = {});

}  // namespace airlock
