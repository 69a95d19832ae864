#include "checker/trace/names.hpp"

#include <algorithm>
#include <cctype>

namespace airlock {
namespace {

char lower(char c) {
  return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

std::string base_name(const std::string& file) {
  const std::size_t slash = file.starts_with('<') ? std::string::npos : file.find_last_of('/');
  return slash == std::string::npos ? file : file.substr(slash + 1);
}

std::string short_fix(const std::string& fix) {
  if (fix == "none") {
    return "base";
  }
  std::string result;
  for (std::size_t at = 0; at <= fix.size();) {
    const std::size_t end = std::min(fix.find('+', at), fix.size());
    std::string part = base_name(fix.substr(at, end - at));
    if (part.size() > 2 && part.compare(part.size() - 2, 2, ".c") == 0) {
      part.erase(part.size() - 2);
    }
    result += (at == 0 ? "" : "+") + part;
    at = end + 1;
  }
  return result;
}

/// The variables in the {braces} of a sentence, those inside of {?name: ...} too.
void add_named(const TransitionSystem& system, const std::string& text, std::set<VarId>& result) {
  for (std::size_t open = text.find('{'); open != std::string::npos;
       open = text.find('{', open + 1)) {
    std::size_t begin = open + 1;
    if (begin < text.size() && (text[begin] == '?' || text[begin] == '!')) {
      ++begin;
    }
    for (const std::size_t end : {text.find('}', begin), text.find(": ", begin)}) {
      if (end != std::string::npos) {
        if (const auto id = system.find_variable(text.substr(begin, end - begin))) {
          result.insert(*id);
        }
      }
    }
  }
}

}  // namespace

std::string name_within(const Variable& variable) {
  std::string prefix = std::string(group_of(variable)) + ".";
  std::replace(prefix.begin(), prefix.end(), ' ', '_');
  const auto same = [](char a, char b) { return lower(a) == lower(b); };
  if (variable.name.size() > prefix.size() &&
      std::equal(prefix.begin(), prefix.end(), variable.name.begin(), same)) {
    return variable.name.substr(prefix.size());
  }
  return variable.name;
}

std::string bit_names(const Variable& variable, std::uint64_t bits) {
  if (variable.display.kind == Display::Kind::enumeration || variable.sort.width() == 1) {
    return "value";
  }
  std::string result;
  for (unsigned bit = 0; bit < 64; ++bit) {
    if ((bits >> bit & 1U) == 0) {
      continue;
    }
    std::string name = "bit " + std::to_string(bit);
    if (variable.display.kind == Display::Kind::flags) {
      for (const Display::Name& each : variable.display.names) {
        name = each.value == bit ? each.name : name;
      }
    }
    result += (result.empty() ? "" : "|") + name;
  }
  return result;
}

bool is_in_a_file(const SourceLocation& location) {
  return location.line != 0 && !location.file.starts_with('<');
}

FileNames::FileNames(const TransitionSystem& system) {
  std::set<std::string> files;
  for (const Rule& rule : system.rules) {
    for (const Cause& cause : rule.causes) {
      if (cause.location.line != 0 && files.insert(cause.location.file).second) {
        bases_.insert(base_name(cause.location.file));
      }
    }
  }
}

std::string FileNames::operator()(const std::string& file) const {
  const std::string base = base_name(file);
  return bases_.count(base) > 1 ? file : base;
}

std::string shown_fix(const std::string& fix, const std::vector<std::string>& beside) {
  std::string result = short_fix(fix);
  const bool taken = std::any_of(beside.begin(), beside.end(), [&](const std::string& other) {
    return other != fix && short_fix(other) == result;
  });
  return taken ? fix : result;
}

std::string of_fix(const std::string& fix) {
  const std::string shown = shown_fix(fix);
  return shown == "base" ? "the base" : "fix " + shown;
}

std::string_view to_string(Lane lane) {
  switch (lane) {
    case Lane::host: return "host";
    case Lane::guest: return "guest";
    case Lane::hardware: return "hardware";
    case Lane::interrupts: break;
  }
  return "interrupts";
}

Lane lane_of(const Rule& rule) {
  switch (rule.agent) {
    case AgentKind::guest: return Lane::guest;
    case AgentKind::hardware: return Lane::hardware;
    case AgentKind::thread:
    case AgentKind::boot: return Lane::host;
    default: return Lane::interrupts;
  }
}

const Cause* hardware_event(const Rule& rule) {
  const auto event = std::find_if(rule.causes.begin(), rule.causes.end(), [](const Cause& cause) {
    return cause.location.line == 0 && !cause.reference.empty();
  });
  return event == rule.causes.end() ? nullptr : &*event;
}

const Rule& rule_of(const Trace& trace, std::size_t step) {
  const auto told = trace.told.find(step);
  return told != trace.told.end() ? told->second
                                  : trace.system->rules[trace.path.steps.at(step - 1).rule];
}

std::vector<VarId> mentioned_by(const TransitionSystem& system, const Property& property) {
  const std::vector<Expr> roots{property.predicate};
  const std::vector<VarId> in_predicate = variables_of(roots);
  std::set<VarId> result(in_predicate.begin(), in_predicate.end());
  add_named(system, property.sentence, result);
  return {result.begin(), result.end()};
}

std::vector<VarId> playing_a_part(const Trace& trace) {
  const std::vector<VarId> mentioned = mentioned_by(*trace.system, *trace.property);
  std::set<VarId> result(mentioned.begin(), mentioned.end());
  for (std::size_t step = 1; step <= trace.steps(); ++step) {
    for (const Change& change : changes(trace, step)) {
      result.insert(change.variable);
    }
  }
  std::vector<VarId> shown;
  std::copy_if(result.begin(), result.end(), std::back_inserter(shown), [&](VarId id) {
    const Owner& owner = trace.system->variables[id].owner;
    return !owner.hidden && owner.role != Role::choice;
  });
  return shown;
}

std::optional<bool> guest_runs(const TransitionSystem& system, const State& state) {
  for (VarId id = 0; id < system.variables.size(); ++id) {
    if (system.variables[id].owner.role == Role::cpu_mode) {
      return state.at(id) != 0;
    }
  }
  return std::nullopt;
}

}  // namespace airlock
