// Drawing a state graph, by Boost.Graph's writers.
//
// Some hundred states are a picture; more are a carpet. Then the states at one program location are
// drawn as one: the coarsest quotient that a reader of the program recognises. A location is called
// by the values of its control variables, of which the program counter is one.
//
// Boost's write_graphviz escapes quotes but not backslashes, and leaves words that are Graphviz's
// own ("node") bare; so labels are quoted here and given to it as they shall stand. Its
// write_graphml escapes by itself.
#include "checker/graph/picture.hpp"

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/graphml.hpp>
#include <boost/graph/graphviz.hpp>
#include <map>
#include <sstream>
#include <tuple>

#include "model/system/counted.hpp"
#include "model/system/printable.hpp"

namespace airlock {
namespace {

using Drawn =
    boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, Picture::Node, Picture::Edge>;

/// The values of the original's variables.
State original_state(const State& state, const TransitionSystem& original,
                     const Reduction& narrowed) {
  State result(original.variables.size());
  for (VarId id = 0; id < result.size(); ++id) {
    result[id] = narrowed.constant_bits(id).second;
  }
  for (VarId id = 0; id < state.size(); ++id) {
    for (unsigned b = 0; b < narrowed.system().variables[id].sort.width(); ++b) {
      const auto [variable, bit] = narrowed.origin(id, b);
      result[variable] |= (state[id] >> b & 1U) << bit;
    }
  }
  return result;
}

std::string line(const TransitionSystem& system, VarId id, const State& state) {
  return printable(system.variables[id].name + "=" + format_value(system.variables[id], state[id]));
}

std::string control_values(const TransitionSystem& system, const State& state) {
  std::string result;
  for (const VarId id : system.control) {
    result += (result.empty() ? "" : ", ") + line(system, id, state);
  }
  return result;
}

std::string state_label(const TransitionSystem& system, const State& state, const State& start) {
  std::string result = control_values(system, state);
  for (VarId id = 0; id < state.size(); ++id) {
    const bool control =
        std::find(system.control.begin(), system.control.end(), id) != system.control.end();
    if (!control && state[id] != start[id]) {
      result += (result.empty() ? "" : "\n") + line(system, id, state);
    }
  }
  return result.empty() ? "start" : result;
}

std::string rule_name(std::uint32_t rule, const TransitionSystem& original,
                      const Reduction& narrowed) {
  return printable(original.rules[narrowed.rule_origin(rule)].name);
}

std::string replaced(std::string text, char what, const std::string& by) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + by.size())) {
    text.replace(at, 1, by);
  }
  return text;
}

std::string quoted(const std::string& text) {
  return "\"" + replaced(replaced(replaced(text, '\\', "\\\\"), '"', "\\\""), '\n', "\\n") + "\"";
}

std::string under(const std::string& label, std::uint64_t count, const std::string& what) {
  return label + (label.empty() ? "" : "\n") + counted(count, what);
}

Drawn drawn(const Picture& picture) {
  Drawn result;
  for (const Picture::Node& node : picture.nodes) {
    Picture::Node shown = node;
    shown.label = picture.by_location ? under(node.label, node.states, "state") : node.label;
    boost::add_vertex(shown, result);
  }
  for (const Picture::Edge& edge : picture.edges) {
    Picture::Edge shown = edge;
    shown.label =
        picture.by_location ? under(edge.label, edge.transitions, "transition") : edge.label;
    boost::add_edge(edge.from, edge.to, shown, result);
  }
  return result;
}

void write_dot(std::ostream& out, const Drawn& graph) {
  boost::write_graphviz(
      out, graph,
      [&](std::ostream& to, const auto& vertex) {
        to << "[label=" << quoted(graph[vertex].label)
           << (graph[vertex].initial ? ", peripheries=2]" : "]");
      },
      [&](std::ostream& to, const auto& edge) {
        to << "[label=" << quoted(graph[edge].label) << "]";
      },
      [](std::ostream& to) { to << "node [shape=box, fontname=\"sans-serif\"];\n"; });
}

void write_graphml(std::ostream& out, Drawn& graph) {
  boost::dynamic_properties properties;
  properties.property("label", boost::get(&Picture::Node::label, graph));
  properties.property("initial", boost::get(&Picture::Node::initial, graph));
  properties.property("states", boost::get(&Picture::Node::states, graph));
  properties.property("rule", boost::get(&Picture::Edge::label, graph));
  properties.property("transitions", boost::get(&Picture::Edge::transitions, graph));
  boost::write_graphml(out, graph, properties, true);
}

}  // namespace

std::optional<GraphFormat> graph_format(const std::string& path) {
  const auto ends = [&](const std::string& with) {
    return path.size() > with.size() &&
           path.compare(path.size() - with.size(), with.size(), with) == 0;
  };
  if (ends(".dot") || ends(".gv")) {
    return GraphFormat::dot;
  }
  return ends(".graphml") ? std::optional(GraphFormat::graphml) : std::nullopt;
}

Picture picture_of_states(const StateGraph& graph, const TransitionSystem& original,
                          const Reduction& narrowed) {
  Picture result;
  State start;
  for (std::uint32_t s = 0; s < graph.states(); ++s) {
    const State state = original_state(graph.state(s), original, narrowed);
    start = s == 0 ? state : start;
    result.nodes.push_back({state_label(original, state, start), s < graph.initial_states(), 1});
    for (std::uint32_t e = graph.first(s); e < graph.first(s + 1); ++e) {
      result.edges.push_back({s, graph.to(e), rule_name(graph.rule(e), original, narrowed), 1});
    }
  }
  return result;
}

Picture picture_of_locations(const ControlQuotient& quotient, const TransitionSystem& original,
                             const Reduction& narrowed) {
  Picture result;
  result.by_location = true;
  for (const ControlLocation& location : quotient.locations) {
    State state(narrowed.system().variables.size(), 0);
    for (std::size_t i = 0; i < location.values.size(); ++i) {
      state[narrowed.system().control[i]] = location.values[i];
    }
    result.nodes.push_back({control_values(original, original_state(state, original, narrowed)),
                            location.initial, location.states});
  }
  std::map<std::tuple<std::uint32_t, std::uint32_t, std::string>, std::uint64_t> edges;
  for (const ControlQuotient::Edge& edge : quotient.edges) {
    edges[{edge.from, edge.to, rule_name(edge.rule, original, narrowed)}] += edge.transitions;
  }
  for (const auto& [key, count] : edges) {
    const auto& [from, to, name] = key;
    result.edges.push_back({from, to, name, count});
  }
  return result;
}

std::string write_picture(const Picture& picture, GraphFormat format) {
  std::ostringstream out;
  Drawn graph = drawn(picture);
  if (format == GraphFormat::dot) {
    write_dot(out, graph);
  } else {
    write_graphml(out, graph);
  }
  return out.str();
}

}  // namespace airlock
