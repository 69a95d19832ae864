// The matrix on a screen: verdicts first, what to do about them below, what they rest on last.
#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>

#include "checker/compare/render.hpp"
#include "checker/compare/table.hpp"
#include "checker/compare/undecided.hpp"
#include "checker/trace/render.hpp"
#include "model/system/counted.hpp"

namespace airlock {
namespace {

class MatrixText {
 public:
  MatrixText(const Matrix& matrix, const MatrixHeading& heading, const TextStyle& style)
      : matrix_(matrix), heading_(heading), style_(style), properties_(properties_of(matrix)) {}

  std::string render() {
    table();
    footnotes();
    violations();
    undecided();
    witnesses("Guards against vacuity:", properties_.guards, "NOT REACHABLE");
    witnesses("Symptoms of known bugs:", properties_.symptoms, "not reachable");
    basis();
    if (heading_.stats) {
      statistics();
    }
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::string shown(const Row& row) const { return shown_fix(matrix_, row.fix); }

  /// The number of the footnote for these assumptions.
  std::size_t footnote(const std::vector<std::string>& assumes) {
    const auto found = std::find(footnotes_.begin(), footnotes_.end(), assumes);
    const auto index = static_cast<std::size_t>(found - footnotes_.begin());
    if (found == footnotes_.end()) {
      footnotes_.push_back(assumes);
    }
    return index + 1;
  }

  TableCell table_cell(const Cell* cell) {
    if (cell == nullptr) {
      return {"-", Ink::dim};
    }
    const Decision& decision = cell->decision;
    switch (decision.verdict) {
      case Verdict::violated:
        return {fmt::format("VIOLATED {}", decision.trace ? decision.trace->steps() : 0), Ink::red};
      case Verdict::unknown: return {"unknown", Ink::yellow};
      case Verdict::holds: break;
    }
    if (decision.assumes.empty()) {
      return {"holds", Ink::green};
    }
    return {fmt::format("holds*{}", footnote(decision.assumes)), Ink::green};
  }

  void table() {
    std::vector<TableColumn> columns;
    columns.push_back({"fix", {}});
    for (const Row& row : matrix_.rows) {
      columns.front().cells.push_back({printable(shown(row)), Ink::bold});
    }
    // Row by row, so that footnotes are numbered in reading order.
    for (const Property* property : properties_.columns) {
      columns.push_back({words_of(*property), {}});
    }
    for (const Row& row : matrix_.rows) {
      for (std::size_t i = 0; i < properties_.columns.size(); ++i) {
        columns[i + 1].cells.push_back(table_cell(find_cell(row, properties_.columns[i]->name)));
      }
    }
    std::vector<TableColumn> costs{columns.front()};
    add_costs(costs);
    if (costs.size() > 1) {
      std::vector<TableColumn> all = columns;
      all.insert(all.end(), costs.begin() + 1, costs.end());
      if (!fits(all, style_)) {
        out_ += render_table(columns, style_) + "\n" + render_table(costs, style_);
        return;
      }
      columns = std::move(all);
    }
    out_ += render_table(columns, style_);
  }

  void add_costs(std::vector<TableColumn>& columns) const {
    const auto add = [&](const std::string& heading, auto cost_of) {
      TableColumn column{heading, {}};
      bool any = false;
      for (const Row& row : matrix_.rows) {
        any = any || row.costs;
        column.cells.push_back(
            {row.costs ? cost_text(*row.costs, cost_of(*row.costs)) : "", Ink::plain});
      }
      if (any) {
        columns.push_back(std::move(column));
      }
    };
    add("rdmsr/ wrmsr per entry", [](const Costs& costs) { return costs.entry; });
    add("rdmsr/ wrmsr per fast path", [](const Costs& costs) { return costs.fastpath; });
  }

  static std::string cost_text(const Costs& costs, const Cost& cost) {
    if (!costs.reason.empty()) {
      return "unknown";
    }
    return cost.rdmsr || cost.wrmsr ? range_text(cost.rdmsr) + "/" + range_text(cost.wrmsr) : "-";
  }

  void footnotes() {
    for (std::size_t i = 0; i < footnotes_.size(); ++i) {
      out_ += i == 0 ? "\n" : "";
      out_ += hanging(fmt::format("  *{}  ", i + 1),
                      fmt::format("assumes {}", fmt::join(footnotes_[i], ", ")), style_.width);
    }
    for (const Row& row : matrix_.rows) {
      for (const Cell& cell : row.cells) {
        if (!cell.decision.assumes_minimal) {
          out_ += hanging("  ",
                          shown(row) + ": " + cell.decision.property->name +
                              ": fewer assumptions may do: " + cell.decision.assumes_reason,
                          style_.width);
        }
      }
    }
  }

  void title(const std::string& text) { out_ += "\n" + style_.paint(Ink::bold, text) + "\n"; }

  /// Lines of a section, its title before the first.
  void section(const std::string& text, const std::vector<std::string>& lines) {
    if (lines.empty()) {
      return;
    }
    title(text);
    for (const std::string& line : lines) {
      out_ += line;
    }
  }

  void violations() {
    std::vector<std::string> lines;
    for (const Row& row : matrix_.rows) {
      for (const Cell& cell : row.cells) {
        const Decision& decision = cell.decision;
        if (decision.verdict == Verdict::violated && decision.trace) {
          lines.push_back(fmt::format("  {:>3} {:<5}  {}\n", decision.trace->steps(),
                                      decision.trace->steps() == 1 ? "step" : "steps",
                                      heading_.trace_command(row.fix, decision.property->name)));
        }
      }
    }
    section("Violated; a shortest trace of each:", lines);
  }

  void undecided() {
    std::vector<std::string> lines;
    for (const Row& row : matrix_.rows) {
      for (const Cell& cell : row.cells) {
        if (cell.decision.verdict == Verdict::unknown) {
          lines.push_back(hanging(
              "  ", shown(row) + ": " + cell.decision.property->name + ": " + cell.decision.reason,
              style_.width));
          for (const std::string& line : covered_lines(cell.decision)) {
            lines.push_back(hanging("    ", line, style_.width));
          }
          lines.push_back(
              hanging("    to go on: ", how_to_go_on(cell.decision, ask_prove), style_.width));
        }
      }
      for (const LooseEnd& end : loose_ends(row)) {
        lines.push_back(hanging(
            "  ", shown(row) + ": " + end.what + ": " + end.why + "; to go on: " + end.to_go_on,
            style_.width));
      }
    }
    section("Undecided:", lines);
  }

  /// One line per guard or symptom: under which fixes it is reached, and under which not.
  void witnesses(const std::string& heading, const std::vector<const Property*>& which,
                 std::string_view missed) {
    std::vector<std::string> lines;
    std::size_t width = 0;
    for (const Property* property : which) {
      width = std::max(width, columns(printable(property->name)));
    }
    for (const Property* property : which) {
      const std::string& name = property->name;
      std::map<Verdict, std::vector<std::string>> fixes;
      std::set<std::size_t> steps;
      std::size_t rows = 0;
      for (const Row& row : matrix_.rows) {
        if (const Cell* cell = find_cell(row, name); cell != nullptr) {
          ++rows;
          fixes[cell->decision.verdict].push_back(shown(row));
          if (cell->decision.trace) {
            steps.insert(cell->decision.trace->steps());
          }
        }
      }
      lines.push_back(hanging("  " + pad(printable(name), width) + "  ",
                              witness_text(fixes, steps, rows, missed), style_.width));
    }
    section(heading, lines);
  }

  static std::string witness_text(std::map<Verdict, std::vector<std::string>>& fixes,
                                  const std::set<std::size_t>& steps, std::size_t rows,
                                  std::string_view not_reachable) {
    std::vector<std::string> parts;
    if (const auto& reached = fixes[Verdict::holds]; !reached.empty()) {
      const std::string length =
          steps.size() == 1 ? "in " + counted(*steps.begin(), "step")
                            : fmt::format("in {}-{} steps", *steps.begin(), *steps.rbegin());
      parts.push_back(reached.size() == rows
                          ? fmt::format("reached {}", length)
                          : fmt::format("reached {} under {}", length, fmt::join(reached, ", ")));
    }
    const auto add = [&](std::string_view what, const std::vector<std::string>& under) {
      if (!under.empty()) {
        parts.push_back(under.size() == rows
                            ? std::string(what)
                            : fmt::format("{} under {}", what, fmt::join(under, ", ")));
      }
    };
    add(not_reachable, fixes[Verdict::violated]);
    add("unknown", fixes[Verdict::unknown]);
    return fmt::format("{}", fmt::join(parts, "; "));
  }

  void fact(std::string_view label, const std::vector<std::string>& words) {
    if (!words.empty()) {
      out_ += hanging(fmt::format("  {:<12}", label), fmt::format("{}", fmt::join(words, ", ")),
                      style_.width);
    }
  }

  void basis() {
    title("Under");
    std::vector<std::string> parameters;
    for (const auto& [name, value] : heading_.parameters) {
      parameters.push_back(name + "=" + value);
    }
    std::vector<std::string> choices;
    for (const auto& [name, value] : choices_of(matrix_)) {
      choices.push_back(name + "=" + value);
    }
    fact("model", {heading_.model});
    fact("parameters", parameters);
    fact("actors", heading_.actors.empty() ? std::vector<std::string>{"none"} : heading_.actors);
    fact("choices", choices);
    std::vector<std::string> lines;
    if (any_holds(matrix_)) {
      for (const std::string& sentence : assumptions_of(matrix_)) {
        lines.push_back(hanging("  - ", sentence, style_.width));
      }
    }
    section("Every \"holds\" assumes:", lines);
  }

  void statistics() {
    double build = 0;
    double explored = 0;
    double pins = 0;
    double confirmed = 0;
    double cost = 0;
    double certified = 0;
    for (const Row& row : matrix_.rows) {
      build += row.build_seconds;
      cost += row.costs ? row.costs->seconds : 0;
      explored += row.explore_seconds;
      pins += row.pins_seconds;
      for (const Cell& cell : row.cells) {
        // What a proof under fewer pins confirms is among the pins' time.
        confirmed += cell.decision.freed ? 0 : cell.check.seconds;
        certified += cell.certificate ? cell.certificate->seconds : 0;
      }
    }
    section("Where the time goes (seconds, all threads together):",
            {fmt::format("  building the worlds {:8.2f}\n", build),
             fmt::format("  explore             {:8.2f}\n", explored),
             fmt::format("  Z3: the pins needed {:8.2f}\n", pins),
             fmt::format("  Z3: confirmation    {:8.2f}\n", confirmed),
             fmt::format("  certificates        {:8.2f}\n", certified),
             fmt::format("  costs               {:8.2f}\n", cost),
             fmt::format("  elapsed             {:8.2f}\n", matrix_.seconds)});
  }

  const Matrix& matrix_;
  const MatrixHeading& heading_;
  TextStyle style_;
  MatrixProperties properties_;
  std::vector<std::vector<std::string>> footnotes_;
  std::string out_;
};

}  // namespace

std::string render_text(const Matrix& matrix, const MatrixHeading& heading,
                        const TextStyle& style) {
  return MatrixText(matrix, heading, style).render();
}

}  // namespace airlock
