#include "model/world/project.hpp"

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>

#include "model/machine/debugctl.hpp"
#include "model/software/program.hpp"
#include "model/system/input_error.hpp"
#include "model/world/compose.hpp"
#include "model/world/equivalence.hpp"
#include "model/world/manifest.hpp"
#include "model/world/platform.hpp"

namespace airlock {
namespace {

namespace fs = std::filesystem;

constexpr const char* guest_bits = "guest_debugctl_bits";
constexpr const char* has_lbrv = "cpu_has_lbrv";

/// The first sentence of a file's opening comment.
std::string summary_of(const std::string& text) {
  const std::size_t open = text.find("/*");
  const std::size_t close = text.find("*/", open == std::string::npos ? 0 : open);
  if (open == std::string::npos || close == std::string::npos) {
    return {};
  }
  std::string joined;
  bool space = false;
  for (const char c : text.substr(open + 2, close - open - 2)) {
    if (c == '*' && (joined.empty() || space)) {
      continue;
    }
    if (c == ' ' || c == '\n' || c == '\t' || c == '\r') {
      if (joined.ends_with('.')) {
        break;
      }
      space = true;
      continue;
    }
    joined += (space && !joined.empty()) ? " " : "";
    joined += c;
    space = false;
  }
  return joined;
}

std::string joined_list(const std::vector<std::string>& names) {
  std::string result;
  for (const std::string& name : names) {
    result += (result.empty() ? "" : ", ") + name;
  }
  return result.empty() ? "(none)" : result;
}

}  // namespace

struct Project::Impl {
  std::string name;
  std::vector<SourceFile> base;
  std::vector<Fix> fixes;
  std::vector<std::pair<std::string, std::string>> parameter_values;  // in order of application
  std::map<std::string, SourceLocation> places;
  std::map<std::string, bool> actor_defaults;
  std::optional<std::vector<Unreached>> unreached;
  std::map<std::string, std::vector<std::string>> values;
  Settings settings;
  std::map<std::string, std::string> changed_texts;  // of fixes' files, by path
  std::vector<Parameter> parameters;
  std::vector<Actor> actors;

  void add_file(const std::string& path) {
    const bool known = std::any_of(base.begin(), base.end(),
                                   [&](const SourceFile& file) { return file.path == path; });
    if (!known) {
      base.push_back({path, read_file(path)});
      if (base.back().text.find_first_not_of(" \t\r\n") == std::string::npos) {
        throw InputError({path, 1, 1}, "the file is empty", {},
                         "C functions, and vcpu_run() in one of the model's files");
      }
    }
  }

  void add_manifest(const std::string& directory) {
    const Manifest manifest = read_manifest(directory);
    for (const std::string& path : manifest.files) {
      add_file(path);
    }
    for (const std::string& path : manifest.properties) {
      add_file(path);
    }
    for (const std::string& path : manifest.fixes) {
      fixes.push_back({fs::path(path).stem().string(), {path}, summary_of(read_file(path))});
    }
    for (const auto& [key, value] : manifest.parameters) {
      parameter_values.emplace_back(key, value);
    }
    actor_defaults.insert(manifest.actors.begin(), manifest.actors.end());
    places.insert(manifest.places.begin(), manifest.places.end());
    values.insert(manifest.values.begin(), manifest.values.end());
    if (manifest.unreached) {
      if (!unreached) {
        unreached.emplace();
      }
      unreached->insert(unreached->end(), manifest.unreached->begin(), manifest.unreached->end());
    }
  }

  [[nodiscard]] std::vector<SourceFile> fix_sources(const Fix& fix) const {
    std::vector<SourceFile> result;
    for (const std::string& path : fix.files) {
      const auto changed = changed_texts.find(path);
      result.push_back({path, changed == changed_texts.end() ? read_file(path) : changed->second});
    }
    return result;
  }

  /// `path` is a base file or a fix's.
  void replace_text(const std::string& path, const std::string& text) {
    const auto file = std::find_if(base.begin(), base.end(),
                                   [&](const SourceFile& each) { return each.path == path; });
    if (file != base.end()) {
      file->text = text;
    } else {
      changed_texts[path] = text;
    }
  }

  /// Errors come from places that know where, but not always what stands there.
  [[nodiscard]] InputError with_line(const InputError& error, const Fix& fix) const {
    if (error.shows_line() || error.location().line == 0) {
      return error;
    }
    std::vector<SourceFile> files = fix_sources(fix);
    files.insert(files.end(), base.begin(), base.end());
    for (const SourceFile& file : files) {
      if (file.path == error.location().file) {
        std::istringstream lines(file.text);
        std::string line;
        for (unsigned i = 0; i < error.location().line; ++i) {
          std::getline(lines, line);
        }
        return error.at(error.location(), line);
      }
    }
    return error;
  }

  /// A platform without a system of its own, for checking programs.
  struct Skeleton {
    TransitionSystem system;
    Layout layout = add_layout(system, {});
    MachinePlatform platform{layout};
  };

  /// `strict`: every --set must be some file's parameter. At `open` the fixes that will be asked
  /// for are not known yet, and one may bring the parameter.
  [[nodiscard]] Program check(const Fix& fix, const Platform& platform, bool strict = true) const {
    Program program = Program::check(base, fix_sources(fix), platform);
    for (const auto& [key, value] : parameter_values) {
      set_parameter(program, key, value, platform);
    }
    for (const auto& [key, value] : settings.parameters) {
      if (declares(program, key) || is_builtin(key) ||
          (strict && !declared_by_a_fix(key, platform))) {
        set_parameter(program, key, value, platform);
      }
    }
    return program;
  }

  /// A fix may bring parameters of its own; other rows then have nothing to set.
  [[nodiscard]] bool declared_by_a_fix(const std::string& key, const Platform& platform) const {
    return !is_builtin(key) && std::any_of(fixes.begin(), fixes.end(), [&](const Fix& fix) {
      return !fix.files.empty() && declares(Program::check(base, fix_sources(fix), platform), key);
    });
  }

  /// The world's own parameters exist whether or not a file declares them.
  static bool is_builtin(const std::string& key) { return key == guest_bits || key == has_lbrv; }
  static bool declares(const Program& program, const std::string& key) {
    const auto& list = program.parameters();
    return std::any_of(list.begin(), list.end(),
                       [&](const ProgramParameter& p) { return p.name == key; });
  }

  void set_parameter(Program& program, const std::string& key, const std::string& value,
                     const Platform& platform) const {
    if (!declares(program, key) && is_builtin(key)) {
      (void)builtin_value(key, value, platform);
      return;
    }
    if (!declares(program, key)) {
      std::vector<std::string> names;
      for (const ProgramParameter& parameter : program.parameters()) {
        names.push_back(parameter.name);
      }
      const auto place = places.find(key);
      throw InputError(place == places.end() ? SourceLocation{"--set", 0, 0} : place->second,
                       "unknown parameter '" + key + "'", {}, joined_list(names));
    }
    program.set_parameter(key, value);
  }

  static std::uint64_t builtin_value(const std::string& key, const std::string& value,
                                     const Platform& platform) {
    std::uint64_t result = 0;
    std::size_t begin = 0;
    while (begin <= value.size()) {
      const std::size_t end = std::min(value.find('|', begin), value.size());
      const std::string part = value.substr(begin, end - begin);
      if (const auto bit = platform.bit_name(part)) {
        result |= *bit;
      } else {
        std::size_t used = 0;
        try {
          result |= std::stoull(part, &used, 0);
        } catch (const std::exception&) {
          used = std::string::npos;
        }
        if (used != part.size() || part.empty() || part[0] == '-') {
          throw InputError({"--set", 0, 0}, "'" + value + "' is no value for '" + key + "'", {},
                           "an integer, or bit names such as LBR|BTF");
        }
      }
      begin = end + 1;
    }
    return result;
  }

  [[nodiscard]] std::uint64_t parameter(const Program& program, const std::string& key,
                                        std::uint64_t otherwise, const Platform& platform) const {
    for (const ProgramParameter& declared : program.parameters()) {
      if (declared.name == key) {
        return declared.value;
      }
    }
    for (const auto& [name_, value] : parameter_values) {
      if (name_ == key) {
        otherwise = builtin_value(key, value, platform);
      }
    }
    const auto set = settings.parameters.find(key);
    return set == settings.parameters.end() ? otherwise : builtin_value(key, set->second, platform);
  }

  [[nodiscard]] std::set<std::string> enabled_actors(const Program& program) const {
    std::set<std::string> enabled;
    for (const Function& function : program.functions()) {
      if (!is_actor(function.name)) {
        continue;
      }
      const auto found = actor_defaults.find(function.name);
      if (found == actor_defaults.end() || found->second) {
        enabled.insert(function.name);
      }
    }
    for (const std::string& actor : settings.remove_actors) {
      enabled.erase(actor);
    }
    for (const std::string& actor : settings.add_actors) {
      if (program.find_function(actor) != nullptr) {
        enabled.insert(actor);
      }
    }
    return enabled;
  }

  void check_actor_names(const Program& program) const {
    std::vector<std::string> names;
    for (const Function& function : program.functions()) {
      if (is_actor(function.name)) {
        names.push_back(function.name);
      }
    }
    const auto check_name = [&](const std::string& actor, const SourceLocation& where) {
      if (std::find(names.begin(), names.end(), actor) == names.end()) {
        throw InputError(where, "unknown actor '" + actor + "'", {}, joined_list(names));
      }
    };
    for (const auto& [actor, on] : actor_defaults) {
      const auto place = places.find(actor);
      check_name(actor, place == places.end() ? SourceLocation{} : place->second);
    }
    for (const std::string& actor : settings.add_actors) {
      check_name(actor, {"--actor", 0, 0});
    }
    for (const std::string& actor : settings.remove_actors) {
      check_name(actor, {"--no-actor", 0, 0});
    }
  }

  /// Fills the lists that `airlock list` shows, from the base alone.
  void describe() {
    const Skeleton skeleton;
    Program program = check(fixes.front(), skeleton.platform, false);
    check_actor_names(program);
    const std::set<std::string> enabled = enabled_actors(program);
    for (const Function& function : program.functions()) {
      if (is_actor(function.name)) {
        actors.push_back({function.name, enabled.count(function.name) != 0, function.comment});
      }
    }
    parameters = parameters_of(program, skeleton.platform);
    check_values(program, skeleton.platform);
  }

  [[nodiscard]] std::vector<Parameter> parameters_of(const Program& program,
                                                     const Platform& platform) const {
    std::vector<Parameter> result;
    for (const ProgramParameter& p : program.parameters()) {
      const bool bits = p.name == guest_bits;
      result.push_back(
          {p.name, p.value, bits ? shown_builtin(p.name, p.value) : p.shown, p.comment});
    }
    for (const char* key : {guest_bits, has_lbrv}) {
      if (!declares(program, key)) {
        const std::uint64_t value = parameter(program, key, 1, platform);
        result.push_back({key, value, shown_builtin(key, value), builtin_text(key)});
      }
    }
    return result;
  }

  /// What [values] says must be about a parameter of the base or of a fix, and possible.
  void check_values(Program& program, const Platform& platform) const {
    for (const auto& [key, list] : values) {
      if (!declares(program, key) && declared_by_a_fix(key, platform)) {
        continue;  // checked where it is used
      }
      const SourceLocation place = places.at(key);
      for (const std::string& value : list) {
        try {
          set_parameter(program, key, value, platform);
        } catch (const InputError& error) {
          throw error.location().line == 0 ? error.at(place, {}) : error;
        }
      }
    }
  }

  static std::string shown_builtin(const std::string& key, std::uint64_t value) {
    if (key != guest_bits) {
      return std::to_string(value);
    }
    const Variable bits{key, Sort::bits(64), {}, machine_debugctl_display(), {}};
    return format_value(bits, value);
  }
  static Display machine_debugctl_display() {
    TransitionSystem system;
    const Layout layout = add_layout(system, {});
    return system.variables[layout.machine.cpu.debugctl].display;
  }
  static std::string builtin_text(const std::string& key) {
    return key == guest_bits ? "The DebugCtl bits that the guest's virtual CPU implements."
                             : "1 if the CPU has LBR virtualisation (Fn8000_000A_EDX[LbrVirt]).";
  }

  /// The functions from which everything runs that a run of the world runs.
  [[nodiscard]] static std::set<std::string> entries(const std::set<std::string>& actors) {
    std::set<std::string> result(actors);
    result.insert({"vcpu_create", "boot", "vcpu_run"});
    const bool task_switches = std::any_of(actors.begin(), actors.end(), [](const auto& actor) {
      return actor.starts_with("task_switch_");
    });
    if (task_switches) {
      result.insert("vcpu_load");
    }
    return result;
  }

  /// `options`: what to add to the world; parameters come from the program. `code`, if given, gets
  /// what the world's C code consists of.
  [[nodiscard]] LaidOutWorld build(const Fix& fix, WorldOptions options,
                                   std::vector<CodePoint>* code = nullptr) const {
    const Skeleton skeleton;
    const Program program = check(fix, skeleton.platform);
    options.guest_debugctl_bits = parameter(program, guest_bits, 1, skeleton.platform);
    if ((options.guest_debugctl_bits & ~machine::debugctl::implemented) != 0) {
      throw InputError({"--set", 0, 0},
                       "'guest_debugctl_bits' has a bit that the model's DebugCtl does not have",
                       {}, "LBR, BTF, BLCKDB, FLBRI and FPMCI, joined with '|'");
    }
    options.cpu_has_lbrv = parameter(program, has_lbrv, 1, skeleton.platform) != 0;
    LaidOutWorld result;
    result.layout = add_layout(result.system, options);
    const std::set<std::string> enabled = enabled_actors(program);
    try {
      compose(result.system, result.layout, {program, enabled});
      if (code != nullptr) {
        *code = program.code_points(entries(enabled));
      }
    } catch (const InputError& error) {
      throw with_line(error, fix);
    }
    return result;
  }
};

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
  const Impl::Skeleton skeleton;
  return impl_->parameters_of(impl_->check(fix, skeleton.platform, false), skeleton.platform);
}
const std::vector<Actor>& Project::actors() const {
  return impl_->actors;
}

Fix Project::fix(const std::string& spec) const {
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
  return result;
}

std::map<std::string, std::string> Project::sources() const {
  std::map<std::string, std::string> result;
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
  return {fix, impl_->build(fix, {}).system};
}

CostWorld Project::build_for_cost(const Fix& fix) const {
  WorldOptions options;
  options.measure_cost = true;
  auto [system, layout] = impl_->build(fix, options);
  const Expr entry = system.variable(layout.cost->entry_complete);
  const Expr fastpath = system.variable(layout.cost->fastpath_complete);
  return {std::move(system), entry, fastpath, layout.cost->rdmsr, layout.cost->wrmsr};
}

TwinSystem Project::build_host_to_guest(const Fix& fix) const {
  WorldOptions options;
  options.observe_guest = true;
  options.follow_guest = true;
  return host_to_guest(impl_->build(fix, options));
}

TwinSystem Project::build_guest_to_host(const Fix& fix) const {
  return guest_to_host(impl_->build(fix, {}));
}

TransitionSystem Project::build_equivalence(const Project& changed, const Fix& fix) const {
  WorldOptions options;
  options.observe_guest = true;
  return equivalence(impl_->build(fix, options), changed.impl_->build(fix, options));
}

TransitionSystem Project::build_silence(const Fix& fix) const {
  WorldOptions options;
  options.observe_guest = true;
  return silence_ends(impl_->build(fix, options));
}

RememberingWorld Project::build_with_memory(const Fix& fix) const {
  LaidOutWorld world = impl_->build(fix, {});
  TransitionSystem& system = world.system;
  const VarId has_run = system.add_variable("the guest has run", Sort::boolean(),
                                            system.pool->boolean(false), {}, "hidden");
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

Project Project::with_text(const std::string& path, const std::string& text) const {
  auto impl = std::make_unique<Impl>(*impl_);
  impl->replace_text(path, text);
  return Project(std::move(impl));
}

std::vector<Mutant> Project::mutants(const Fix& fix) const {
  std::vector<Mutant> result;
  std::set<std::string> functions;
  for (const SourceFile& file : impl_->fix_sources(fix)) {
    functions.merge(functions_of(file));
    for (Mutant& mutant : airlock::mutants(file)) {
      result.push_back(std::move(mutant));
    }
  }
  for (const SourceFile& file : impl_->base) {
    for (Mutant& mutant : moved_calls(file, functions)) {
      result.push_back(std::move(mutant));
    }
  }
  return result;
}

namespace {

/// Where a fix's pieces are: in its own files, and where the base calls its functions.
struct ScopedFile {
  const SourceFile* file;
  ElementScope scope;
};

std::vector<ScopedFile> scopes_of(const std::vector<SourceFile>& fix,
                                  const std::vector<SourceFile>& base) {
  std::vector<ScopedFile> result;
  std::set<std::string> functions;
  for (const SourceFile& file : fix) {
    ScopedFile scoped{&file, {}};
    for (const std::string& function : functions_of(file)) {
      if (is_property(function) || function == "guest_dr6") {
        scoped.scope.without.insert(function);
      }
      functions.insert(function);
    }
    result.push_back(std::move(scoped));
  }
  for (const SourceFile& file : base) {
    if (!functions.empty()) {
      result.push_back({&file, {{}, functions}});
    }
  }
  return result;
}

}  // namespace

std::vector<Element> Project::elements(const Fix& fix) const {
  std::vector<Element> result;
  const std::vector<SourceFile> files = impl_->fix_sources(fix);
  for (const ScopedFile& scoped : scopes_of(files, impl_->base)) {
    for (Element& element : elements_of(*scoped.file, scoped.scope)) {
      result.push_back(std::move(element));
    }
  }
  return result;
}

World Project::build_relaxed(const Fix& fix, const Relaxation& relaxation) const {
  Impl changed = *impl_;
  const std::vector<SourceFile> files = impl_->fix_sources(fix);
  std::size_t first = 0;
  for (const ScopedFile& scoped : scopes_of(files, impl_->base)) {
    const std::size_t count = elements_of(*scoped.file, scoped.scope).size();
    std::set<std::size_t> here;
    for (std::size_t i = 0; i < count; ++i) {
      if (relaxation.elements.count(first + i) != 0) {
        here.insert(i);
      }
    }
    first += count;
    if (!here.empty()) {
      changed.replace_text(scoped.file->path, relaxed(*scoped.file, scoped.scope, here));
    }
  }
  for (const std::string& actor : relaxation.actors) {
    auto& removed = changed.settings.remove_actors;
    removed.erase(std::remove(removed.begin(), removed.end(), actor), removed.end());
    changed.settings.add_actors.push_back(actor);
  }
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

const std::map<std::string, std::vector<std::string>>& Project::values() const {
  return impl_->values;
}

CoverageWorld Project::build_for_coverage(const Fix& fix) const {
  WorldOptions options;
  options.coverage = true;
  CoverageWorld world{fix, {}, {}};
  world.system = impl_->build(fix, options, &world.code).system;
  return world;
}

const std::optional<std::vector<Unreached>>& Project::unreached() const {
  return impl_->unreached;
}

}  // namespace airlock
