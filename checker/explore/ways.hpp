// The ways through a rule: its successor functions, without the choices that make no difference.
//
// A step of real code reads a value of 64 bits to ask whether it is one of two, and makes choices
// of which most runs meet few. Counting through all values of all inputs takes two to the power of
// their bits; what they can come to are a few dozen different functions of the state. So the inputs
// are settled bit by bit, what remains of the rule is simplified anew each time, and what became
// the same expressions is kept once, with how many values it stands for. That is how a decision
// diagram is built from the top down (Bryant, 1986), with the simplifier's hash-consed expressions
// in the place of cofactors: two that are equal and do not look it are kept twice, which costs time
// and changes nothing.
//
// Nothing is narrowed: every value of the inputs belongs to exactly one way. The most significant
// bit of the first input comes first and of equal remainders the smaller values stay, so that a
// way's values are the smallest of all that do the same: paths are canonical by that (choices.hpp),
// and do not depend on whether a rule was taken apart.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "model/system/system.hpp"

namespace airlock::explicit_state {

struct Way {
  Expr guard;                         ///< over the state
  std::vector<Update> updates;        ///< likewise
  std::vector<std::uint64_t> inputs;  ///< the smallest values that go it, parallel to `listed`
  std::uint64_t values = 1;           ///< of all inputs together, how many go it (saturated)
};

/// The ways of a rule whose expressions are in `pool`, without those whose guard is false; nothing
/// if more than `most` are met on the way to them. `listed` are the rule's inputs, each of the sort
/// that `system` has for it.
std::optional<std::vector<Way>> ways_of(ExprPool& pool, const TransitionSystem& system, Expr guard,
                                        std::span<const Update> updates,
                                        std::span<const InputId> listed, std::size_t most);

}  // namespace airlock::explicit_state
