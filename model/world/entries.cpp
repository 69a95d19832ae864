// Entries by name, and what entries must be.
#include "model/world/entries.hpp"

#include <algorithm>

#include "model/system/input_error.hpp"

namespace airlock {
namespace {

void check_function(const Program& program, const std::string& name, const char* shape) {
  if (program.find_function(name) == nullptr) {
    throw InputError({}, "no function '" + name + "' in the model", {},
                     "`" + std::string(shape) + " " + name + "(void)` in one of its files");
  }
  // (That it has no parameters is checked where it is run, with its place.)
}

/// An actor that is off by default says so where it is defined: its comment ends with it.
bool is_off(const Function& actor) {
  return actor.comment.ends_with("Off by default.");
}

}  // namespace

const ActorEntry* Entries::find_actor(const std::string& name) const {
  const auto found = std::find_if(actors.begin(), actors.end(),
                                  [&](const ActorEntry& actor) { return actor.name == name; });
  return found == actors.end() ? nullptr : &*found;
}

std::optional<AgentKind> kind_by_name(const std::string& function) {
  if (function.starts_with("irq_")) {
    return AgentKind::interrupt;
  }
  if (function.starts_with("nmi_")) {
    return AgentKind::nmi;
  }
  if (function.starts_with("task_switch_")) {
    return AgentKind::task_switch;
  }
  return std::nullopt;
}

Entries entries_by_name(const Program& program) {
  const auto if_there = [&](const char* name) {
    return program.find_function(name) != nullptr ? std::string(name) : std::string{};
  };
  Entries result;
  result.by_name = true;
  result.run = "vcpu_run";
  result.create = if_there("vcpu_create");
  result.boot = if_there("boot");
  result.load = if_there("vcpu_load");
  result.enter_guest = if_there("vcpu_enter_guest");
  result.guest_dr6 = if_there("guest_dr6");
  for (const Function& function : program.functions()) {
    if (const auto kind = kind_by_name(function.name)) {
      result.actors.push_back({function.name, function.name, *kind, !is_off(function)});
    }
  }
  return result;
}

void check_entries(const Program& program, const Entries& entries) {
  check_function(program, entries.run, "void");
  for (const std::string* name :
       {&entries.create, &entries.boot, &entries.load, &entries.enter_guest}) {
    if (!name->empty()) {
      check_function(program, *name, "void");
    }
  }
  if (!entries.guest_dr6.empty()) {
    check_function(program, entries.guest_dr6, "u64");
  }
  std::set<std::string> names{entries.run, entries.boot};
  for (const ActorEntry& actor : entries.actors) {
    check_function(program, actor.function, "void");
    if (!is_actor(actor.kind)) {
      throw InputError({}, "actor '" + actor.name + "' is of no kind that an actor can have", {},
                       "an interrupt, an NMI or a task switch");
    }
    if (!names.insert(actor.name).second) {
      throw InputError({}, "two agents are called '" + actor.name + "'", {},
                       "a name for each of its own");
    }
  }
}

bool is_property(const std::string& function) {
  return function.starts_with("always_") || function.starts_with("never_") ||
         function.starts_with("reachable_") || function.starts_with("symptom_");
}

bool is_property(const Function& function, const Entries& entries) {
  return is_property(function.name) &&
         (!entries.property_files || entries.property_files->count(function.location.file) != 0);
}

}  // namespace airlock
