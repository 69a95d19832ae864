// Minimal hitting sets, by counterexamples.
//
// A property may hold only because some choices of the manual are pinned. Which ones does it need?
// Pinning more leaves fewer runs, so what holds under a set of pins holds under every larger one.
// And each violating run of a freer system names the choices that it took differently from the
// pins: a set that pins none of those allows the same run. So every set under which the property
// holds meets every such list, and a smallest set that meets all lists known so far is either the
// answer, or checking it yields a new list. This is the implicit hitting set method of MaxSAT
// (Davies and Bacchus, CP 2011; earlier Reiter's diagnosis, 1987), with the engine as the oracle;
// with half a dozen choices it asks two or three questions where trying subsets would ask sixty.
//
// A run of a choice whose freedom is an option of its own ("anew each time") counts as differing
// from the pin: a system pinned to that option has every run of the others.
#include "checker/compare/pin_search.hpp"

#include <bit>
#include <cassert>
#include <optional>
#include <span>

namespace airlock {
namespace {

/// `chosen` and at most `more` further pins that meet every clause, if there are such.
std::optional<PinSet> meet(std::span<const PinSet> clauses, PinSet chosen, unsigned more) {
  while (!clauses.empty() && (clauses.front() & chosen) != 0) {
    clauses = clauses.subspan(1);
  }
  if (clauses.empty()) {
    return chosen;
  }
  if (more == 0) {
    return std::nullopt;
  }
  for (PinSet rest = clauses.front(); rest != 0; rest &= rest - 1) {
    const PinSet lowest = rest & (~rest + 1);
    if (const auto found = meet(clauses.subspan(1), chosen | lowest, more - 1)) {
      return found;
    }
  }
  return std::nullopt;
}

}  // namespace

PinSet PinSearch::next() const {
  for (unsigned size = 0;; ++size) {
    assert(size <= 64 && "every clause has a member");
    if (const auto found = meet(clauses_, 0, size)) {
      return *found;
    }
  }
}

void PinSearch::exclude(PinSet one_of) {
  assert(one_of != 0);
  clauses_.push_back(one_of);
}

}  // namespace airlock
