#include "checker/explore/packing.hpp"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <utility>

namespace airlock::explicit_state {

Layout::Layout(const TransitionSystem& system) : fields_(system.variables.size()) {
  std::vector<VarId> order(system.variables.size());
  std::iota(order.begin(), order.end(), VarId{0});
  std::stable_sort(order.begin(), order.end(), [&](VarId a, VarId b) {
    return system.variables[a].sort.width() > system.variables[b].sort.width();
  });
  std::vector<unsigned> used(1, 0);  // bits taken in each word
  for (const VarId id : order) {
    const unsigned width = system.variables[id].sort.width();
    std::size_t word = 0;
    while (word < used.size() && used[word] + width > 64) {
      ++word;
    }
    if (word == used.size()) {
      used.push_back(0);
    }
    fields_[id] = Field{static_cast<std::uint32_t>(word), used[word], width};
    used[word] += width;
  }
  words_ = used.size();
  widths_ = std::move(used);
}

unsigned Layout::bits() const {
  return std::accumulate(widths_.begin(), widths_.end(), 0U);
}

void Layout::pack(const State& state, Word* to) const {
  assert(state.size() == fields_.size());
  std::fill(to, to + words_, Word{0});
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    assert((state[i] & ~fields_[i].mask()) == 0);
    to[fields_[i].word] |= state[i] << fields_[i].shift;
  }
}

State Layout::unpack(const Word* from) const {
  State state(fields_.size());
  for (VarId id = 0; id < fields_.size(); ++id) {
    state[id] = value(from, id);
  }
  return state;
}

}  // namespace airlock::explicit_state
