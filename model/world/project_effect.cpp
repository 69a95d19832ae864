// A fix that does nothing: a function whose name replaces none (a typing error, or a fix for
// another model) and that nothing calls, a global or a parameter that nothing looks at. The world
// would be the base's, and "still violated" would be said of the fix. So this is an error.
//
// In a stack, a later fix may replace the only caller of an earlier one's helper. What an earlier
// fix brings is therefore judged in the stack that ends with it. A function that replaces one of
// the base's is no error even where nothing calls it: the base has it, too, and coverage says of it
// that it never runs.
#include <algorithm>

#include "model/system/suggest.hpp"
#include "model/world/project_impl.hpp"

namespace airlock {
namespace {

/// All that a world of these entries can enter, actors that are off included.
std::set<std::string> all_entries(const Program& program, const Entries& entries) {
  std::set<std::string> result{entries.run,  entries.create,      entries.boot,
                               entries.load, entries.enter_guest, entries.guest_dr6};
  for (const ActorEntry& actor : entries.actors) {
    result.insert(actor.function);
  }
  for (const Function& function : program.functions()) {
    if (is_property(function, entries)) {
      result.insert(function.name);
    }
  }
  result.erase("");
  return result;
}

}  // namespace

std::set<std::string> Project::Impl::functions_of_no_use(const Fix& fix, const Program& program,
                                                         const Entries& entered_by) const {
  std::set<std::string> own(fix.files.begin(), fix.files.end());
  for (const SourceFile& file : base_of(fix)) {
    own.insert(file.path);
  }
  const Used used = program.used_from(all_entries(program, entered_by));
  std::set<std::string> result;
  for (const Function& function : program.functions()) {
    if (own.count(function.location.file) != 0 && used.functions.count(function.name) == 0) {
      result.insert(function.name);
    }
  }
  return result;
}

void Project::Impl::check_effect_of_last(const Fix& fix, const Program& program,
                                         const Entries& entered_by,
                                         const Platform& platform) const {
  const std::string& file = fix.files.back();
  const std::set<std::string> idle = functions_of_no_use(fix, program, entered_by);
  std::vector<const Function*> suspects;
  for (const Function& function : program.functions()) {
    if (function.location.file == file && idle.count(function.name) != 0) {
      suspects.push_back(&function);
    }
  }
  Fix below = fix;
  below.files.pop_back();
  if (!suspects.empty()) {
    const Program before = read(below, platform);
    std::vector<std::string> names;
    for (const Function& function : before.functions()) {
      names.push_back(function.name);
    }
    for (const Function* function : suspects) {
      if (before.find_function(function->name) == nullptr) {
        throw with_line(InputError(function->location,
                                   "'" + function->name +
                                       "' has no effect: it replaces no function, nothing calls "
                                       "it, and it is neither an actor nor a property",
                                   {}, suggestion(function->name, names)),
                        fix);
      }
    }
  }
  const Used used = program.used_from(all_entries(program, entered_by));
  for (const auto& [object, location] : program.defined_objects()) {
    if (location.file == file && used.objects.count(object) == 0 && !is_builtin(object)) {
      throw with_line(InputError(location, "'" + object + "' has no effect: nothing reads it", {},
                                 "a use of it in one of the fix's functions"),
                      fix);
    }
  }
}

void Project::Impl::check_effect(const Fix& fix, const Program& program,
                                 const Entries& entered_by) const {
  const Skeleton skeleton(features);
  for (std::size_t count = 1; count <= fix.files.size(); ++count) {
    if (count == fix.files.size()) {
      check_effect_of_last(fix, program, entered_by, skeleton.platform);
      return;
    }
    Fix stack = fix;
    stack.files.resize(count);
    const Program earlier = read(stack, skeleton.platform);
    check_effect_of_last(stack, earlier, entries_of(stack, earlier), skeleton.platform);
  }
}

}  // namespace airlock
