// The story that a trace tells. One block per step, in the order in which a reader asks: who, by
// which line or event, and what is different now. What did not change is not mentioned, and the
// program counter never is, since the C lines say where everyone stands.
#include <algorithm>
#include <fmt/format.h>

#include "checker/trace/names.hpp"
#include "checker/trace/render.hpp"
#include "model/system/counted.hpp"

namespace airlock {
namespace {

constexpr const char* indent = "       ";

class Story {
 public:
  Story(const Trace& trace, const TraceHeading& heading, const TextStyle& style)
      : trace_(trace), heading_(heading), style_(style), file_name_(*trace.system) {}

  std::string tell() {
    title();
    start();
    for (std::size_t number = 1; number <= trace_.steps(); ++number) {
      step(number);
    }
    out_ += "\n";
    for (const std::string& line : wrap(last_sentence(trace_), style_.width)) {
      out_ += style_.paint(Ink::bold, line) + "\n";
    }
    return std::move(out_);
  }

 private:
  const Variable& variable(VarId id) const { return trace_.system->variables[id]; }

  /// One labelled line of the heading.
  void fact(std::string_view label, const std::string& text) {
    if (!text.empty()) {
      out_ += hanging(fmt::format("  {:<12}", label), text, style_.width);
    }
  }

  static std::string assignments(const std::vector<std::pair<std::string, std::string>>& pairs) {
    std::vector<std::string> words;
    for (const auto& [name, value] : pairs) {
      words.push_back(name + "=" + value);
    }
    return fmt::format("{}", fmt::join(words, ", "));
  }

  void title() {
    const Property& property = *trace_.property;
    const bool witness = seeks_witness(property);
    const Ink ink = !witness ? Ink::red : claims_something(property) ? Ink::green : Ink::yellow;
    const std::size_t steps = trace_.steps();
    const std::string name = printable(property.name);
    const std::string length = " in " + counted(steps, "step");
    const bool one_line = columns(name) + 12 + columns(length) <= style_.width;
    out_ += style_.paint(Ink::bold, name) + (one_line ? " " : "\n") +
            style_.paint(ink, witness ? "is reached" : "is violated") + length + "\n";
    out_ += hanging("  ", property.text, style_.width);
    out_ += "\n";
    fact("model", heading_.model);
    fact("fix", shown_fix(heading_.fix));
    fact("parameters", assignments(heading_.parameters));
    fact("actors", fmt::format("{}", fmt::join(heading_.actors, ", ")));
    fact("choices",
         assignments(shown_choices(*trace_.system, heading_.pins, &trace_.states.back())));
  }

  /// Initial values that are worth a word: not "0", of variables that play a part.
  void start() {
    std::vector<std::pair<std::string, std::string>> values;
    for (const VarId id : playing_a_part(trace_)) {
      const std::string value = shown_value(variable(id), trace_.states.front()[id]);
      if (value != "0") {
        values.emplace_back(variable(id).name, value);
      }
    }
    fact("start", values.empty()
                      ? "everything that plays a part is 0"
                      : assignments(values) + "; everything else that plays a part is 0");
  }

  void step(std::size_t number) {
    const Rule& rule = rule_of(trace_, number);
    const std::vector<Change> changed = changes(trace_, number);
    const std::vector<UntrackedChoice> guesses =
        untracked_in(trace_, number, heading_.untracked.get());
    if (style_.brief && changed.empty() && guesses.empty() && number != trace_.steps()) {
      ++left_out_;
      return;
    }
    say_what_is_left_out();
    out_ +=
        fmt::format("\n{:>4}   ", number) + style_.paint(Ink::bold, printable(rule.actor)) + "\n";
    causes(rule);
    for (const UntrackedChoice& choice : guesses) {
      guess(choice);
    }
    for (const Change& change : changed) {
      out_ += line_of(change);
    }
  }

  void say_what_is_left_out() {
    if (left_out_ > 0) {
      out_ += style_.paint(
          Ink::dim, "\n       … " + counted(left_out_, "step") + " in which nothing changes\n");
      left_out_ = 0;
    }
  }

  void causes(const Rule& rule) {
    if (rule.causes.empty()) {
      out_ += hanging(indent, rule.name, style_.width);
      return;
    }
    std::size_t place_width = 0;
    for (const Cause& cause : rule.causes) {
      place_width = std::max(place_width, columns(place(cause.location)));
    }
    for (const Cause& cause : rule.causes) {
      std::string text = cause.text;
      if (cause.location.line == 0 && !cause.reference.empty()) {
        text += " [" + cause.reference + "]";
      }
      const std::string where = place(cause.location);
      const std::string prefix =
          where.empty() ? std::string(indent) : indent + pad(where, place_width) + "  ";
      out_ += hanging(prefix, text, style_.width);
    }
  }

  /// What the slice does not follow stands out: the kernel may never do what is told here.
  void guess(const UntrackedChoice& choice) {
    const std::string where = std::string(indent) + "? " + place(choice.place) + "  ";
    std::string line = hanging(where, sentence_of(choice), style_.width);
    line.pop_back();
    out_ += style_.paint(Ink::cyan, line) + "\n";
  }

  std::string place(const SourceLocation& location) const {
    return location.line == 0
               ? ""
               : printable(file_name_(location.file)) + ":" + std::to_string(location.line);
  }

  std::string line_of(const Change& change) const {
    const Variable& changed = variable(change.variable);
    const bool apart = !changed.owner.hidden && is_reference(changed.owner.role);
    const std::string name =
        apart ? fmt::format("{}: {}", group_of(changed), name_within(changed)) : changed.name;
    const std::string from = printable(shown_value(changed, change.from));
    const std::string to = printable(shown_value(changed, change.to));
    const std::string start = std::string(indent) + "  " + printable(name) + ": " + from;
    const bool fits = columns(start) + columns(to) + 4 <= style_.width;
    const std::string arrow = fits ? " -> " : "\n" + std::string(indent) + "    -> ";
    return style_.paint(apart ? Ink::dim : Ink::plain, start + arrow) +
           style_.paint(apart ? Ink::dim : Ink::yellow, to) + "\n";
  }

  const Trace& trace_;
  const TraceHeading& heading_;
  const TextStyle& style_;
  FileNames file_name_;
  std::size_t left_out_ = 0;
  std::string out_;
};

}  // namespace

std::string render_text(const Trace& trace, const TraceHeading& heading, const TextStyle& style) {
  return Story(trace, heading, style).tell();
}

}  // namespace airlock
