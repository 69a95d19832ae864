#include "checker/cli/session.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <fnmatch.h>

#include "checker/cli/guest_input.hpp"
#include "checker/cli/terminal.hpp"
#include "checker/support/atomic_file.hpp"
#include "model/system/input_error.hpp"
#include "model/system/pin.hpp"
#include "model/system/suggest.hpp"

namespace airlock {
namespace {

Settings settings_of(const Options& options) {
  Settings settings;
  for (const std::string& text : options.set) {
    const auto [name, value] = name_and_value("--set", text);
    settings.parameters[name] = value;
  }
  settings.add_actors = options.actors;
  settings.remove_actors = options.no_actors;
  settings.guarantees = options.guarantees;
  settings.add_features = options.features;
  settings.remove_features = options.no_features;
  settings.guest_without = options.guest_without;
  settings.guest = guest_of_world(options);
  return settings;
}

Pins chosen_of(const Options& options) {
  Pins pins;
  for (const std::string& text : options.choices) {
    const auto [name, value] = name_and_value("--choice", text);
    pins[name] = value;
  }
  return pins;
}

/// A name that every file system takes.
std::string file_name(const std::string& name) {
  std::string result;
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '_' || c == '-' || c == '+' || c == '.';
    result += plain ? c : '_';
  }
  return result;
}

/// '*' and '?' stand for anything, as in a shell.
bool is_pattern(const std::string& name) {
  return name.find_first_of("*?[") != std::string::npos;
}

/// The names that a pattern stands for; where one property is wanted, exactly one.
std::vector<std::string> matches(const std::string& pattern, const std::vector<std::string>& known,
                                 bool only_one) {
  std::vector<std::string> result;
  for (const std::string& name : known) {
    if (fnmatch(pattern.c_str(), name.c_str(), 0) == 0) {
      result.push_back(name);
    }
  }
  if (result.empty() || (only_one && result.size() > 1)) {
    throw InputError({"--property", 0, 0},
                     "'" + printable(pattern) + "' matches " +
                         (result.empty() ? "no property" : "several properties"),
                     {},
                     fmt::format("one of {}", fmt::join(result.empty() ? known : result, ", ")));
  }
  return result;
}

std::vector<std::string> without_patterns(const Options& options,
                                          const std::vector<std::string>& known) {
  std::vector<std::string> result;
  const auto add = [&](const std::string& name) {
    if (std::find(result.begin(), result.end(), name) == result.end()) {
      result.push_back(name);
    }
  };
  for (const std::string& name : options.properties) {
    if (is_pattern(name) && options.command == CommandName::bisect) {
      throw InputError({"--property", 0, 0}, "bisect asks about one property", {},
                       "its whole name");
    }
    if (is_pattern(name)) {
      for (const std::string& match : matches(name, known, options.command == CommandName::trace)) {
        add(match);
      }
    } else {
      add(name);
    }
  }
  return result;
}

}  // namespace

Session::Session(Options options)
    : options_(std::move(options)),
      start_(std::chrono::steady_clock::now()),
      chosen_(chosen_of(options_)),
      trees_(rows_of_tree(options_)),
      project_(trees_.empty() ? Project::open(options_.models, settings_of(options_))
                              : Project::of(model_of(options_, trees_), settings_of(options_))),
      memory_(std::make_unique<MemoryBudget>(options_.memory == 0 ? MemoryBudget::unlimited
                                                                  : options_.memory)) {
  options_.properties = without_patterns(options_, project_.property_names());
}

std::vector<Fix> Session::fixes(const std::vector<Fix>& otherwise) const {
  if (options_.fixes.empty()) {
    return otherwise;
  }
  std::vector<Fix> result;
  for (const std::string& spec : options_.fixes) {
    Fix fix = project_.fix(spec);
    const bool known = std::any_of(result.begin(), result.end(),
                                   [&](const Fix& each) { return each.name == fix.name; });
    if (!known) {
      result.push_back(std::move(fix));
    }
  }
  return result;
}

Fix Session::fix() const {
  return fixes({project_.fixes().front()}).front();
}

std::unique_ptr<Subject> Session::build(const Fix& fix) const {
  return std::make_unique<Subject>(project_.build(fix).system, chosen_);
}

std::vector<std::string> guards_not_among(const TransitionSystem& system,
                                          const std::vector<const Property*>& asked) {
  std::vector<std::string> result;
  for (const char* name : {"always_well_defined", "always_can_continue"}) {
    const Property* guard = system.find_property(name);
    if (guard != nullptr && std::find(asked.begin(), asked.end(), guard) == asked.end()) {
      result.emplace_back(name);
    }
  }
  return result;
}

std::vector<std::string> assumed_guards(const TransitionSystem& system,
                                        const std::vector<const Property*>& asked) {
  std::vector<std::string> result = guards_not_among(system, asked);
  for (std::string& guard : result) {
    guard += ", which was not asked about, holds as well";
  }
  return result;
}

std::vector<std::string> all_two_run_properties() {
  return {host_to_guest_name, guest_to_host_name};
}

std::vector<std::pair<std::string, std::string>> two_run_texts() {
  return {{host_to_guest_name, host_to_guest_text}, {guest_to_host_name, guest_to_host_text}};
}

namespace {

constexpr const char* both_directions = "noninterference";

/// The properties of `system` among `wanted`; all if none is wanted. Names among `others` are not
/// the system's business.
std::vector<const Property*> among(const TransitionSystem& system,
                                   const std::vector<std::string>& wanted,
                                   const std::vector<std::string>& others) {
  for (const std::string& name : wanted) {
    if (system.find_property(name) == nullptr &&
        std::find(others.begin(), others.end(), name) == others.end()) {
      std::vector<std::string> known = others;
      for (const Property& property : system.properties) {
        known.push_back(property.name);
      }
      throw InputError({"--property", 0, 0}, "unknown property '" + printable(name) + "'", {},
                       suggestion(name, known));
    }
  }
  std::vector<const Property*> result;
  for (const Property& property : system.properties) {
    if (wanted.empty() || std::find(wanted.begin(), wanted.end(), property.name) != wanted.end()) {
      result.push_back(&property);
    }
  }
  return result;
}

}  // namespace

std::vector<const Property*> Session::properties(const TransitionSystem& system) const {
  return among(system, options_.properties, {});
}

std::vector<const Property*> Session::properties_beside_two_runs(
    const TransitionSystem& system) const {
  std::vector<std::string> others = all_two_run_properties();
  others.emplace_back(both_directions);
  return among(system, options_.properties, others);
}

std::vector<std::string> Session::two_run_properties() const {
  std::vector<std::string> result;
  for (const std::string& name : all_two_run_properties()) {
    const auto& wanted = options_.properties;
    if (std::any_of(wanted.begin(), wanted.end(), [&](const std::string& each) {
          return each == name || each == both_directions;
        })) {
      result.push_back(name);
    }
  }
  return result;
}

TwoRuns Session::build_two_runs(const Fix& fix, const std::string& property) const {
  if (!options_.guests.empty()) {
    throw InputError({"--guest", 0, 0}, "statements about two runs are about all guests", {},
                     "a property of one run, or no --guest");
  }
  const bool to_guest = property == host_to_guest_name;
  TwinSystem twin =
      to_guest ? project_.build_host_to_guest(fix) : project_.build_guest_to_host(fix);
  return {std::move(twin.system), std::move(twin.calmer), std::move(twin.support),
          to_guest ? Engine::explore : Engine::pdr};
}

TransitionSystem Session::system_for(const Fix& fix, const std::string& property) const {
  for (const auto& [statement, support] :
       {std::pair(host_to_guest_name, host_to_guest_support_name),
        {guest_to_host_name, guest_to_host_support_name}}) {
    if (property == statement) {
      return build_two_runs(fix, statement).system;
    }
    if (property == support) {
      return build_two_runs(fix, statement).support;
    }
  }
  return project_.build(fix).system;
}

std::vector<std::pair<std::string, std::string>> Session::parameters() const {
  std::vector<std::pair<std::string, std::string>> result;
  for (const Parameter& parameter : project_.parameters()) {
    result.emplace_back(parameter.name, parameter.shown);
  }
  for (const FeatureSwitch& each : project_.features()) {
    if (each.enabled) {
      result.emplace_back("feature " + each.name, "on");
    }
  }
  return result;
}

std::vector<std::string> Session::enabled_actors() const {
  std::vector<std::string> result;
  for (const Actor& actor : project_.actors()) {
    if (actor.enabled) {
      result.push_back(actor.name);
    }
  }
  return result;
}

CertificateHeading Session::certificate_heading(const Fix& fix, const Property& property,
                                                const TransitionSystem& system,
                                                const Pins& pins) const {
  CertificateHeading result;
  for (const std::string& model : options_.models) {
    result.emplace_back("model", model);
  }
  for (const std::string& tree : options_.trees) {
    result.emplace_back("tree", tree);
  }
  for (const std::string& patch : options_.patches) {
    result.emplace_back("patch", patch);
  }
  if (!options_.lens.empty()) {
    result.emplace_back("lens", options_.lens);
  }
  for (const SlicedRow& row : trees_) {
    if (row.name == fix.name) {
      result.emplace_back("slice", row.slice.receipt.slice_hash);
    }
  }
  result.emplace_back("fix", fix.name);
  result.emplace_back("property", property.name);
  result.emplace_back("says", property.text);
  result.emplace_back("proves", seeks_witness(property)
                                    ? "it is not reachable: the property is violated"
                                    : "it holds in every reachable state");
  for (const Parameter& parameter : project_.parameters()) {
    result.emplace_back("set", parameter.name + "=" + parameter.shown);
  }
  for (const std::string& name : enabled_actors()) {
    result.emplace_back("actor", name);
  }
  if (options_.guarantees) {
    result.emplace_back("with", "the stock guarantees");
  }
  for (const FeatureSwitch& each : project_.features()) {
    if (each.enabled) {
      result.emplace_back("feature", each.name);
    }
  }
  for (const std::string& word : options_.guest_without) {
    result.emplace_back("guest without", word);
  }
  for (const Choice& choice : system.choices) {
    const auto pinned = pins.find(choice.name);
    result.emplace_back(
        "choice", choice.name + "=" + (pinned == pins.end() ? free_name(choice) : pinned->second));
  }
  for (const std::string& assumption : system.assumptions) {
    result.emplace_back("assumes", assumption);
  }
  return result;
}

std::string Session::write_certificate(const std::string& fix, const std::string& property,
                                       const std::string& text, bool by_fix) const {
  std::filesystem::path path(options_.certificate_folder);
  if (by_fix) {
    path /= file_name(fix);
  }
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) {
    throw InputError({path.string(), 0, 0}, "cannot be made: " + error.message(), {},
                     "a folder for certificates");
  }
  path /= file_name(property) + ".smt2";
  try {
    write_file(path.string(), text);
  } catch (const std::runtime_error& failure) {
    throw InputError({"--certificate", 0, 0}, failure.what());
  }
  return path.string();
}

std::shared_ptr<const UntrackedTexts> Session::untracked(const std::string& fix) const {
  const auto row = std::find_if(trees_.begin(), trees_.end(),
                                [&](const SlicedRow& each) { return each.name == fix; });
  return row == trees_.end()
             ? nullptr
             : std::make_shared<UntrackedTexts>(untracked_texts(row->slice, lens_of(options_)));
}

TraceHeading Session::heading(const Fix& fix, const Pins& pins) const {
  return {project_.name(), fix.name, parameters(), enabled_actors(), pins, untracked(fix.name)};
}

EngineContext Session::context() const {
  EngineContext context;
  context.cancelled = interruption_flag();
  context.jobs = options_.jobs;
  context.memory = memory_.get();
  if (options_.timeout) {
    context.deadline = start_ + std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                                    std::chrono::duration<double>(*options_.timeout));
  }
  return context;
}

}  // namespace airlock
