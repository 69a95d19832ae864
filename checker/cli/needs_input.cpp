#include "checker/cli/needs_input.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <mutex>

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

/// The project with other values of parameters, each made once. Thread-safe.
class OtherProjects {
 public:
  explicit OtherProjects(const Project& own) : own_(own) {}

  const Project& with(const std::map<std::string, std::string>& parameters) {
    const Project* project = &own_;
    const std::lock_guard lock(mutex_);
    std::map<std::string, std::string> so_far;
    for (const auto& [name, value] : parameters) {
      so_far[name] = value;
      auto found = made_.find(so_far);
      if (found == made_.end()) {
        found = made_.emplace(so_far, project->with_parameter(name, value)).first;
      }
      project = &found->second;
    }
    return *project;
  }

 private:
  const Project& own_;
  std::mutex mutex_;
  std::map<std::map<std::string, std::string>, Project> made_;
};

bool is_proof_for_all_states(const Decision& decision) {
  return decision.verdict == Verdict::holds && !seeks_witness(*decision.property);
}

NeedsInput needs_input(OtherProjects& projects, const NeedsAsked& asked,
                       const std::vector<Element>& elements) {
  const Project& project = projects.with({});
  NeedsInput input;
  input.fix = asked.fix.name;
  input.elements = elements.size();
  for (const Actor& actor : project.actors()) {
    if (!actor.enabled) {
      input.actors.push_back(actor.name);
    }
  }
  for (const OtherValue& other : project.other_values(asked.fix)) {
    input.parameters[other.parameter].push_back(other.text);
  }
  input.build = [&projects, fix = asked.fix](const Relaxed& relaxed) {
    return projects.with(relaxed.parameters)
        .build_relaxed(fix, {relaxed.elements, relaxed.actors})
        .system;
  };
  input.more_pins = asked.all_pins;
  for (const Decision* decision : asked.decisions) {
    input.questions.push_back({decision->property->name, decision->pins});
  }
  return input;
}

/// What is assumed about the parameters, and of which that is not known.
void show_parameters(const Project& project, const NeedsInput& input, const Fix& fix,
                     const Needs& needs, ShownNeeds& shown) {
  for (const Parameter& parameter : project.parameters(fix)) {
    const std::string text = parameter.name + "=" + parameter.shown;
    const auto& kept = needs.parameters;
    if (input.parameters.count(parameter.name) == 0) {
      shown.not_asked.push_back(text);
    } else if (std::find(kept.begin(), kept.end(), parameter.name) != kept.end()) {
      shown.assumes.push_back(text);
    }
  }
}

ShownNeeds in_words(const Project& project, const NeedsInput& input,
                    const std::vector<Element>& elements, const Fix& fix, const Decision& decision,
                    const Needs& needs) {
  ShownNeeds shown;
  for (const std::size_t i : needs.elements) {
    const Element& element = elements[i];
    shown.lines.push_back({element.location.file + ":" + std::to_string(element.location.line),
                           name_of(element.kind), element.text});
  }
  for (const std::string& actor : needs.actors) {
    shown.assumes.push_back("no " + actor);
  }
  show_parameters(project, input, fix, needs, shown);
  for (const auto& [name, option] : decision.pins) {
    shown.assumes.push_back(name + "=" + option);
  }
  shown.minimal = needs.minimal && decision.assumes_minimal;
  shown.reason = needs.reason;
  shown.questions = needs.questions;
  shown.seconds = needs.seconds;
  return shown;
}

}  // namespace

bool rests_on_lines(const Decision& decision) {
  return is_proof_for_all_states(decision) && decision.property->location.line != 0;
}

bool rests_on_every_line(const Decision& decision) {
  return is_proof_for_all_states(decision) && decision.property->location.line == 0;
}

std::vector<std::vector<ShownNeeds>> needs_of(const Session& session,
                                              const std::vector<NeedsAsked>& fixes,
                                              const NeedsProgress& progress) {
  const Project& project = session.project();
  OtherProjects projects(project);
  std::vector<NeedsInput> inputs;
  std::vector<std::vector<Element>> elements;
  for (const NeedsAsked& asked : fixes) {
    elements.push_back(project.elements(asked.fix));
    inputs.push_back(needs_input(projects, asked, elements.back()));
  }
  const std::vector<std::vector<Needs>> found = find_needs(inputs, session.context(), progress);
  std::vector<std::vector<ShownNeeds>> result(fixes.size());
  for (std::size_t i = 0; i < fixes.size(); ++i) {
    for (std::size_t k = 0; k < fixes[i].decisions.size(); ++k) {
      result[i].push_back(in_words(project, inputs[i], elements[i], fixes[i].fix,
                                   *fixes[i].decisions[k], found[i][k]));
    }
  }
  return result;
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
