#include <fmt/format.h>

#include "checker/cli/commands.hpp"
#include "checker/cli/terminal.hpp"
#include "checker/trace/names.hpp"
#include "checker/trace/render.hpp"
#include "model/system/pin.hpp"

namespace airlock {
namespace {

using Json = nlohmann::ordered_json;

class Listing {
 public:
  Listing(const Session& session, const TransitionSystem& system)
      : session_(session), system_(system), style_(output_style()) {}

  std::string text() {
    properties();
    fixes();
    parameters();
    actors();
    features();
    choices();
    return std::move(out_);
  }

  [[nodiscard]] Json json() const {
    Json result{{"model", session_.project().name()}};
    result["properties"] = Json::array();
    for (const Property& property : system_.properties) {
      result["properties"].push_back({{"name", property.name},
                                      {"text", property.text},
                                      {"file", property.location.file},
                                      {"line", property.location.line}});
    }
    for (const auto& [name, text] : two_run_texts()) {
      result["properties"].push_back({{"name", name}, {"text", text}, {"file", ""}, {"line", 0}});
    }
    result["fixes"] = Json::array();
    for (const Fix& fix : session_.project().fixes()) {
      result["fixes"].push_back(
          {{"name", fix.name}, {"summary", fix.summary}, {"files", fix.files}});
    }
    result["parameters"] = Json::array();
    for (const Parameter& parameter : session_.project().parameters()) {
      result["parameters"].push_back({{"name", parameter.name},
                                      {"value", hex(parameter.value)},
                                      {"shown", parameter.shown},
                                      {"text", parameter.text}});
    }
    result["actors"] = Json::array();
    for (const Actor& actor : session_.project().actors()) {
      result["actors"].push_back(
          {{"name", actor.name}, {"enabled", actor.enabled}, {"text", actor.text}});
    }
    result["features"] = Json::array();
    for (const FeatureSwitch& each : session_.project().features()) {
      result["features"].push_back(
          {{"name", each.name}, {"enabled", each.enabled}, {"text", each.text}});
    }
    result["choices"] = Json::array();
    for (const Choice& choice : system_.choices) {
      result["choices"].push_back(choice_json(choice));
    }
    result["assumptions"] = system_.assumptions;
    return result;
  }

 private:
  static Json choice_json(const Choice& choice) {
    Json options = Json::array();
    for (const Choice::Option& option : choice.options) {
      options.push_back(option.name);
    }
    return {{"name", choice.name},
            {"options", options},
            {"default", choice.default_option.value_or(free_name(choice))},
            {"text", choice.sentence},
            {"source", choice.source}};
  }

  void section(const std::string& title) {
    out_ += (out_.empty() ? "" : "\n") + style_.paint(Ink::bold, title) + "\n";
  }

  void entry(const std::string& name, const std::string& text) {
    out_ += "  " + printable(name) + "\n" + hanging("      ", text, style_.width);
  }

  void properties() {
    section("Properties");
    for (const Property& property : system_.properties) {
      entry(property.name, property.text);
    }
    for (const auto& [name, text] : two_run_texts()) {
      entry(name, text);
    }
  }

  void fixes() {
    section("Fixes (--fix)");
    for (const Fix& fix : session_.project().fixes()) {
      entry(shown_fix(fix.name), fix.summary);
    }
  }

  void parameters() {
    section("Parameters (--set)");
    for (const Parameter& parameter : session_.project().parameters()) {
      entry(parameter.name + "=" + parameter.shown, parameter.text);
    }
  }

  void actors() {
    section("Actors (--actor, --no-actor)");
    for (const Actor& actor : session_.project().actors()) {
      entry(actor.name + (actor.enabled ? " (on)" : " (off)"), actor.text);
    }
  }

  void features() {
    section("Features (--feature, --no-feature)");
    for (const FeatureSwitch& each : session_.project().features()) {
      entry(each.name + (each.enabled ? " (on)" : " (off)"), each.text);
    }
  }

  void choices() {
    section("Choices where the manual is silent (--choice)");
    for (const Choice& choice : system_.choices) {
      std::string options;
      for (const Choice::Option& option : choice.options) {
        options += (options.empty() ? "" : "|") + option.name;
      }
      options += choice.any_option ? "" : "|any";
      entry(choice.name + "=" + options +
                " (default: " + choice.default_option.value_or(free_name(choice)) + ")",
            choice.sentence + " [" + choice.source + "]");
    }
  }

  const Session& session_;
  const TransitionSystem& system_;
  TextStyle style_;
  std::string out_;
};

}  // namespace

ExitStatus run_list(const Session& session) {
  const std::unique_ptr<Subject> subject = session.build(session.project().fixes().front());
  Listing listing(session, subject->system());
  print(session.options().format == Format::json ? dump(listing.json()) : listing.text());
  return ExitStatus::holds;
}

}  // namespace airlock
