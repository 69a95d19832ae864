// Who else writes the machine: functions that no entry reaches.
//
// The registers of the machine are the host's, and any code of the tree may write them. What does
// so is an actor (an entry reaches it), or the lens excuses it with a reason, or it is an error.
// The same holds for who calls an actor's writer from somewhere that no entry reaches, or takes its
// address: that is a context which the lens has not spoken of.
#include <algorithm>

#include "model/kernel/analysis.hpp"

namespace airlock::kernel {
namespace {

bool writes(const std::string& name) {
  return name.starts_with("wr") || name.find("write") != std::string::npos ||
         name.find("_wr") != std::string::npos;
}

}  // namespace

/// The register that a call writes, by its own text; "" if it is none of the lens'.
std::string Analysis::register_written(const Node* call) {
  if (call->is != Is::call || bare(call->kids[0])->is != Is::name) {
    return {};
  }
  const std::string& name = bare(call->kids[0])->text;
  if (name.find("debugctl") != std::string::npos && name.find("update") != std::string::npos) {
    return name + "()";
  }
  for (const std::vector<GuardedAccess>* list : {&lens_.accesses, &lens_.raw}) {
    for (const GuardedAccess& access : *list) {
      if ((list == &lens_.accesses && !writes(name)) || in_list({access.what}, name) == nullptr ||
          access.argument + 1 >= call->kids.size()) {
        continue;
      }
      const std::string text(index_.text_of(bare(call->kids[access.argument + 1])));
      if (std::find(access.values.begin(), access.values.end(), text) != access.values.end()) {
        return text;
      }
    }
  }
  return {};
}

/// What the actors run that has an effect on the machine or on tracked state.
std::set<const FunctionText*> Analysis::actors_writers() {
  std::vector<const FunctionText*> work;
  for (const Entry& entry : lens_.entries) {
    if (entry.name == "vcpu_run" || entry.name == "vcpu_create" || entry.name == "boot") {
      continue;
    }
    for (const Named& named : entry.functions) {
      if (const FunctionText* function = entry_function(named)) {
        work.push_back(function);
      }
    }
  }
  std::set<const FunctionText*> result;
  while (!work.empty()) {
    const FunctionText* function = work.back();
    work.pop_back();
    if (function->from_lens || machine_functions_.contains(function->name) ||
        !state(function).effects.strong || !result.insert(function).second) {
      continue;
    }
    const std::set<const FunctionText*>& callees = state(function).callees;
    work.insert(work.end(), callees.begin(), callees.end());
  }
  return result;
}

void Analysis::check_writers() {
  const std::set<const FunctionText*> actors = actors_writers();
  std::set<std::string> names;
  for (const FunctionText* each : actors) {
    names.insert(each->name);
  }
  const auto of_actors = [&](const Node* each, const std::string& path) {
    return each->is == Is::name && names.contains(each->text) &&
           actors.contains(index_.function(each->text, path));
  };
  const auto report = [&](const std::string& who, const std::string& place,
                          const std::string& what) {
    if (const Named* excused = in_list(lens_.writers, who)) {
      used.insert(excused);
      fact(Fact::Kind::excused, who, excused->reason, place);
      return;
    }
    problems.push_back(place + ": '" + who + "' " + what +
                       ", and no entry reaches it: an actor, or [writers] with a reason");
  };
  for (const auto& function : index_.functions()) {
    if (states_[function->id].reached || function->from_lens ||
        machine_functions_.contains(function->name)) {
      continue;
    }
    std::string what;
    walk(function->body, [&](const Node* each) {
      if (!what.empty()) {
        return;
      }
      if (const std::string name = register_written(each); !name.empty()) {
        what = "writes " + name;
      } else if (of_actors(each, function->path)) {
        what = "calls or passes on " + each->text + "(), which an actor runs";
      } else if (each->is == Is::assembly &&
                 index_.text_of(each).find("wrmsr") != std::string_view::npos &&
                 lens_.raw_of(function->name) == nullptr) {
        what = "has WRMSR in assembly";
      }
    });
    if (!what.empty()) {
      report(function->name, function->place(), what);
    }
  }
  for (const auto& entry : index_.globals()) {
    const auto& name = entry.first;
    const auto& global = entry.second;  // (Clang 14 lets no lambda have a structured binding)
    std::string what;
    walk(global.initialiser, [&](const Node* each) {
      if (what.empty() && of_actors(each, global.path)) {
        what = "holds " + each->text + "(), which an actor runs";
      }
    });
    if (!what.empty()) {
      report(name, global.path + ":" + std::to_string(global.line), what);
    }
  }
}

}  // namespace airlock::kernel
