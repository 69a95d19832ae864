// From projects to what their verdicts rest on, and back to words.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "checker/cli/session.hpp"
#include "checker/compare/decide.hpp"
#include "checker/compare/needs.hpp"

namespace airlock {

/// What a property needs, for people and programs.
struct ShownNeeds {
  struct Line {
    std::string place;  ///< "specs/kvm/fixes/merged.c:22"
    std::string kind;   ///< "statement", "condition", "value", "order"
    std::string text;
  };
  std::vector<Line> lines;
  std::vector<std::string> assumes;    ///< "no nmi_perf", "cpu_has_lbrv=1", "NAME=OPTION"
  std::vector<std::string> not_asked;  ///< parameters that the manifest gives no other values
  bool minimal = true;
  std::string reason;
  std::size_t questions = 0;
  double seconds = 0;  ///< as in Needs
};

/// Whether it is asked what the verdict needs: "holds", about a property that the files state.
bool rests_on_lines(const Decision& decision);

/// Whether that is not asked though the verdict is "holds", because the property is built in.
bool rests_on_every_line(const Decision& decision);
inline constexpr const char* why_every_line =
    "not asked: it is about every step of every line, the base's as well as the fix's (`airlock "
    "mutate` asks about each line of the fix)";

/// Decisions about one fix that say "holds" about always_ or never_ properties; `all_pins` are
/// those of their subject.
struct NeedsAsked {
  Fix fix;
  std::vector<const Decision*> decisions;  ///< borrowed
  Pins all_pins;
};

/// Per fix and decision.
std::vector<std::vector<ShownNeeds>> needs_of(const Session& session,
                                              const std::vector<NeedsAsked>& fixes,
                                              const NeedsProgress& progress = {});

/// Lines for below a verdict, each ending with a newline.
std::string render_text(const ShownNeeds& needs, unsigned width);
nlohmann::ordered_json render_json(const ShownNeeds& needs);

}  // namespace airlock
