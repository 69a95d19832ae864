// What the explorer needs of a trace, and nothing that it could work out itself:
//
//   {"id", "fix", "property", "text", "kind": "always", "sentence",
//    "shown": [variable…], "play": [position in shown…], "initial": ["0", "ffff0ff0", …],
//    "steps": [{"actor", "lane", "event", "causes": [cause…], "set": [[position, value], …],
//               "untracked": [["x86.c:12", sentence], …] where there is any}],
//    "parts": the state in which real and reference part company, or -1,
//    "differences": [{"real", "reference" or -1, "bits", "since", "until", "text"}],
//    "line": [step, cause] of the last C line that could have helped, or null}
//
// Values are hexadecimal text, since JSON's numbers end at 2^53. Positions count in "shown", whose
// entries count in the document's "variables". Hidden variables are shown only if the property or
// its sentence mentions them (what the guest saw), and never the program counter.
#include "checker/report/film.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "checker/trace/divergence.hpp"
#include "checker/trace/render.hpp"

namespace airlock {
namespace {

using Json = nlohmann::ordered_json;

std::string digits(std::uint64_t value) {
  return fmt::format("{:x}", value);
}

std::string_view kind_name(Display::Kind kind) {
  switch (kind) {
    case Display::Kind::enumeration: return "enumeration";
    case Display::Kind::flags: return "flags";
    case Display::Kind::plain: break;
  }
  return "plain";
}

/// Variables of the trace that the explorer can show.
std::vector<VarId> shown_variables(const Trace& trace) {
  const TransitionSystem& system = *trace.system;
  const std::vector<VarId> mentioned = mentioned_by(system, *trace.property);
  std::vector<VarId> result;
  for (VarId id = 0; id < system.variables.size(); ++id) {
    const Owner& owner = system.variables[id].owner;
    const bool control =
        std::find(system.control.begin(), system.control.end(), id) != system.control.end();
    const bool seen = std::binary_search(mentioned.begin(), mentioned.end(), id) && !control;
    if (owner.role != Role::choice && (!owner.hidden || seen)) {
      result.push_back(id);
    }
  }
  return result;
}

Json differences_json(const Trace& trace, const Divergence& divergence,
                      const std::map<VarId, std::size_t>& positions) {
  const auto position = [&](VarId id) {
    const auto found = positions.find(id);
    return found == positions.end() ? -1 : static_cast<int>(found->second);
  };
  Json result = Json::array();
  for (const Difference& difference : divergence.differences) {
    result.push_back({{"real", position(difference.real)},
                      {"reference", difference.reference ? position(*difference.reference) : -1},
                      {"bits", digits(difference.bits)},
                      {"since", difference.since},
                      {"until", difference.until},
                      {"text", sentence_of(*trace.system, difference)}});
  }
  return result;
}

}  // namespace

Film::Film(const std::vector<InputFile>& inputs) : inputs_(inputs) {}

int Film::file(const std::string& name, const FileNames& short_names) {
  const auto found = file_numbers_.find(name);
  if (found != file_numbers_.end()) {
    return found->second;
  }
  const auto input = std::find_if(inputs_.begin(), inputs_.end(),
                                  [&](const InputFile& each) { return each.name == name; });
  const int number = static_cast<int>(files_.size());
  files_.push_back({{"name", name},
                    {"short", short_names(name)},
                    {"text", input == inputs_.end() ? "" : input->text}});
  file_numbers_[name] = number;
  return number;
}

std::size_t Film::cause(const Cause& cause, const FileNames& short_names) {
  const int where = cause.location.line == 0 ? -1 : file(cause.location.file, short_names);
  Json json = Json::array({where, cause.location.line, cause.text, cause.reference});
  const auto [entry, added] = cause_numbers_.try_emplace(
      json.dump(-1, ' ', false, Json::error_handler_t::replace), causes_.size());
  if (added) {
    causes_.push_back(std::move(json));
  }
  return entry->second;
}

std::size_t Film::variable(const Variable& variable) {
  Json names = Json::array();
  for (const Display::Name& name : variable.display.names) {
    names.push_back(Json::array({digits(name.value), name.name, name.active_low ? 1 : 0}));
  }
  Json json{{"name", variable.name},
            {"short", name_within(variable)},
            {"group", group_of(variable)},
            {"width", variable.sort.width()},
            {"kind", kind_name(variable.display.kind)},
            {"names", names}};
  const auto [entry, added] = variable_numbers_.try_emplace(
      json.dump(-1, ' ', false, Json::error_handler_t::replace), variables_.size());
  if (added) {
    variables_.push_back(std::move(json));
  }
  return entry->second;
}

Json Film::step(const Trace& trace, std::size_t number, const FileNames& short_names,
                const std::map<VarId, std::size_t>& shown, const UntrackedTexts* untracked) {
  const Rule& rule = rule_of(trace, number);
  const Cause* event = hardware_event(rule);
  Json causes = Json::array();
  for (const Cause& each : rule.causes) {
    causes.push_back(cause(each, short_names));
  }
  Json set = Json::array();
  for (const auto& [id, position] : shown) {
    if (trace.states[number - 1][id] != trace.states[number][id]) {
      set.push_back(Json::array({position, digits(trace.states[number][id])}));
    }
  }
  Json result{{"actor", rule.actor},
              {"lane", to_string(lane_of(rule))},
              {"event", event == nullptr ? "" : event->text},
              {"causes", causes},
              {"set", set}};
  for (const UntrackedChoice& choice : untracked_in(trace, number, untracked)) {
    result["untracked"].push_back(
        Json::array({fmt::format("{}:{}", short_names(choice.place.file), choice.place.line),
                     sentence_of(choice)}));
  }
  return result;
}

void Film::add(const std::string& id, const std::string& fix, const Trace& trace,
               const UntrackedTexts* untracked) {
  const TransitionSystem& system = *trace.system;
  const FileNames short_names(system);
  const std::vector<VarId> playing = playing_a_part(trace);
  std::map<VarId, std::size_t> positions;
  Json shown = Json::array();
  Json play = Json::array();
  Json initial = Json::array();
  for (const VarId each : shown_variables(trace)) {
    const std::size_t position = positions.size();
    positions[each] = position;
    shown.push_back(variable(system.variables[each]));
    initial.push_back(digits(trace.states.front()[each]));
    if (system.variables[each].owner.hidden ||
        std::binary_search(playing.begin(), playing.end(), each)) {
      play.push_back(position);
    }
  }
  Json steps = Json::array();
  for (std::size_t number = 1; number <= trace.steps(); ++number) {
    steps.push_back(step(trace, number, short_names, positions, untracked));
  }
  const Divergence divergence = find_divergence(trace);
  Json line;
  if (!divergence.differences.empty()) {
    if (const auto found = last_line_that_could_help(trace, divergence)) {
      line = Json::array({found->step, found->cause});
    }
  }
  traces_.push_back(
      {{"id", id},
       {"fix", fix},
       {"property", trace.property->name},
       {"text", trace.property->text},
       {"kind", kind_name(trace.property->kind)},
       {"sentence", last_sentence(trace)},
       {"shown", shown},
       {"play", play},
       {"initial", initial},
       {"steps", steps},
       {"parts", divergence.differences.empty() ? -1 : static_cast<int>(divergence.state)},
       {"differences", differences_json(trace, divergence, positions)},
       {"line", line}});
}

Json Film::json() const {
  return {{"files", files_}, {"causes", causes_}, {"variables", variables_}, {"traces", traces_}};
}

std::string script_json(const nlohmann::ordered_json& json) {
  std::string result;
  // All that is not ASCII comes as \uXXXX, U+2028 among it.
  for (const char c : json.dump(-1, ' ', true, Json::error_handler_t::replace)) {
    switch (c) {
      case '<': result += "\\u003c"; break;
      case '>': result += "\\u003e"; break;
      case '&': result += "\\u0026"; break;
      default: result += c;
    }
  }
  return result;
}

}  // namespace airlock
