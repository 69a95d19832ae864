// A project with something about it changed: a file's text, a fix's lines mutated or relaxed, a
// parameter.
#include <algorithm>
#include <set>

#include "model/world/machine_words.hpp"
#include "model/world/project.hpp"
#include "model/world/project_impl.hpp"

namespace airlock {

Project Project::with_text(const std::string& path, const std::string& text) const {
  auto impl = std::make_unique<Impl>(*impl_);
  impl->replace_text(path, text);
  return Project(std::move(impl));
}

std::vector<Mutant> Project::mutants(const Fix& fix) const {
  std::vector<Mutant> result;
  if (fix.files.empty() && !fix.row.empty()) {
    for (const SourceFile& file : impl_->base_of(fix)) {
      const std::map<std::string, FunctionText> changed = impl_->changed_functions(file);
      for (Mutant& mutant : airlock::mutants(file, machine_words())) {
        if (std::any_of(changed.begin(), changed.end(), [&](const auto& function) {
              return function.second.first_line <= mutant.line &&
                     mutant.line <= function.second.last_line;
            })) {
          result.push_back(std::move(mutant));
        }
      }
    }
    return result;
  }
  std::set<std::string> functions;
  for (const SourceFile& file : impl_->fix_sources(fix)) {
    functions.merge(functions_of(file));
    for (Mutant& mutant : airlock::mutants(file, machine_words())) {
      result.push_back(std::move(mutant));
    }
  }
  for (const SourceFile& file : impl_->base_of(fix)) {
    for (Mutant& mutant : moved_calls(file, functions, machine_words())) {
      result.push_back(std::move(mutant));
    }
  }
  return result;
}

/// A row's pieces are in the functions that it has otherwise than the first row.
std::vector<Project::Impl::ScopedFile> Project::Impl::scopes_of_row(const Fix& fix) const {
  std::vector<ScopedFile> result;
  for (const SourceFile& file : base_of(fix)) {
    const std::map<std::string, FunctionText> changed = changed_functions(file);
    ScopedFile scoped{&file, {}};
    bool any = false;
    for (const std::string& function : functions_of(file)) {
      if (changed.count(function) == 0 || is_evaluated(fix, function)) {
        scoped.scope.without.insert(function);
      } else {
        any = true;
      }
    }
    if (any) {
      result.push_back(std::move(scoped));
    }
  }
  return result;
}

/// `fix`: the files that are put on top.
std::vector<Project::Impl::ScopedFile> Project::Impl::scopes_of(
    const Fix& what, const std::vector<SourceFile>& fix) const {
  if (what.files.empty() && !what.row.empty()) {
    return scopes_of_row(what);
  }
  std::vector<ScopedFile> result;
  std::set<std::string> functions;
  for (const SourceFile& file : fix) {
    ScopedFile scoped{&file, {}};
    for (const std::string& function : functions_of(file)) {
      if (is_evaluated(what, function)) {
        scoped.scope.without.insert(function);
      }
      functions.insert(function);
    }
    result.push_back(std::move(scoped));
  }
  for (const SourceFile& file : base_of(what)) {
    if (!functions.empty()) {
      result.push_back({&file, {{}, functions}});
    }
  }
  return result;
}

std::vector<Element> Project::elements(const Fix& fix) const {
  std::vector<Element> result;
  const std::vector<SourceFile> files = impl_->fix_sources(fix);
  for (const Impl::ScopedFile& scoped : impl_->scopes_of(fix, files)) {
    for (Element& element : elements_of(*scoped.file, scoped.scope, machine_words())) {
      result.push_back(std::move(element));
    }
  }
  return result;
}

World Project::build_relaxed(const Fix& fix, const Relaxation& relaxation) const {
  Impl changed = *impl_;
  const std::vector<SourceFile> files = impl_->fix_sources(fix);
  std::size_t first = 0;
  for (const Impl::ScopedFile& scoped : impl_->scopes_of(fix, files)) {
    const std::size_t count = elements_of(*scoped.file, scoped.scope, machine_words()).size();
    std::set<std::size_t> here;
    for (std::size_t i = 0; i < count; ++i) {
      if (relaxation.elements.count(first + i) != 0) {
        here.insert(i);
      }
    }
    first += count;
    if (!here.empty()) {
      changed.replace_text(scoped.file->path,
                           relaxed(*scoped.file, scoped.scope, here, machine_words()));
    }
  }
  for (const std::string& actor : relaxation.actors) {
    auto& removed = changed.settings.remove_actors;
    removed.erase(std::remove(removed.begin(), removed.end(), actor), removed.end());
    changed.settings.add_actors.push_back(actor);
  }
  changed.with_can_continue = false;
  return {fix, changed.build(fix, {}).system};
}

Project Project::with_parameter(const std::string& name, const std::string& value) const {
  auto impl = std::make_unique<Impl>(*impl_);
  impl->settings.parameters[name] = value;
  impl->parameters.clear();
  impl->actors.clear();
  impl->describe();
  return Project(std::move(impl));
}

std::vector<OtherValue> Project::other_values(const Fix& fix) const {
  const Impl::Skeleton skeleton(impl_->features);
  Program program = impl_->check(fix, skeleton.platform, false);
  std::vector<OtherValue> result;
  for (const Parameter& in_force : impl_->parameters_of(program, skeleton.platform)) {
    const auto named = impl_->values.find(in_force.name);
    if (named == impl_->values.end()) {
      continue;
    }
    std::set<std::uint64_t> known{in_force.value};
    for (const std::string& text : named->second) {
      try {
        const Parameter other = impl_->with_value(program, in_force.name, text, skeleton.platform);
        if (known.insert(other.value).second) {
          result.push_back({in_force.name, text, other.shown});
        }
      } catch (const InputError& error) {
        throw error.location().line == 0 ? error.at(impl_->place_of(in_force.name), {}) : error;
      }
    }
  }
  return result;
}

TransitionSystem Project::Impl::build_with(const Fix& fix, const OtherValue& other,
                                           Numbering& numbering) const {
  Impl changed = *this;
  changed.settings.parameters[other.parameter] = other.text;
  try {
    return changed.build(fix, {}, nullptr, &numbering).system;
  } catch (const InputError& error) {
    const InputError named =
        error.under("with " + other.parameter + "=" + other.text + ", which [values] names");
    throw named.location().line == 0 ? named.at(place_of(other.parameter), {}) : named;
  }
}

}  // namespace airlock
