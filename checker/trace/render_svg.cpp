// A trace as a sequence diagram: one lifeline for each of interrupts, host, hardware and guest,
// time running down, a box where somebody acts, an arrow where the world is switched. To the right
// of the lifelines stands what happened (C lines, events) and what it changed. From the state in
// which real and reference part company a red rail with the sign ≠ runs down to the end.
//
// The picture is self-contained: no scripts, no fonts, no links. Its colours follow the reader's
// light or dark page where the viewer knows prefers-color-scheme, and it brings its own background
// for those that do not. It is as wide as its place in a page, 1000 px at most. Widths of text are
// estimated at 0.6 em for a monospaced character; lines are wrapped by that estimate, and none is
// left out or cut.
#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "checker/trace/divergence.hpp"
#include "checker/trace/markup.hpp"
#include "checker/trace/names.hpp"
#include "checker/trace/render.hpp"
#include "model/system/counted.hpp"

namespace airlock {
namespace {

constexpr std::array<Lane, 4> lanes{Lane::interrupts, Lane::host, Lane::hardware, Lane::guest};
constexpr int width = 1000;
constexpr int lane_width = 98;
constexpr int first_lane = 80;
constexpr int rail_x = 446;
constexpr int text_x = 460;
constexpr int line_height = 16;
constexpr int row_gap = 16;
constexpr std::size_t text_columns = 79;  // of 6.6 px in the 524 px that are left
constexpr int box_width = 92;
constexpr int box_line = 12;
constexpr std::size_t box_columns = 15;  // of about 5.8 px

constexpr const char* style = R"(
  svg { color-scheme: light dark; }
  text { font: 11px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #1c2127; }
  .page { fill: #ffffff; }
  .title { font: 600 15px system-ui, "DejaVu Sans", sans-serif; }
  .prose { font: 13px system-ui, "DejaVu Sans", sans-serif; }
  .lane, .who { text-anchor: middle; font: 600 11px system-ui, "DejaVu Sans", sans-serif; }
  .who { font-weight: 500; font-size: 10px; }
  .step { text-anchor: end; fill: #57606a; }
  .quiet { fill: #57606a; }
  .change { fill: #7a4d00; }
  .wrong { fill: #b3261e; font-weight: 700; }
  .life { stroke: #c6ccd2; stroke-dasharray: 3 4; }
  .rule { stroke: #e4e8ec; }
  .box { stroke-width: 1.2; }
  .host { fill: #dbeafe; stroke: #1d5fc4; }
  .guest { fill: #dcf3e3; stroke: #1a7f45; }
  .hardware { fill: #eceef1; stroke: #57606a; }
  .interrupts { fill: #f3e4fb; stroke: #8533b5; }
  .switch { stroke: #57606a; stroke-width: 1.4; fill: none; marker-end: url(#tip); }
  .tip { fill: #57606a; }
  .rail { fill: #b3261e; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6e9ec; }
    .page { fill: #14181d; }
    .step, .quiet { fill: #9aa5b1; }
    .change { fill: #f0b95b; }
    .wrong { fill: #ff8a80; }
    .life { stroke: #424b55; }
    .rule { stroke: #262d35; }
    .host { fill: #16325c; stroke: #7fb2ff; }
    .guest { fill: #123d25; stroke: #6fd797; }
    .hardware { fill: #2a3038; stroke: #9aa5b1; }
    .interrupts { fill: #3d1b50; stroke: #d59bf5; }
    .switch { stroke: #9aa5b1; }
    .tip { fill: #9aa5b1; }
    .rail { fill: #ff8a80; }
  }
)";

/// A label in lines of a box: broken at spaces and after '_' and '('. Nothing is cut.
std::vector<std::string> label_lines(const std::string& label) {
  std::vector<std::string> lines{""};
  std::string part;
  const auto place = [&] {
    if (columns(lines.back()) + columns(part) > box_columns && !lines.back().empty()) {
      lines.emplace_back();
    }
    lines.back() += lines.back().empty() && part.starts_with(' ') ? part.substr(1) : part;
    part.clear();
  };
  for (const char c : printable(label)) {
    if (c == ' ') {
      place();
    }
    part += c;
    if (c == '_' || c == '(') {
      place();
    }
  }
  place();
  return lines;
}

int centre_of(Lane lane) {
  const auto at = std::find(lanes.begin(), lanes.end(), lane) - lanes.begin();
  return first_lane + static_cast<int>(at) * lane_width + 8;
}

class Diagram {
 public:
  Diagram(const Trace& trace, const TraceHeading& heading)
      : trace_(trace),
        heading_(heading),
        file_name_(*trace.system),
        divergence_(find_divergence(trace)) {}

  std::string render() {
    title();
    const int top = y_;
    y_ += 30;
    for (std::size_t step = 1; step <= trace_.steps(); ++step) {
      row(step);
    }
    const int bottom = y_;
    ending();
    const int height = y_ + 12;
    return fmt::format(
               "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" "
               "height=\"{1}\" style=\"max-width:100%;height:auto\" role=\"img\" "
               "aria-labelledby=\"title summary\">\n"
               "<title id=\"title\">{2}</title>\n<desc id=\"summary\">{3}</desc>\n"
               "<style>{4}</style>\n"
               "<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" "
               "markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\">"
               "<path class=\"tip\" d=\"M0 0 8 4 0 8z\"/></marker></defs>\n"
               "<rect class=\"page\" width=\"{0}\" height=\"{1}\"/>\n",
               width, height, escape_markup(trace_.property->name),
               escape_markup(last_sentence(trace_)), style) +
           lifelines(top, bottom) + rail(bottom) + out_ + "</svg>\n";
  }

 private:
  void text(const char* css, int x, int y, const std::string& what) {
    out_ += fmt::format("<text class=\"{}\" x=\"{}\" y=\"{}\" xml:space=\"preserve\">{}</text>\n",
                        css, x, y, escape_markup(what));
  }

  void title() {
    const bool witness = seeks_witness(*trace_.property);
    text("title", 16, 28,
         printable(trace_.property->name) + (witness ? " is reached in " : " is violated in ") +
             counted(trace_.steps(), "step"));
    y_ = 48;
    for (const std::string& line : wrap(trace_.property->text, 130)) {
      text("prose", 16, y_, line);
      y_ += 18;
    }
    for (const std::string& line :
         wrap(heading_.model + ", " + of_fix(heading_.fix), text_columns + 60)) {
      text("quiet", 16, y_ + 2, line);
      y_ += 18;
    }
    y_ += 2;
  }

  [[nodiscard]] std::string lifelines(int top, int bottom) const {
    std::string result;
    for (const Lane lane : lanes) {
      const int x = centre_of(lane);
      result += fmt::format(
          "<text class=\"lane\" x=\"{0}\" y=\"{1}\">{2}</text>\n"
          "<line class=\"life\" x1=\"{0}\" y1=\"{3}\" x2=\"{0}\" y2=\"{4}\"/>\n",
          x, top + 10, to_string(lane), top + 16, bottom);
    }
    return result;
  }

  /// From where the divergence shows to the end.
  [[nodiscard]] std::string rail(int bottom) const {
    if (divergence_.differences.empty() || parting_y_ == 0) {
      return "";
    }
    return fmt::format("<rect class=\"rail\" x=\"{}\" y=\"{}\" width=\"4\" height=\"{}\"/>\n",
                       rail_x, parting_y_, std::max(bottom - parting_y_, 8));
  }

  struct Line {
    const char* css;
    std::string text;
  };

  struct Box {
    Lane lane;
    std::vector<std::string> label;
  };

  void row(std::size_t step) {
    const std::vector<Line> lines = lines_of(step);
    const std::vector<Box> boxes = boxes_of(step);
    std::size_t box_lines = 1;
    for (const Box& each : boxes) {
      box_lines = std::max(box_lines, each.label.size());
    }
    const int box_height = static_cast<int>(box_lines) * box_line + 8;
    out_ += fmt::format("<line class=\"rule\" x1=\"16\" y1=\"{0}\" x2=\"{1}\" y2=\"{0}\"/>\n", y_,
                        width - 16);
    const int middle = y_ + row_gap / 2 + box_height / 2;
    text("step", 36, middle + 4, std::to_string(step));
    arrow(step, middle);
    for (const Box& each : boxes) {
      box(each, middle, box_height);
    }
    if (step == divergence_.state && !divergence_.differences.empty()) {
      parting_y_ = y_ + 4;
    }
    int y = y_ + row_gap / 2 + 12;
    for (const Line& line : lines) {
      text(line.css, text_x, y, line.text);
      y += line_height;
    }
    const int text_height = line_height * static_cast<int>(std::max<std::size_t>(lines.size(), 1));
    y_ += row_gap + std::max(text_height, box_height);
  }

  void box(const Box& box, int middle, int height) {
    const int x = centre_of(box.lane);
    out_ += fmt::format(
        "<rect class=\"box {}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"4\"/>\n",
        to_string(box.lane), x - box_width / 2, middle - height / 2, box_width, height);
    int y = middle + 4 - static_cast<int>(box.label.size() - 1) * box_line / 2;
    for (const std::string& line : box.label) {
      text("who", x, y, line);
      y += box_line;
    }
  }

  /// Where the world is switched.
  void arrow(std::size_t step, int middle) {
    const std::optional<bool> before = guest_runs(*trace_.system, trace_.states[step - 1]);
    const std::optional<bool> after = guest_runs(*trace_.system, trace_.states[step]);
    if (before && before != after) {
      const bool enters = *after;
      out_ += fmt::format("<path class=\"switch\" d=\"M{} {} H{}\"/>\n",
                          centre_of(enters ? Lane::host : Lane::guest), middle,
                          centre_of(enters ? Lane::guest : Lane::host) + (enters ? -2 : 2));
    }
  }

  [[nodiscard]] std::vector<Box> boxes_of(std::size_t step) const {
    const Rule& rule = rule_of(trace_, step);
    const Lane lane = lane_of(rule);
    std::vector<Box> result{{lane, label_lines(rule.actor)}};
    if (const Cause* event = hardware_event(rule); event != nullptr && lane != Lane::hardware) {
      result.push_back({Lane::hardware, label_lines(event->text)});
    }
    return result;
  }

  /// In as many lines as it needs, those after the first set in.
  static void add(std::vector<Line>& lines, const char* css, const std::string& what) {
    const std::size_t inset = what.find_first_not_of(' ');
    const std::size_t indent = inset == std::string::npos ? 0 : inset;
    bool first = true;
    for (const std::string& line : wrap(what, text_columns - indent - 2)) {
      lines.push_back({css, std::string(first ? indent : indent + 2, ' ') + line});
      first = false;
    }
  }

  [[nodiscard]] std::vector<Line> lines_of(std::size_t step) const {
    std::vector<Line> lines;
    const Rule& rule = rule_of(trace_, step);
    for (const Cause& cause : rule.causes) {
      const std::string where =
          cause.location.line == 0
              ? ""
              : fmt::format("{}:{} ", file_name_(cause.location.file), cause.location.line);
      const std::string section = cause.reference.empty() ? "" : " [" + cause.reference + "]";
      add(lines, cause.event == Event::following ? "quiet" : "", where + cause.text + section);
    }
    if (lines.empty()) {
      add(lines, "", rule.name);
    }
    for (const Change& change : changes(trace_, step)) {
      const Variable& variable = trace_.system->variables[change.variable];
      add(lines, "change",
          "  " + variable.name + ": " + shown_value(variable, change.from) + " → " +
              shown_value(variable, change.to));
    }
    for (const Difference& difference : divergence_.differences) {
      if (difference.since == step) {
        add(lines, "wrong", "≠ " + sentence_of(*trace_.system, difference));
      }
    }
    return lines;
  }

  void ending() {
    out_ += fmt::format("<line class=\"rule\" x1=\"16\" y1=\"{0}\" x2=\"{1}\" y2=\"{0}\"/>\n", y_,
                        width - 16);
    y_ += 24;
    for (const std::string& line : wrap(last_sentence(trace_), 130)) {
      text("title", 16, y_, line);
      y_ += 20;
    }
  }

  const Trace& trace_;
  const TraceHeading& heading_;
  FileNames file_name_;
  Divergence divergence_;
  int y_ = 0;
  int parting_y_ = 0;
  std::string out_;
};

}  // namespace

std::string render_svg(const Trace& trace, const TraceHeading& heading) {
  return Diagram(trace, heading).render();
}

}  // namespace airlock
