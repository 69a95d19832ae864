// Features: parts of the machine that cost state, and are left out unless they are asked for.
#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

namespace airlock::machine {

enum class Feature : std::uint8_t {
  host_dr6,  ///< the reference host has a DR6 of its own (docs/hardware.md, "The host's DR6")
};
using Features = std::set<Feature>;

struct FeatureText {
  Feature feature;
  std::string_view name;        ///< in manifests and on the command line
  std::string_view text;        ///< a sentence
  std::string_view properties;  ///< the stock file that is read with it
};

std::span<const FeatureText> features_declared();
std::string name_of(Feature feature);
std::optional<Feature> feature_by_name(std::string_view name);

}  // namespace airlock::machine
