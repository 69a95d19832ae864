// A search that is complete up to a level is a set of states that has, with each state before that
// level, its successors. That is a property of the set alone, so it can be checked without knowing
// how the set was made: expand a state, and see whether the set grows. For a whole search this
// costs as much as the search did; up to a million states that is a fraction of a second, and
// beyond it a sample finds what is more than a few states short. The idea is Necula's, of
// proof-carrying code (POPL 1997): do not trust who made it, check what was made.
#include "checker/explore/recheck.hpp"

#include <algorithm>

namespace airlock::explicit_state {
namespace {

constexpr std::size_t block = 1024;  // states expanded together

std::uint64_t states_in(const Shards& shards) {
  std::uint64_t count = 0;
  for (const auto& shard : shards) {
    count += shard->states.size();
  }
  return count;
}

/// Expands every `stride`-th block of the states before `level`.
void expand_blocks(const Shard& shard, std::size_t level, std::size_t stride, Exchange& exchange,
                   Expander& expander) {
  const std::size_t end = shard.level_begin(level);
  for (std::size_t begin = 0; begin < end; begin += block * stride) {
    expander.start(shard.states, begin, std::min(end, begin + block));
    while (expander.step([&](const Successors& s) { exchange.collect(0, s, false); })) {
    }
  }
}

}  // namespace

std::optional<std::string> recheck(const SavedSearch& search, const Shards& shards,
                                   std::size_t level, Exchange& exchange, Expander& expander,
                                   const StopSignal& stop, std::uint64_t most) {
  std::uint64_t expanded = 0;
  for (const auto& shard : shards) {
    expanded += shard->level_begin(level);
  }
  const std::size_t stride = static_cast<std::size_t>(expanded / most + 1);
  const std::uint64_t before = states_in(shards);
  for (const auto& shard : shards) {
    expand_blocks(*shard, level, stride, exchange, expander);
  }
  exchange.deliver_all();
  const ExpansionCounts counts = expander.counts;
  expander.counts = {};
  std::fill(expander.rules_fired.begin(), expander.rules_fired.end(), 0);
  if (stop.stopped()) {
    return std::nullopt;
  }
  if (states_in(shards) != before) {
    return "a successor of one of its states is missing";
  }
  if (stride == 1 &&
      (counts.transitions != search.transitions || counts.deadlocks != search.deadlocks)) {
    return "it does not have the transitions that it counts";
  }
  return std::nullopt;
}

}  // namespace airlock::explicit_state
