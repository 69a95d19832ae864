// Opening a project, and the worlds that are built of it.
#include "model/world/project.hpp"

#include <algorithm>
#include <filesystem>

#include "model/world/equivalence.hpp"
#include "model/world/project_impl.hpp"

namespace airlock {

namespace fs = std::filesystem;

Project::Project(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Project::~Project() = default;
Project::Project(Project&&) noexcept = default;
Project& Project::operator=(Project&&) noexcept = default;

Project Project::open(const std::vector<std::string>& models, const Settings& settings) {
  auto impl = std::make_unique<Impl>();
  impl->settings = settings;
  impl->fixes.push_back({"none", {}, "The base as it is."});
  for (const std::string& model : models) {
    impl->name += (impl->name.empty() ? "" : " ") + model;
    std::error_code ignored;  // a name that is too long, say: read_file() tells
    if (fs::is_directory(model, ignored)) {
      impl->add_manifest(model);
    } else {
      impl->add_file(model);
    }
  }
  if (settings.guarantees) {
    impl->add_stock_properties();
  }
  impl->add_features();
  impl->describe();
  return Project(std::move(impl));
}

const std::string& Project::name() const {
  return impl_->name;
}
const std::vector<Fix>& Project::fixes() const {
  return impl_->fixes;
}
const std::vector<Parameter>& Project::parameters() const {
  return impl_->parameters;
}
std::vector<Parameter> Project::parameters(const Fix& fix) const {
  const Impl::Skeleton skeleton(impl_->features);
  return impl_->parameters_of(impl_->check(fix, skeleton.platform, false), skeleton.platform);
}
const std::vector<Actor>& Project::actors() const {
  return impl_->actors;
}
std::vector<FeatureSwitch> Project::features() const {
  std::vector<FeatureSwitch> result;
  for (const machine::FeatureText& each : machine::features_declared()) {
    result.push_back(
        {std::string(each.name), impl_->features.contains(each.feature), std::string(each.text)});
  }
  return result;
}
const std::vector<std::string>& Project::property_names() const {
  return impl_->property_names;
}

Fix Project::fix(const std::string& given) const {
  const bool has_base = std::any_of(impl_->fixes.begin(), impl_->fixes.end(),
                                    [](const Fix& fix) { return fix.name == "base"; });
  const std::string spec = given == "base" && !has_base ? "none" : given;  // as people read it
  for (const Fix& fix : impl_->fixes) {
    if (fix.name == spec && !fix.row.empty()) {  // whose name may have a '+' in it
      return fix;
    }
  }
  Fix result;
  result.name = spec;
  std::size_t begin = 0;
  while (begin <= spec.size()) {
    const std::size_t end = std::min(spec.find('+', begin), spec.size());
    const std::string part = spec.substr(begin, end - begin);
    const auto named = std::find_if(impl_->fixes.begin(), impl_->fixes.end(),
                                    [&](const Fix& fix) { return fix.name == part; });
    if (named != impl_->fixes.end()) {
      result.files.insert(result.files.end(), named->files.begin(), named->files.end());
      if (result.summary.empty()) {
        result.summary = named->summary;
      }
      if (!result.row.empty() && !named->row.empty()) {
        throw InputError({"--fix", 0, 0},
                         "'" + result.row + "' and '" + named->row + "' are both whole trees", {},
                         "one of them");
      }
      result.row = result.row.empty() ? named->row : result.row;
    } else if (std::error_code ignored; fs::is_regular_file(part, ignored)) {
      result.files.push_back(part);
      if (result.summary.empty()) {
        result.summary = summary_of(read_file(part));
      }
    } else {
      std::vector<std::string> names;
      for (const Fix& fix : impl_->fixes) {
        names.push_back(fix.name);
      }
      throw InputError({"--fix", 0, 0}, "unknown fix '" + part + "': no such name and no such file",
                       {}, joined_list(names) + ", or the path of a C file");
    }
    begin = end + 1;
  }
  if (result.row.empty() && !impl_->rows.empty()) {
    result.row = impl_->rows.front().name;
  }
  return result;
}

std::map<std::string, std::string> Project::sources() const {
  std::map<std::string, std::string> result;
  for (const Variant& row : impl_->rows) {
    for (const std::vector<SourceFile>* list : {&row.files, &row.headers}) {
      for (const SourceFile& file : *list) {
        const auto [at, fresh] = result.try_emplace(file.path, file.text);
        if (!fresh && at->second != file.text) {
          result[file.path + " (" + row.name + ")"] = file.text;
        }
      }
    }
  }
  for (const SourceFile& file : impl_->base) {
    result[file.path] = file.text;
  }
  for (const Fix& fix : impl_->fixes) {
    for (const SourceFile& file : impl_->fix_sources(fix)) {
      result[file.path] = file.text;
    }
  }
  return result;
}

World Project::build(const Fix& fix) const {
  return {fix, impl_
                   ->build(fix, {}, nullptr, nullptr,
                           impl_->settings.guest ? &*impl_->settings.guest : nullptr)
                   .system};
}

GuestWorld Project::build_with_guest(const Fix& fix, const GuestSource& guest) const {
  LaidOutWorld world = impl_->build(fix, {}, nullptr, nullptr, &guest);
  return {std::move(world.system), *world.guest};
}

GuestWorld Project::build_guest_alone(const Fix& fix, const GuestSource& guest) const {
  LaidOutWorld world = impl_->build_guest_alone(fix, guest);
  return {std::move(world.system), *world.guest};
}

CostWorld Project::build_for_cost(const Fix& fix) const {
  WorldOptions options;
  options.measure_cost = true;
  LaidOutWorld world = impl_->build(fix, options);
  TransitionSystem& system = world.system;
  const Layout& layout = world.layout;
  const Expr entry = system.variable(layout.cost->entry_complete);
  const Expr fastpath = system.variable(layout.cost->fastpath_complete);
  return {std::move(system), entry, fastpath, layout.cost->rdmsr, layout.cost->wrmsr};
}

TwinSystem Project::build_host_to_guest(const Fix& fix) const {
  WorldOptions options;
  options.observe_guest = true;
  options.two_runs = true;
  options.follow_guest = true;
  return host_to_guest(impl_->build(fix, options));
}

TwinSystem Project::build_guest_to_host(const Fix& fix) const {
  WorldOptions options;
  options.two_runs = true;
  return guest_to_host(impl_->build(fix, options));
}

TransitionSystem Project::build_equivalence(const Project& changed, const Fix& fix) const {
  WorldOptions options;
  options.observe_guest = true;
  options.two_runs = true;
  return equivalence(impl_->build(fix, options), changed.impl_->build(fix, options));
}

TransitionSystem Project::build_silence(const Fix& fix) const {
  WorldOptions options;
  options.observe_guest = true;
  options.two_runs = true;
  return silence_ends(impl_->build(fix, options));
}

RememberingWorld Project::build_with_memory(const Fix& fix) const {
  LaidOutWorld world = impl_->build(fix, {});
  TransitionSystem& system = world.system;
  const VarId has_run = system.add_variable("the guest has run", Sort::boolean(),
                                            system.pool->boolean(false), {}, hidden());
  const VarId guest_mode = world.layout.machine.cpu.guest_mode;
  for (Rule& rule : system.rules) {
    for (const Update& update : rule.updates) {
      if (update.variable == guest_mode) {
        const Expr exits = system.variable(guest_mode) && !update.value;
        rule.updates.push_back({has_run, system.variable(has_run) || exits});
        break;
      }
    }
  }
  validate(system);
  const Expr guest_has_run = system.variable(has_run);
  return {std::move(system), guest_has_run};
}

CoverageWorld Project::build_for_coverage(const Fix& fix) const {
  WorldOptions options;
  options.coverage = true;
  CoverageWorld world{fix, {}, {}, {}, {}, {}};
  const auto numbering = std::make_shared<Numbering>();
  world.system = impl_->build(fix, options, &world, numbering.get()).system;
  std::set<std::string> asked;
  for (OtherValue& other : other_values(fix)) {
    asked.insert(other.parameter);
    world.others.push_back({other, [this, fix, other, numbering] {
                              return impl_->build_with(fix, other, *numbering);
                            }});
  }
  for (Parameter& parameter : parameters(fix)) {
    if (asked.count(parameter.name) == 0) {
      world.single.push_back(std::move(parameter));
    }
  }
  return world;
}

bool Project::has_manifest() const {
  return impl_->has_manifest;
}

const std::vector<Unreached>& Project::unreached() const {
  return impl_->unreached;
}

}  // namespace airlock
