#include "checker/explore/quotient_counter.hpp"

#include <algorithm>
#include <cassert>

#include "checker/explore/mixer.hpp"

namespace airlock::explicit_state {

bool QuotientCounter::can_count(const TransitionSystem& system) {
  unsigned width = 0;
  for (const VarId id : system.control) {
    width += system.variables[id].sort.width();
  }
  return width <= 64;
}

QuotientCounter::QuotientCounter(const TransitionSystem& system, const Layout& layout) {
  assert(can_count(system));
  for (const VarId id : system.control) {
    fields_.push_back(layout.field(id));
  }
}

std::size_t QuotientCounter::Hash::operator()(const Edge& edge) const {
  const std::array<Word, 3> words{edge.from, edge.to, edge.rule};
  return hash_state(words.data(), words.size());
}

Word QuotientCounter::location(std::span<const Word* const> columns, std::size_t lane) const {
  return pack([&](const Field& f) { return columns[f.word][lane]; });
}

void QuotientCounter::add(const Successors& s) {
  std::uint64_t* count = nullptr;
  Edge last{};
  for (std::size_t lane = 0; lane < s.lanes; ++lane) {
    if (s.guard != nullptr && s.guard[lane] == 0) {
      continue;
    }
    const Edge edge{location(s.from, lane), location(s.to, lane), s.rule->index};
    if (count == nullptr || edge != last) {  // neighbours are mostly alike
      last = edge;
      count = &edges_[edge];
    }
    *count += s.rule->multiplicity;
  }
}

void QuotientCounter::add_state(const Word* state, bool initial) {
  Location& here = locations_[pack([&](const Field& f) { return state[f.word]; })];
  ++here.states;
  here.initial = here.initial || initial;
}

ControlQuotient QuotientCounter::sum(const TransitionSystem& system,
                                     const std::vector<QuotientCounter>& counters) {
  std::map<Word, Location> locations;
  std::map<Edge, std::uint64_t> edges;
  for (const QuotientCounter& counter : counters) {
    for (const auto& [key, location] : counter.locations_) {
      locations[key].states += location.states;
      locations[key].initial |= location.initial;
    }
    for (const auto& [edge, count] : counter.edges_) {
      edges[edge] += count;
    }
  }
  ControlQuotient result;
  std::map<Word, std::uint32_t> numbers;
  for (const bool initial : {true, false}) {
    for (const auto& [key, location] : locations) {
      if (location.initial != initial) {
        continue;
      }
      numbers.emplace(key, static_cast<std::uint32_t>(numbers.size()));
      State values(system.control.size());
      Word rest = key;
      for (std::size_t i = values.size(); i-- > 0;) {
        const Sort sort = system.variables[system.control[i]].sort;
        values[i] = rest & sort.mask();
        rest = sort.width() == 64 ? 0 : rest >> sort.width();
      }
      result.locations.push_back({std::move(values), location.states, location.initial});
    }
  }
  for (const auto& [edge, count] : edges) {
    result.edges.push_back({numbers.at(edge.from), numbers.at(edge.to), edge.rule, count});
  }
  return result;
}

}  // namespace airlock::explicit_state
