#include "checker/cli/export_input.hpp"

#include <fmt/format.h>

#include "checker/trace/render.hpp"

namespace airlock {
namespace {

bool whole_system(const Options& options) {
  return options.properties.empty() && (options.to == "promela" || options.to == "murphi");
}

std::vector<std::string> account(const Session& session, const Fix& fix, const Subject& subject,
                                 const std::vector<const Property*>& properties) {
  std::vector<std::string> lines{
      fmt::format("{}, fix {}, exported by airlock", session.project().name(), fix.name)};
  for (const auto& [name, value] : session.parameters()) {
    lines.push_back(fmt::format("parameter {}={}", name, value));
  }
  for (const std::string& actor : session.enabled_actors()) {
    lines.push_back("actor " + actor);
  }
  for (const auto& [name, value] : shown_choices(subject.system(), subject.pins())) {
    lines.push_back(fmt::format("choice {}: {}", name, value));
  }
  for (const Property* property : properties) {
    lines.push_back(fmt::format("target: {} {}", property->name,
                                seeks_witness(*property) ? "is reached" : "is violated"));
  }
  for (const std::string& sentence : subject.system().assumptions) {
    lines.push_back("assumes: " + sentence);
  }
  lines.emplace_back(
      properties.empty()
          ? "The whole system, without the bits that are constant in every reachable state."
          : "Reduced to what the targets depend on: without bits that are constant in every "
            "reachable state; variables are 0 where nothing will read them.");
  return lines;
}

}  // namespace

ExportedReduction::ExportedReduction(const Session& session, const Fix& fix, Subject& subject)
    : properties_(whole_system(session.options()) ? std::vector<const Property*>{}
                                                  : session.properties(subject.system())),
      reduction_(properties_.empty() ? subject.narrow(subject.pins())
                                     : subject.reduce(subject.pins(), properties_)),
      about_(account(session, fix, subject, properties_)) {}

ExportInput ExportedReduction::input() const {
  ExportInput input{reduction_.system(), {}, about_};
  for (std::size_t i = 0; i < properties_.size(); ++i) {
    input.targets.push_back({properties_[i]->name, reduction_.targets()[i]});
  }
  return input;
}

}  // namespace airlock
