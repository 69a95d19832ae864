// Tarjan's algorithm (SIAM J. Comput. 1972), as Boost.Graph has it: depth first with a stack of its
// own, so that a path of a million states is no deep recursion. It wants its own compressed rows;
// the state graph's edges are in their order already, so that they are copied, not sorted.
#include "checker/graph/components.hpp"

#include <algorithm>
#include <boost/graph/compressed_sparse_row_graph.hpp>
#include <boost/graph/strong_components.hpp>
#include <utility>
#include <vector>

namespace airlock {
namespace {

using Rows =
    boost::compressed_sparse_row_graph<boost::directedS, boost::no_property, boost::no_property,
                                       boost::no_property, std::uint32_t, std::uint32_t>;

/// A row and a place in it per edge; per state four numbers and a colour, and a stack of the depth
/// first search that may hold every state.
std::uint64_t bytes_needed(const StateGraph& graph) {
  constexpr std::uint64_t per_edge = 3 * sizeof(std::uint32_t);
  constexpr std::uint64_t per_state = 128;
  return graph.edges() * per_edge + graph.states() * per_state;
}

}  // namespace

Components components_of(StateGraph& graph) {
  graph.charge(bytes_needed(graph));
  std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs;
  pairs.reserve(graph.edges());
  const auto states = static_cast<std::uint32_t>(graph.states());
  for (std::uint32_t from = 0; from < states; ++from) {
    for (std::uint32_t edge = graph.first(from); edge < graph.first(from + 1); ++edge) {
      pairs.emplace_back(from, graph.to(edge));
    }
  }
  const Rows rows(boost::edges_are_sorted, pairs.begin(), pairs.end(), states);
  pairs = {};
  std::vector<std::uint32_t> component(states);
  Components result;
  result.count = boost::strong_components(
      rows,
      boost::make_iterator_property_map(component.begin(), boost::get(boost::vertex_index, rows)));
  std::vector<std::size_t> sizes(result.count, 0);
  for (const std::uint32_t each : component) {
    ++sizes[each];
  }
  result.largest = sizes.empty() ? 0 : *std::max_element(sizes.begin(), sizes.end());
  return result;
}

}  // namespace airlock
