// A model from memory: its rows are whole versions of the base, as a tree, a tree with a patch and
// a tree with two patches are, where a manifest's fixes are files on top of one base. Everything
// else about them is a project like any other. What a row *says* (for needs and mutants) is what it
// has otherwise than the first row, function by function.
#include <algorithm>

#include "model/world/project_impl.hpp"

namespace airlock {

Project Project::of(ModelSources model, const Settings& settings) {
  auto impl = std::make_unique<Impl>();
  impl->name = std::move(model.name);
  impl->settings = settings;
  impl->entries = std::move(model.entries);
  impl->rows = std::move(model.rows);
  impl->check_rows();
  for (Variant& row : impl->rows) {
    row.files.insert(row.files.end(), model.properties.begin(), model.properties.end());
    impl->fixes.push_back({row.name, {}, row.summary, row.name});
  }
  impl->add_features();
  impl->parameter_values = std::move(model.parameters);
  impl->actor_defaults = std::move(model.actors);
  impl->values = std::move(model.values);
  impl->unreached = std::move(model.unreached);
  impl->has_manifest = true;  // it says what may stay unreached
  try {
    impl->describe();
  } catch (const InputError& error) {
    throw impl->with_line(error, impl->fixes.front());
  }
  return Project(std::move(impl));
}

void Project::Impl::check_rows() const {
  if (rows.empty()) {
    throw InputError({}, "the model '" + name + "' has no row", {}, "the base, at least");
  }
  std::set<std::string> names;
  for (const Variant& row : rows) {
    if (row.name.empty() || !names.insert(row.name).second) {
      throw InputError({}, "two rows are called '" + row.name + "', or one has no name", {},
                       "a name for each row");
    }
    std::set<std::string> paths;
    for (const std::vector<SourceFile>* list : {&row.files, &row.headers}) {
      for (const SourceFile& file : *list) {
        if (!paths.insert(file.path).second) {
          throw InputError({file.path, 0, 0}, "row '" + row.name + "' has this file twice");
        }
      }
    }
  }
}

const Variant* Project::Impl::row_of(const Fix& fix) const {
  const auto found = std::find_if(rows.begin(), rows.end(),
                                  [&](const Variant& row) { return row.name == fix.row; });
  return found == rows.end() ? nullptr : &*found;
}

const std::vector<SourceFile>& Project::Impl::base_of(const Fix& fix) const {
  const Variant* row = row_of(fix);
  return row == nullptr ? base : row->files;
}

Entries Project::Impl::entries_of(const Fix& fix, const Program& program) const {
  const Variant* row = row_of(fix);
  if (row != nullptr && row->entries) {
    return *row->entries;
  }
  return entries ? *entries : entries_by_name(program);
}

std::vector<std::string> Project::Impl::actor_names(const Program& program) const {
  std::vector<std::string> names;
  const auto add = [&](const Entries& some) {
    for (const ActorEntry& actor : some.actors) {
      if (std::find(names.begin(), names.end(), actor.name) == names.end()) {
        names.push_back(actor.name);
      }
    }
  };
  add(entries_of(fixes.front(), program));
  for (const Variant& row : rows) {
    if (row.entries) {
      add(*row.entries);
    }
  }
  return names;
}

bool Project::Impl::replace_in_rows(const std::string& path, const std::string& text) {
  bool found = false;
  for (Variant& row : rows) {
    for (std::vector<SourceFile>* list : {&row.files, &row.headers}) {
      for (SourceFile& file : *list) {
        if (file.path == path) {
          file.text = text;
          found = true;
        }
      }
    }
  }
  return found;
}

std::map<std::string, FunctionText> Project::Impl::changed_functions(const SourceFile& file) const {
  std::map<std::string, FunctionText> result = function_texts(file);
  for (const SourceFile& first : rows.front().files) {
    if (first.path == file.path) {
      for (const auto& [called, function] : function_texts(first)) {
        const auto found = result.find(called);
        if (found != result.end() && found->second.text == function.text) {
          result.erase(found);
        }
      }
    }
  }
  return result;
}

bool Project::Impl::is_evaluated(const Fix& fix, const std::string& function) const {
  const Variant* row = row_of(fix);
  const std::optional<Entries>& own = row != nullptr && row->entries ? row->entries : entries;
  return is_property(function) || function == (own ? own->guest_dr6 : "guest_dr6");
}

}  // namespace airlock
