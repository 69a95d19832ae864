#include "checker/cli/contradictions.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <set>

#include "checker/trace/text.hpp"

namespace airlock {
namespace {

/// The first that is there twice; empty if none is.
std::string repeated(const std::vector<std::string>& values) {
  std::set<std::string> seen;
  const auto found = std::find_if(values.begin(), values.end(), [&](const std::string& each) {
    return !seen.insert(each).second;
  });
  return found == values.end() ? std::string() : *found;
}

std::vector<std::string> names_in(const std::vector<std::string>& assignments) {
  std::vector<std::string> names;
  for (const std::string& each : assignments) {
    names.push_back(each.substr(0, each.find('=')));
  }
  return names;
}

/// "a" and "./a" are one.
std::vector<std::string> places_of(const std::vector<std::string>& paths) {
  std::vector<std::string> places;
  for (const std::string& each : paths) {
    std::error_code error;
    const auto place =
        std::filesystem::weakly_canonical(std::filesystem::absolute(each, error), error);
    places.push_back(error ? each : place.string());
  }
  return places;
}

}  // namespace

std::string contradiction(const Options& options) {
  for (const auto& [what, values] :
       std::initializer_list<std::pair<const char*, std::vector<std::string>>>{
           {"MODEL", places_of(options.models)},
           {"TREE", options.trees},
           {"--patch", places_of(options.patches)},
           {"--fix", options.fixes},
           {"--property", options.properties},
           {"--set", names_in(options.set)},
           {"--choice", names_in(options.choices)},
           {"FILE", places_of(options.files)},
           {"--kernel", options.kernels},
           {"--actor", options.actors},
           {"--no-actor", options.no_actors},
           {"--feature", options.features},
           {"--no-feature", options.no_features},
           {"--guest-without", options.guest_without},
           {"--guest", options.guests}}) {
    if (const std::string twice = repeated(values); !twice.empty()) {
      return fmt::format("{}: '{}' is given twice", what, shortened(twice, 200));
    }
  }
  for (const std::string& actor : options.actors) {
    if (std::find(options.no_actors.begin(), options.no_actors.end(), actor) !=
        options.no_actors.end()) {
      return fmt::format("--actor and --no-actor both name '{}'", shortened(actor, 200));
    }
  }
  for (const std::string& feature : options.features) {
    if (std::find(options.no_features.begin(), options.no_features.end(), feature) !=
        options.no_features.end()) {
      return fmt::format("--feature and --no-feature both name '{}'", shortened(feature, 200));
    }
  }
  return {};
}

}  // namespace airlock
