// State graphs as files for Graphviz and for graph libraries.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "checker/explore/explore.hpp"
#include "checker/explore/state_graph.hpp"
#include "model/system/reduce.hpp"

namespace airlock {

enum class GraphFormat : std::uint8_t { dot, graphml };

/// By the extension: .dot, .gv or .graphml.
std::optional<GraphFormat> graph_format(const std::string& path);

/// What is drawn. Labels may have several lines; each is printable.
struct Picture {
  struct Node {
    std::string label;
    bool initial = false;
    std::uint64_t states = 1;
  };
  struct Edge {
    std::uint32_t from = 0;
    std::uint32_t to = 0;
    std::string label;
    std::uint64_t transitions = 1;
  };
  bool by_location = false;  ///< nodes stand for all states at a program location
  std::vector<Node> nodes;
  std::vector<Edge> edges;
};

/// Every state, with the control variables' values and those that differ from the first initial
/// state's; every edge, with the rule's name. `graph` is complete, of `narrowed`, which only
/// narrows `original`.
Picture picture_of_states(const StateGraph& graph, const TransitionSystem& original,
                          const Reduction& narrowed);

/// The quotient: a node per combination of the control variables' values, an edge per rule's name
/// between two of them, with the number of transitions behind it.
Picture picture_of_locations(const ControlQuotient& quotient, const TransitionSystem& original,
                             const Reduction& narrowed);

std::string write_picture(const Picture& picture, GraphFormat format);

}  // namespace airlock
