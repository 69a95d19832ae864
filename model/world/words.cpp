// The world finds by name what it runs, proves and is a parameter of. A name that is there, but as
// something else, would be ignored by the world and used by the code: the two would see different
// values, or a property would be missing. Each is an error.
#include "model/world/words.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "model/software/platform.hpp"
#include "model/system/input_error.hpp"
#include "model/world/compose.hpp"
#include "model/world/operations.hpp"

namespace airlock {
namespace {

constexpr std::array<std::string_view, 2> parameters{"guest_debugctl_bits", "cpu_has_lbrv"};
constexpr std::array<std::string_view, 6> entry_points{
    "boot", "vcpu_run", "vcpu_load", "vcpu_create", "guest_dr6", "vcpu_enter_guest"};
constexpr std::array<std::string_view, 4> built_in{"any_bits", "any_bool", "assume", "assert"};

bool is_entry_point(const std::string& name) {
  return std::find(entry_points.begin(), entry_points.end(), name) != entry_points.end() ||
         kind_by_name(name).has_value();
}

/// Whether the place is in the header that declares the machine.
bool is_own_header(const SourceLocation& location) {
  return location.file == "<airlock/svm.h>";
}

void check_parameters(const Program& program) {
  for (const std::string_view word : parameters) {
    const std::string name(word);
    for (const Declared& there : program.declared(name)) {
      if (there.kind != Declared::Kind::parameter && there.kind != Declared::Kind::external) {
        throw InputError(there.location,
                         "'" + name + "' is a parameter of the world, here it is " + there.what, {},
                         "a const global of integer type");
      }
    }
  }
}

void check_entry_points(const Program& program) {
  for (const std::string_view word : entry_points) {
    const std::string name(word);
    for (const Declared& there : program.declared(name)) {
      if (there.kind != Declared::Kind::function) {
        throw InputError(
            there.location,
            "'" + name + "' is a function that the world runs, here it is " + there.what, {},
            "a function, or another name");
      }
    }
  }
}

void check_bodies(const Program& program, const Entries& entries) {
  for (const Function& function : program.functions_without_body()) {
    const bool property = is_property(function, entries);
    if (property || (entries.by_name && is_entry_point(function.name))) {
      throw InputError(
          function.location, "'" + function.name + "' is declared but has no body", {},
          std::string(property ? "a property" : "a function") + " with a body, or no declaration");
    }
  }
}

void check_operations(const Program& program, const Platform& platform) {
  const auto is_operation = [&](const std::string& name) {
    return platform.intrinsic(name).has_value();
  };
  for (const Function& function : program.functions()) {
    if (is_operation(function.name)) {
      throw InputError(function.location, "'" + function.name + "' is the machine's", {},
                       "another name: no file and no fix may define it");
    }
  }
  for (const Function& function : program.functions_without_body()) {
    if (is_operation(function.name) && !is_own_header(function.location)) {
      throw InputError(function.location, "'" + function.name + "' is the machine's", {},
                       "its declaration in <airlock/svm.h>");
    }
  }
  for (const auto& [name, location] : program.macros()) {
    const bool taken =
        is_operation(name) || std::find(built_in.begin(), built_in.end(), name) != built_in.end();
    if (taken) {
      throw InputError(location, "'" + name + "' is built in, here it is a macro", {},
                       "another name");
    }
  }
}

void check_objects(const Program& program, const Platform& platform) {
  const std::map<std::string, SourceLocation> macros = program.macros();
  for (const auto& [leaf, location] : program.objects()) {
    if (!platform.object(leaf)) {
      continue;
    }
    if (!is_own_header(location)) {
      throw InputError(location, "'" + leaf + "' is the machine's", {},
                       "its declaration in <airlock/svm.h>, or another name");
    }
    const auto macro = macros.find(leaf.substr(0, leaf.find('.')));
    if (macro != macros.end()) {
      throw InputError(macro->second, "'" + macro->first + "' is the machine's, here it is a macro",
                       {}, "another name");
    }
  }
}

}  // namespace

void check_words(const Program& program, const Entries& entries, const Platform& platform) {
  check_parameters(program);
  if (entries.by_name) {
    check_entry_points(program);
  }
  check_bodies(program, entries);
  check_operations(program, platform);
  check_objects(program, platform);
}

void check_only_reads(const Program& program, const std::string& function,
                      const std::string& what) {
  for (const Effect& effect : program.effects_of(function)) {
    const Operation* const called =
        effect.kind == Effect::Kind::call ? find_operation(effect.name) : nullptr;
    if (called == nullptr || called->reads.empty()) {
      throw InputError(effect.location, effect.text() + " in " + what, {},
                       "a function that only looks at the state");
    }
  }
}

}  // namespace airlock
