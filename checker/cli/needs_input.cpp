#include "checker/cli/needs_input.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "checker/cli/terminal.hpp"
#include "checker/trace/text.hpp"

namespace airlock {
namespace {

const char* name_of(Element::Kind kind) {
  switch (kind) {
    case Element::Kind::statement: return "statement";
    case Element::Kind::condition: return "condition";
    case Element::Kind::value: return "value";
    case Element::Kind::order: break;
  }
  return "order";
}

TransitionSystem build(const Project& project, const Fix& fix, const Relaxed& relaxed) {
  const Relaxation relaxation{relaxed.elements, relaxed.actors};
  if (relaxed.parameters.empty()) {
    return project.build_relaxed(fix, relaxation).system;
  }
  const auto& [name, value] = *relaxed.parameters.begin();
  Relaxed rest = relaxed;
  rest.parameters.erase(name);
  return build(project.with_parameter(name, value), fix, rest);
}

bool is_proof_for_all_states(const Decision& decision) {
  return decision.verdict == Verdict::holds && decision.property->kind != PropertyKind::reachable;
}

}  // namespace

bool rests_on_lines(const Decision& decision) {
  return is_proof_for_all_states(decision) && decision.property->location.line != 0;
}

bool rests_on_every_line(const Decision& decision) {
  return is_proof_for_all_states(decision) && decision.property->location.line == 0;
}

ShownNeeds needs_of(const Session& session, const Fix& fix, const Decision& decision,
                    const Pins& all_pins, const EngineContext& context) {
  const Project& project = session.project();
  const std::vector<Element> elements = project.elements(fix);
  NeedsInput input;
  input.elements = elements.size();
  for (const Actor& actor : project.actors()) {
    if (!actor.enabled) {
      input.actors.push_back(actor.name);
    }
  }
  for (const OtherValue& other : project.other_values(fix)) {
    input.parameters[other.parameter].push_back(other.text);
  }
  input.build = [&](const Relaxed& relaxed) { return build(project, fix, relaxed); };
  const Needs needs = find_needs(input, decision.property->name, decision.pins, all_pins, context);
  ShownNeeds shown;
  for (const std::size_t i : needs.elements) {
    const Element& element = elements[i];
    shown.lines.push_back({element.location.file + ":" + std::to_string(element.location.line),
                           name_of(element.kind), element.text});
  }
  for (const std::string& actor : needs.actors) {
    shown.assumes.push_back("no " + actor);
  }
  for (const Parameter& parameter : project.parameters(fix)) {
    const bool asked = input.parameters.count(parameter.name) != 0;
    const auto& kept = needs.parameters;
    if (!asked) {
      shown.not_asked.push_back(parameter.name + "=" + parameter.shown);
    } else if (std::find(kept.begin(), kept.end(), parameter.name) != kept.end()) {
      shown.assumes.push_back(parameter.name + "=" + parameter.shown);
    }
  }
  for (const auto& [name, option] : decision.pins) {
    shown.assumes.push_back(name + "=" + option);
  }
  shown.minimal = needs.minimal && decision.assumes_minimal;
  shown.reason = needs.reason;
  shown.questions = needs.questions;
  shown.seconds = needs.seconds;
  return shown;
}

std::string render_text(const ShownNeeds& needs, unsigned width) {
  const std::string indent(12, ' ');
  std::string out = indent + "needs:" + (needs.lines.empty() ? " none of the fix's lines\n" : "\n");
  for (const ShownNeeds::Line& line : needs.lines) {
    out += hanging(
        indent + "  ",
        fmt::format("{}: {}{}", printable(line.place), printable(line.text),
                    line.kind == "condition" || line.kind == "value" ? " (" + line.kind + ")" : ""),
        width);
  }
  std::string assumes;
  for (const std::string& each : needs.assumes) {
    assumes += (assumes.empty() ? "" : "; ") + printable(each);
  }
  out += hanging(indent + "assumes: ", assumes.empty() ? "nothing that was asked about" : assumes,
                 width);
  if (!needs.not_asked.empty()) {
    std::string list;
    for (const std::string& each : needs.not_asked) {
      list += (list.empty() ? "" : ", ") + printable(each);
    }
    out +=
        hanging(indent + "not asked about: ", list + " (no other [values] in the manifest)", width);
  }
  if (!needs.minimal) {
    out += hanging(indent + "fewer may do: ", "undecided: " + printable(needs.reason), width);
  }
  return out;
}

nlohmann::ordered_json render_json(const ShownNeeds& needs) {
  nlohmann::ordered_json lines = nlohmann::ordered_json::array();
  for (const ShownNeeds::Line& line : needs.lines) {
    lines.push_back({{"place", line.place}, {"kind", line.kind}, {"text", line.text}});
  }
  nlohmann::ordered_json result{{"lines", std::move(lines)},    {"assumes", needs.assumes},
                                {"not_asked", needs.not_asked}, {"minimal", needs.minimal},
                                {"questions", needs.questions}, {"seconds", needs.seconds}};
  if (!needs.reason.empty()) {
    result["reason"] = needs.reason;
  }
  return result;
}

}  // namespace airlock
