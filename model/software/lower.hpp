// From checked C to rules.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/software/platform.hpp"
#include "model/software/program.hpp"

namespace airlock {

/// Where the program's globals live: GlobalLeaf::path -> variable.
using GlobalBindings = std::map<std::string, VarId>;

/// Ways through one step up to which none are joined (model/software/execute_join.cpp).
constexpr std::size_t few_ways = 64;

/// One way that a function, run to its end in one step, can go.
struct AtomicPath {
  Step step;
  Expr result;  ///< invalid for void
  /// Ended in undefined behaviour or a failed assert(); `reason` says which. What an intrinsic has
  /// found has ended the step (Step::ended).
  bool undefined = false;
  bool excluded = false;  ///< ended at an assume() that is false (AtomicOptions::keep_excluded)
  std::string reason;
  SourceLocation location;  ///< of the undefined behaviour, or of the assume()
};

struct AtomicOptions {
  bool keep_excluded = false;  ///< tell of runs that an assume() excludes
  std::size_t ways_apart = few_ways;
};

/// Runs `function` (no parameters) as one atomic step, from `step`. `any_bits`, `any_bool`,
/// uninitialised variables: inputs by their place and occurrence, so that a second run from a copy
/// of the same step, with another platform and other bindings, meets the same values. Loops must
/// come to an end by themselves (conditions that fold) within 256 rounds; else InputError.
std::vector<AtomicPath> run_atomically(const Program& program, const std::string& function,
                                       Step step, const Platform& platform,
                                       const GlobalBindings& globals,
                                       const AtomicOptions& options = {});

/// A place where a thread can be: just before the shared access that begins its next step.
struct ThreadLocation {
  std::uint64_t pc;
  std::string name;  ///< "svm.c:42 vmrun", unique
  SourceLocation location;
};

struct ThreadOptions {
  VarId pc;                    ///< the program counter, a bit vector wide enough for any count
  std::uint64_t first_pc = 0;  ///< locations are numbered from here
  /// Borrowed; may be null. What earlier lowerings of the same text called their locations: a
  /// location that is known keeps its number, others get new ones and are added.
  std::map<std::string, std::uint64_t>* known = nullptr;
  std::size_t ways_apart = few_ways;
  /// A fresh step for a rule of this thread, its guard already saying when the thread may run.
  std::function<Step(const std::string& name)> begin;
  /// True for globals that another actor touches.
  std::function<bool(const std::string& global_leaf)> shared;
  /// Undefined behaviour or a failed assert(): completes the rule (sets what the world wants set).
  /// Not asked about what an intrinsic has found, which has ended the step itself.
  std::function<void(Step& step, const std::string& reason)> undefined;
};

/// Adds to the system the rules of `function` called forever (locals become variables, named
/// "function.local"). Returns all locations; the thread starts at the first.
std::vector<ThreadLocation> lower_thread(const Program& program, const std::string& function,
                                         TransitionSystem& system, const Platform& platform,
                                         const GlobalBindings& globals,
                                         const ThreadOptions& options);

}  // namespace airlock
