#include "model/world/project_impl.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <sstream>

#include "model/machine/debugctl.hpp"
#include "model/software/embedded.hpp"
#include "model/software/parameter_value.hpp"
#include "model/system/suggest.hpp"
#include "model/world/guest_alone.hpp"

namespace airlock {

namespace fs = std::filesystem;

namespace {

constexpr const char* guest_bits = "guest_debugctl_bits";
constexpr const char* has_lbrv = "cpu_has_lbrv";

}  // namespace

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

void Project::Impl::add_file(const std::string& path) {
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

void Project::Impl::add_manifest(const std::string& directory) {
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
  feature_defaults.insert(manifest.features.begin(), manifest.features.end());
  places.insert(manifest.places.begin(), manifest.places.end());
  values.insert(manifest.values.begin(), manifest.values.end());
  unreached.insert(unreached.end(), manifest.unreached.begin(), manifest.unreached.end());
  has_manifest = true;
}

void Project::Impl::add_stock_properties() {
  add_stock_file("properties/guarantees.c");
  add_stock_file("properties/guards.c");
}

void Project::Impl::add_stock_file(std::string_view stock) {
  const std::string text(embedded_spec(stock));
  const auto add = [&](std::vector<SourceFile>& files) {
    const bool known = std::any_of(files.begin(), files.end(),
                                   [&](const SourceFile& file) { return file.text == text; });
    if (!known) {  // called as svm.h is, for it is no file of the user's
      files.push_back({fmt::format("<airlock/{}>", stock.substr(stock.find('/') + 1)), text});
    }
  };
  for (Variant& row : rows) {
    add(row.files);
  }
  if (rows.empty()) {
    add(base);
  }
}

/// The manifest's, then what the command line turns on and off; with the properties of those on.
void Project::Impl::add_features() {
  const auto feature = [&](const std::string& word, const SourceLocation& where) {
    std::vector<std::string> names;
    for (const machine::FeatureText& each : machine::features_declared()) {
      names.emplace_back(each.name);
    }
    const std::optional<machine::Feature> found = machine::feature_by_name(word);
    if (!found) {
      throw InputError(where, "there is no feature '" + word + "'", {}, suggestion(word, names));
    }
    return *found;
  };
  for (const auto& [word, on] : feature_defaults) {
    const auto place = places.find(word);
    const machine::Feature found =
        feature(word, place == places.end() ? SourceLocation{} : place->second);
    if (on) {
      features.insert(found);
    }
  }
  for (const std::string& word : settings.remove_features) {
    features.erase(feature(word, {"--no-feature", 0, 0}));
  }
  for (const std::string& word : settings.add_features) {
    features.insert(feature(word, {"--feature", 0, 0}));
  }
  for (const machine::FeatureText& each : machine::features_declared()) {
    if (features.contains(each.feature)) {
      add_stock_file(each.properties);
    }
  }
}

std::vector<SourceFile> Project::Impl::fix_sources(const Fix& fix) const {
  std::vector<SourceFile> result;
  for (const std::string& path : fix.files) {
    const auto changed = changed_texts.find(path);
    result.push_back({path, changed == changed_texts.end() ? read_file(path) : changed->second});
  }
  return result;
}

void Project::Impl::replace_text(const std::string& path, const std::string& text) {
  const auto file = std::find_if(base.begin(), base.end(),
                                 [&](const SourceFile& each) { return each.path == path; });
  if (file != base.end()) {
    file->text = text;
  } else if (!replace_in_rows(path, text)) {
    changed_texts[path] = text;
  }
}

InputError Project::Impl::with_line(const InputError& error, const Fix& fix) const {
  if (error.shows_line() || error.location().line == 0) {
    return error;
  }
  std::vector<SourceFile> files = fix_sources(fix);
  const std::vector<SourceFile>& below = base_of(fix);
  files.insert(files.end(), below.begin(), below.end());
  if (const Variant* row = row_of(fix)) {
    files.insert(files.end(), row->headers.begin(), row->headers.end());
  }
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

Program Project::Impl::check(const Fix& fix, const Platform& platform, bool strict) const {
  Program program = read(fix, platform);
  for (const auto& [key, value] : parameter_values) {
    // (A patch may add a parameter, or take it away.)
    if (rows.empty() || declares(program, key) || is_builtin(key) ||
        !declared_by_a_fix(key, platform)) {
      set_parameter(program, key, value, platform);
    }
  }
  for (const auto& [key, value] : settings.parameters) {
    if (declares(program, key) || is_builtin(key) ||
        (strict && !declared_by_a_fix(key, platform))) {
      set_parameter(program, key, value, platform);
    }
  }
  return program;
}

Program Project::Impl::read(const Fix& fix, const Platform& platform) const {
  const Variant* row = row_of(fix);
  return Program::check(base_of(fix), fix_sources(fix), platform,
                        row == nullptr ? nullptr : &row->headers);
}

bool Project::Impl::declared_by_a_fix(const std::string& key, const Platform& platform) const {
  return !is_builtin(key) && std::any_of(fixes.begin(), fixes.end(), [&](const Fix& fix) {
    return (!fix.files.empty() || !fix.row.empty()) && declares(read(fix, platform), key);
  });
}

bool Project::Impl::is_builtin(const std::string& key) {
  return key == guest_bits || key == has_lbrv;
}

bool Project::Impl::declares(const Program& program, const std::string& key) {
  const auto& list = program.parameters();
  return std::any_of(list.begin(), list.end(),
                     [&](const ProgramParameter& p) { return p.name == key; });
}

void Project::Impl::set_parameter(Program& program, const std::string& key,
                                  const std::string& value, const Platform& platform) const {
  if (!declares(program, key) && is_builtin(key)) {
    (void)builtin_value(key, value, platform);
    return;
  }
  if (!declares(program, key)) {
    std::vector<std::string> names;
    for (const ProgramParameter& parameter : program.parameters()) {
      names.push_back(parameter.name);
    }
    throw InputError(place_of(key), "unknown parameter '" + key + "'", {}, joined_list(names));
  }
  program.set_parameter(key, value);
}

SourceLocation Project::Impl::place_of(const std::string& key) const {
  const auto place = places.find(key);
  return place == places.end() ? SourceLocation{"--set", 0, 0} : place->second;
}

std::uint64_t Project::Impl::builtin_value(const std::string& key, const std::string& value,
                                           const Platform& platform) {
  const ParameterRange range =
      key == has_lbrv ? ParameterRange{1, false, "bool"} : ParameterRange{64, false, "u64"};
  return parse_parameter_value(key, value, range,
                               [&](const std::string& word) {
                                 return word == "true" || word == "false"
                                            ? std::optional<std::uint64_t>(word == "true" ? 1 : 0)
                                            : platform.bit_name(word);
                               })
      .bits;
}

std::uint64_t Project::Impl::parameter(const Program& program, const std::string& key,
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

std::set<std::string> Project::Impl::enabled_actors(const Entries& all) const {
  std::set<std::string> enabled;
  for (const ActorEntry& actor : all.actors) {
    const auto found = actor_defaults.find(actor.name);
    if (found == actor_defaults.end() ? actor.on : found->second) {
      enabled.insert(actor.name);
    }
  }
  for (const std::string& actor : settings.remove_actors) {
    enabled.erase(actor);
  }
  for (const std::string& actor : settings.add_actors) {
    if (all.find_actor(actor) != nullptr) {
      enabled.insert(actor);
    }
  }
  return enabled;
}

void Project::Impl::check_actor_names(const Program& program) const {
  const std::vector<std::string> names = actor_names(program);
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

std::set<machine::Instruction> Project::Impl::guest_without() const {
  std::set<machine::Instruction> result;
  for (const std::string& word : settings.guest_without) {
    std::vector<std::string> words;
    for (const machine::Instruction instruction : machine::all_instructions) {
      words.push_back(machine::word_of(instruction));
      if (words.back() == word) {
        result.insert(instruction);
      }
    }
    if (std::find(words.begin(), words.end(), word) == words.end()) {
      throw InputError({"--guest-without", 0, 0}, "no instruction of the guest is '" + word + "'",
                       {}, suggestion(word, words));
    }
  }
  return result;
}

void Project::Impl::describe() {
  (void)guest_without();
  const Skeleton skeleton(features);
  Program program = check(fixes.front(), skeleton.platform, false);
  check_actor_names(program);
  const Entries all = entries_of(fixes.front(), program);
  if (!rows.empty()) {
    check_entries(program, all);
  }
  const std::set<std::string> enabled = enabled_actors(all);
  for (const ActorEntry& actor : all.actors) {
    actors.push_back({actor.name, enabled.count(actor.name) != 0,
                      program.find_function(actor.function)->comment});
  }
  for (const Function& function : program.functions()) {
    if (is_property(function, all)) {
      property_names.push_back(function.name);
    }
  }
  property_names.insert(property_names.end(), {"always_well_defined", "always_can_continue"});
  parameters = parameters_of(program, skeleton.platform);
  check_values(program, skeleton.platform);
}

std::vector<Parameter> Project::Impl::parameters_of(const Program& program,
                                                    const Platform& platform) const {
  std::vector<Parameter> result;
  for (const ProgramParameter& p : program.parameters()) {
    const bool bits = p.name == guest_bits;
    result.push_back({p.name, p.value, bits ? shown_builtin(p.name, p.value) : p.shown, p.comment});
  }
  for (const char* key : {guest_bits, has_lbrv}) {
    if (!declares(program, key)) {
      const std::uint64_t value = parameter(program, key, 1, platform);
      result.push_back({key, value, shown_builtin(key, value), builtin_text(key)});
    }
  }
  return result;
}

Parameter Project::Impl::with_value(Program& program, const std::string& key,
                                    const std::string& value, const Platform& platform) const {
  set_parameter(program, key, value, platform);
  if (!declares(program, key)) {
    const std::uint64_t number = builtin_value(key, value, platform);
    return {key, number, shown_builtin(key, number), builtin_text(key)};
  }
  const std::vector<Parameter> list = parameters_of(program, platform);
  return *std::find_if(list.begin(), list.end(),
                       [&](const Parameter& each) { return each.name == key; });
}

void Project::Impl::check_values(Program& program, const Platform& platform) const {
  for (const auto& [key, list] : values) {
    if (!declares(program, key) && declared_by_a_fix(key, platform)) {
      continue;  // checked where it is used
    }
    const SourceLocation place = place_of(key);
    for (const std::string& value : list) {
      try {
        set_parameter(program, key, value, platform);
      } catch (const InputError& error) {
        throw error.location().line == 0 ? error.at(place, {}) : error;
      }
    }
  }
}

SourceLocation Project::Impl::place_of(const Program& program, const std::string& key) const {
  const bool is_set = settings.parameters.count(key) != 0 ||
                      std::any_of(parameter_values.begin(), parameter_values.end(),
                                  [&](const auto& each) { return each.first == key; });
  for (const ProgramParameter& declared : program.parameters()) {
    if (declared.name == key && !is_set) {
      return declared.location;
    }
  }
  return {"--set", 0, 0};
}

std::string Project::Impl::shown_builtin(const std::string& key, std::uint64_t value) {
  if (key != guest_bits) {
    return std::to_string(value);
  }
  const Variable bits{key, Sort::bits(64), {}, machine_debugctl_display(), {}};
  return format_value(bits, value);
}

Display Project::Impl::machine_debugctl_display() {
  TransitionSystem system;
  const Layout layout = add_layout(system, {});
  return system.variables[layout.machine.cpu.debugctl].display;
}

std::string Project::Impl::builtin_text(const std::string& key) {
  return key == guest_bits ? "The DebugCtl bits that the guest's virtual CPU implements."
                           : "1 if the CPU has LBR virtualisation (Fn8000_000A_EDX[LbrVirt]).";
}

std::set<std::string> Project::Impl::entered(const Entries& entries,
                                             const std::set<std::string>& actors) {
  std::set<std::string> result{entries.create, entries.boot, entries.run};
  for (const std::string& name : actors) {
    const ActorEntry* actor = entries.find_actor(name);
    result.insert(actor->function);
    if (actor->kind == AgentKind::task_switch) {
      result.insert(entries.load);
    }
  }
  result.erase("");
  return result;
}

namespace {

LaidOutWorld laid_out(const WorldOptions& options, const Composition& what,
                      const GuestSource* guest) {
  LaidOutWorld result;
  result.layout = add_layout(result.system, options);
  std::optional<GuestCode> code;
  if (guest != nullptr) {
    code.emplace(result.system, *guest);
    result.layout.code = &*code;
    result.guest = code->outcome(result.system.variable(result.layout.machine.cpu.guest_mode));
  }
  if (what.operands != nullptr) {
    what.operands->clear();
  }
  compose(result.system, result.layout, what);
  if (guest != nullptr) {
    result.system.assumptions.push_back("the guest runs " + guest->entry + "() of " +
                                        guest->file.path + " and nothing else");
    result.layout.code = nullptr;  // goes away now
  }
  return result;
}

}  // namespace

LaidOutWorld Project::Impl::build(const Fix& fix, WorldOptions options, CoverageWorld* coverage,
                                  Numbering* numbering, const GuestSource* guest) const {
  const Skeleton skeleton(features);
  const Program program = check(fix, skeleton.platform);
  set_machine(fix, program, skeleton.platform, options);
  options.guest_without = guest_without();
  const Entries all = entries_of(fix, program);
  check_effect(fix, program, all);
  const std::set<std::string> enabled = enabled_actors(all);
  try {
    Composition what{program, enabled, numbering};
    what.entries = &all;
    if (coverage != nullptr) {
      std::set<std::string> asked = entered(all, enabled);
      if (rows.empty()) {  // in a tree's slice a lens has bodies for more kernels than one
        asked.merge(functions_of_no_use(fix, program, all));
      }
      coverage->code = program.code_points(asked);
      what.operands = &coverage->operands;
    }
    what.can_continue = with_can_continue;
    try {
      return laid_out(options, what, guest);
    } catch (const TooNarrow&) {
      options.wide = true;
      return laid_out(options, what, guest);
    }
  } catch (const InputError& error) {
    throw with_line(error, fix);
  }
}

void Project::Impl::set_machine(const Fix& fix, const Program& program, const Platform& platform,
                                WorldOptions& options) const {
  options.guest_debugctl_bits = parameter(program, guest_bits, 1, platform);
  if ((options.guest_debugctl_bits & ~machine::debugctl::implemented) != 0) {
    throw with_line(
        InputError(place_of(program, guest_bits),
                   "'guest_debugctl_bits' has a bit that the model's DebugCtl does not have", {},
                   "LBR, BTF, BLCKDB, FLBRI and FPMCI, joined with '|'"),
        fix);
  }
  const std::uint64_t lbrv = parameter(program, has_lbrv, 1, platform);
  if (lbrv > 1) {  // the code would see another value than the machine
    throw with_line(InputError(place_of(program, has_lbrv), "'cpu_has_lbrv' is neither 0 nor 1", {},
                               "0 or 1: whether the CPU has LBR virtualisation"),
                    fix);
  }
  options.cpu_has_lbrv = lbrv == 1;
  options.features = features;
}

LaidOutWorld Project::Impl::build_guest_alone(const Fix& fix, const GuestSource& guest) const {
  const Skeleton skeleton(features);
  const Program program = check(fix, skeleton.platform);
  WorldOptions options;
  set_machine(fix, program, skeleton.platform, options);
  LaidOutWorld result;
  result.layout = add_layout(result.system, options);
  const GuestCode code(result.system, guest);
  result.layout.code = &code;
  result.guest = code.outcome(result.system.pool->boolean(true));
  compose_guest_alone(result.system, result.layout);
  result.layout.code = nullptr;
  return result;
}

}  // namespace airlock
