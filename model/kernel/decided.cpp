// Lines of reached functions that no run comes to, and the conditions that see to it; and those
// that are not compiled.
//
// A line that is decided away is not in the slice, and nothing that is done to it changes a
// verdict. That is sound (rule 2 of docs/kernel.md), but whoever reads a verdict must be able to
// see it: a patch of such a line is not judged. So the receipt has them, each with its place.
#include "model/kernel/decided.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace airlock::kernel {
namespace {

/// The beginning of a condition, on one line.
std::string shown(std::string_view text) {
  constexpr std::size_t most = 60;
  std::string result;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\t' || c == '\n';
    if (!blank || (!result.empty() && result.back() != ' ')) {
      result += blank ? ' ' : c;
    }
  }
  return result.size() <= most ? result : result.substr(0, most - 2) + "..";
}

class Decided {
 public:
  Decided(Analysis& analysis, FunctionState& in) : analysis_(analysis), in_(in) {}

  void run() {
    for (unsigned id = 0; id < in_.cfg.points.size(); ++id) {
      const Point& point = in_.cfg.points[id];
      if (!in_.live[id]) {
        dead(point);
        continue;
      }
      lines(point.node, lines_run_);
      const Node* work = point.value != nullptr ? point.value : point.node;
      const bool branches = point.kind == Point::Kind::branch && !point.iterator;
      if ((branches || point.kind == Point::Kind::select) && tell(point.value)) {
        continue;
      }
      if (branches || point.kind == Point::Kind::select || point.kind == Point::Kind::returns ||
          point.kind == Point::Kind::simple || point.kind == Point::Kind::variable) {
        within(work);
      }
    }
  }

  std::multimap<unsigned, Fact> conditions;  ///< by line

  /// "10-12, 15"; empty if every line may run.
  std::string never() const {
    std::string result;
    for (auto line = lines_dead_.begin(); line != lines_dead_.end();) {
      if (lines_run_.contains(*line)) {
        ++line;
        continue;
      }
      unsigned last = *line;
      const unsigned first = *line;
      // Up to the next line that runs: what stands between is braces, else and comments.
      for (++line; line != lines_dead_.end(); ++line) {
        const auto run = lines_run_.upper_bound(last);
        if (run != lines_run_.end() && *run <= *line) {
          break;
        }
        last = *line;
      }
      result += (result.empty() ? "" : ", ") + std::to_string(first) +
                (last > first ? "-" + std::to_string(last) : "");
    }
    return result;
  }

 private:
  /// Adds the lines of a simple statement or of a condition.
  void lines(const Node* node, std::set<unsigned>& into) const {
    if (node == nullptr) {
      return;
    }
    const std::string_view text = analysis_.index().text_of(node);
    const bool whole = node->is == Is::expression || node->is == Is::variable ||
                       node->is == Is::return_ || !node->is_statement();
    const auto more = whole ? std::count(text.begin(), text.end(), '\n') : 0;
    for (unsigned line = node->line; line <= node->line + more; ++line) {
      into.insert(line);
    }
  }

  void dead(const Point& point) {
    const bool branches = point.kind == Point::Kind::branch || point.kind == Point::Kind::select;
    lines(point.node, lines_dead_);
    if (branches) {
      lines(point.value, lines_dead_);
    }
  }

  /// Tells of a condition or value that is always the same; whether it is.
  bool tell(const Node* condition) {
    const Abstract known = analysis_.value(condition, in_);
    const Node* plain = bare(condition);
    if (!known.is_constant() || plain->is == Is::number) {
      return false;  // while (1) is not decided, it says so
    }
    conditions.insert(
        {condition->line,
         {Fact::Kind::decided, shown(analysis_.index().text_of(bare(condition))),
          known.is_zero()             ? "never"
          : known.constant.value == 1 ? "always"
                                      : fmt::format("always {:#x}", known.constant.value),
          analysis_.place(condition)}});
    return true;
  }

  /// Conditions inside an expression, but for what they decide away themselves.
  void within(const Node* node) {
    if (node == nullptr) {
      return;
    }
    if (node->is == Is::binary && (node->text == "&&" || node->text == "||")) {
      const Abstract first = analysis_.value(node->kids[0], in_);
      within(node->kids[0]);
      const bool ends = node->text == "&&" ? first.is_zero() : first.is_true();
      if (!(ends && tell(node->kids[0]))) {
        within(node->kids[1]);
      }
      return;
    }
    if (node->is == Is::conditional && tell(node->kids[0])) {
      within(node->kids[analysis_.value(node->kids[0], in_).is_true() ? 1 : 2]);
      return;
    }
    for (const Node* kid : node->kids) {
      within(kid);
    }
  }

  Analysis& analysis_;
  FunctionState& in_;
  std::set<unsigned> lines_run_, lines_dead_;
};

/// "10-12, 15": lines of the function that the configuration rules out.
std::string not_compiled(Analysis& analysis, const FunctionText& function) {
  const Text& text = analysis.index().text(function.text_id);
  const auto begin = text.text.begin() + function.begin;
  const auto lines = std::count(begin, text.text.begin() + function.end, '\n');
  const unsigned last = function.line + static_cast<unsigned>(lines);
  std::string result;
  for (const auto& [from, to] : text.not_compiled) {
    if (from >= function.line && to <= last) {
      result += (result.empty() ? "" : ", ") + std::to_string(from) +
                (to > from ? "-" + std::to_string(to) : "");
    }
  }
  return result;
}

}  // namespace

std::vector<Fact> decided_facts(Analysis& analysis) {
  std::vector<Fact> result, never;
  for (const FunctionText* function : analysis.reached()) {
    if (function->from_lens) {
      continue;
    }
    Decided decided(analysis, analysis.state(function));
    decided.run();
    for (const auto& [line, told] : decided.conditions) {
      result.push_back(told);
    }
    if (const std::string lines = decided.never(); !lines.empty()) {
      never.push_back({Fact::Kind::decided, function->name,
                       "never run: " + function->path + ":" + lines, function->place()});
    }
    if (const std::string lines = not_compiled(analysis, *function); !lines.empty()) {
      never.push_back({Fact::Kind::decided, function->name,
                       "not compiled: " + function->path + ":" + lines, function->place()});
    }
  }
  result.insert(result.end(), never.begin(), never.end());
  return result;
}

}  // namespace airlock::kernel
