#include "model/machine/feature.hpp"

#include <algorithm>
#include <array>

namespace airlock::machine {
namespace {

constexpr std::array table{
    FeatureText{Feature::host_dr6, "host_dr6",
                "The host's DR6: #VMEXIT does not reload it, so that it is the guest's until the "
                "host writes it.",
                "properties/host_dr6.c"},
};

}  // namespace

std::span<const FeatureText> features_declared() {
  return table;
}

std::string name_of(Feature feature) {
  return std::string(table.at(static_cast<std::size_t>(feature)).name);
}

std::optional<Feature> feature_by_name(std::string_view name) {
  const auto found = std::find_if(table.begin(), table.end(),
                                  [&](const FeatureText& each) { return each.name == name; });
  return found == table.end() ? std::nullopt : std::optional(found->feature);
}

}  // namespace airlock::machine
