// Systems with something relaxed, and questions about one.
#pragma once

#include <compare>
#include <set>
#include <string>
#include <vector>

#include "checker/compare/needs.hpp"
#include "model/system/reduce.hpp"

namespace airlock {

/// Something that a property may need.
struct Thing {
  enum class Kind : std::uint8_t { actor, parameter, element };
  Kind kind;
  std::size_t element;
  std::string name;
  friend auto operator<=>(const Thing&, const Thing&) = default;
};
using Things = std::set<Thing>;

/// All that `input` can have relaxed, in the order in which it is given up.
std::vector<Thing> things_of(const NeedsInput& input);

/// What to build: one world for each combination of the relaxed parameters' values, that of the
/// values in force first.
std::vector<Relaxed> worlds_of(const NeedsInput& input, const Things& things);

/// Whether a built system violates properties under some pins. For one thread.
class RelaxedQuestion {
 public:
  /// Throws std::logic_error if the system has no such property.
  RelaxedQuestion(const TransitionSystem& built, const std::vector<std::string>& properties,
                  const Pins& pins);
  [[nodiscard]] const Reduction& reduction() const { return reduction_; }
  /// Per property; gives up soon after so many states. Paths have been replayed.
  [[nodiscard]] std::vector<Outcome> search(std::uint64_t states,
                                            const EngineContext& context) const;
  /// Of the only property.
  [[nodiscard]] Outcome decide(const EngineContext& context) const;

 private:
  void check(const Outcome& outcome, Expr target) const;

  TransitionSystem system_;
  std::vector<Expr> targets_;
  Reduction reduction_;
};

}  // namespace airlock
