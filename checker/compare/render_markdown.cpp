// The matrix for a commit message, an issue or a pull request: GitHub's tables, and otherwise plain
// CommonMark that reads well unrendered. Names are escaped; commands are code blocks.
#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>

#include "checker/compare/render.hpp"
#include "checker/compare/undecided.hpp"
#include "checker/trace/markup.hpp"
#include "checker/trace/render.hpp"

namespace airlock {
namespace {

std::string joined(const std::vector<std::pair<std::string, std::string>>& pairs) {
  std::vector<std::string> words;
  for (const auto& [name, value] : pairs) {
    words.push_back(markdown_code(name + "=" + value));
  }
  return words.empty() ? "none" : fmt::format("{}", fmt::join(words, ", "));
}

class MatrixMarkdown {
 public:
  MatrixMarkdown(const Matrix& matrix, const MatrixHeading& heading)
      : matrix_(matrix), heading_(heading), properties_(properties_of(matrix)) {}

  std::string render() {
    table();
    for (std::size_t i = 0; i < notes_.size(); ++i) {
      out_ += fmt::format("\n\\*{} assumes {}\n", i + 1,
                          markdown_code(fmt::format("{}", fmt::join(notes_[i], ", "))));
    }
    violations();
    undecided();
    gaps();
    witnesses("Guards against vacuity", properties_.guards, "**not reachable** under");
    witnesses("Symptoms of known bugs", properties_.symptoms, "not reachable under");
    basis();
    return std::move(out_);
  }

 private:
  void table() {
    std::string head = "| fix |";
    std::string rule = "|---|";
    for (const Property* property : properties_.columns) {
      head += " " + escape_markdown(words_of(*property)) + " |";
      rule += "---|";
    }
    const bool costs = std::any_of(matrix_.rows.begin(), matrix_.rows.end(),
                                   [](const Row& row) { return row.costs.has_value(); });
    if (costs) {
      head += " rdmsr/wrmsr per entry | per fast path |";
      rule += "---|---|";
    }
    out_ += head + "\n" + rule + "\n";
    for (const Row& row : matrix_.rows) {
      out_ += "| " + markdown_code(shown_fix(matrix_, row.fix), true) + " |";
      for (const Property* property : properties_.columns) {
        out_ += " " + cell(find_cell(row, property->name)) + " |";
      }
      if (costs) {
        const Costs all = row.costs.value_or(Costs{});
        out_ += " " + cost(all, all.entry) + " | " + cost(all, all.fastpath) + " |";
      }
      out_ += "\n";
    }
  }

  static std::string cost(const Costs& costs, const Cost& cost) {
    return costs.reason.empty() ? range_text(cost.rdmsr) + "/" + range_text(cost.wrmsr) : "unknown";
  }

  std::string cell(const Cell* cell) {
    if (cell == nullptr) {
      return "-";
    }
    const Decision& decision = cell->decision;
    switch (decision.verdict) {
      case Verdict::violated:
        return fmt::format("❌ **violated** ({})", decision.trace ? decision.trace->steps() : 0);
      case Verdict::unknown: return "❓ unknown";
      case Verdict::holds: break;
    }
    return decision.assumes.empty() ? "✅ holds"
                                    : fmt::format("✅ holds\\*{}", note(decision.assumes));
  }

  std::size_t note(const std::vector<std::string>& assumes) {
    const auto found = std::find(notes_.begin(), notes_.end(), assumes);
    const auto index = static_cast<std::size_t>(found - notes_.begin());
    if (found == notes_.end()) {
      notes_.push_back(assumes);
    }
    return index + 1;
  }

  void section(const std::string& heading, const std::string& inside) {
    if (!inside.empty()) {
      out_ += "\n### " + heading + "\n\n" + inside;
    }
  }

  void violations() {
    std::string inside;
    for (const Row& row : matrix_.rows) {
      for (const Cell& cell : row.cells) {
        const Decision& decision = cell.decision;
        if (decision.verdict == Verdict::violated && decision.trace) {
          inside +=
              fmt::format("- {}, {}: {}\n\n      {}\n", markdown_code(shown_fix(matrix_, row.fix)),
                          markdown_code(decision.property->name),
                          escape_markdown(last_sentence(*decision.trace)),
                          printable(heading_.trace_command(row.fix, decision.property->name)));
        }
      }
    }
    section("Violated", inside);
  }

  void undecided() {
    std::string inside;
    const auto add = [&](const std::string& fix, const std::string& what, const std::string& why) {
      inside += fmt::format("- {}, {}: {}\n", markdown_code(fix), markdown_code(what),
                            escape_markdown(why));
    };
    for (const Row& row : matrix_.rows) {
      for (const Cell& cell : row.cells) {
        const std::string& name = cell.decision.property->name;
        if (cell.decision.verdict == Verdict::unknown) {
          add(shown_fix(matrix_, row.fix), name,
              fmt::format("{} ({}; to go on: {})", cell.decision.reason,
                          fmt::join(covered_lines(cell.decision), "; "),
                          how_to_go_on(cell.decision, ask_prove)));
        }
        if (!cell.decision.assumes_minimal) {
          add(shown_fix(matrix_, row.fix), name,
              "fewer assumptions may do: " + cell.decision.assumes_reason);
        }
      }
      for (const LooseEnd& end : loose_ends(row)) {
        add(shown_fix(matrix_, row.fix), end.what, end.why + "; to go on: " + end.to_go_on);
      }
    }
    section("Undecided", inside);
  }

  void gaps() {
    std::string inside;
    for (const MatrixGap& gap : heading_.gaps) {
      const std::string rows = rows_of(gap);
      inside += fmt::format("- {} {}{}{}\n", markdown_code(gap.name), problem_of(gap),
                            gap.text.empty() ? "" : ": " + markdown_code(gap.text),
                            rows.empty() ? "" : " (" + escape_markdown(rows) + ")");
    }
    const std::string accept = how_to_accept(heading_.gaps);
    section("Gaps", inside + (accept.empty() ? "" : "\n" + escape_markdown(accept) + "\n"));
  }

  void witnesses(const std::string& heading, const std::vector<const Property*>& which,
                 const char* missed) {
    std::string inside;
    for (const Property* property : which) {
      std::map<Verdict, std::vector<std::string>> fixes;
      for (const Row& row : matrix_.rows) {
        if (const Cell* cell = find_cell(row, property->name); cell != nullptr) {
          fixes[cell->decision.verdict].push_back(markdown_code(shown_fix(matrix_, row.fix)));
        }
      }
      std::vector<std::string> parts;
      const auto add = [&](Verdict verdict, const char* word) {
        if (const auto& list = fixes[verdict]; !list.empty()) {
          parts.push_back(fmt::format("{} {}", word, fmt::join(list, ", ")));
        }
      };
      add(Verdict::holds, "reached under");
      add(Verdict::violated, missed);
      add(Verdict::unknown, "unknown under");
      inside += fmt::format("- {}: {}\n", markdown_code(property->name), fmt::join(parts, "; "));
    }
    section(heading, inside);
  }

  void basis() {
    std::vector<std::string> actors;
    for (const std::string& actor : heading_.actors) {
      actors.push_back(markdown_code(actor));
    }
    std::string inside = "- model: " + markdown_code(heading_.model) +
                         "\n- parameters: " + joined(heading_.parameters) + "\n- actors: " +
                         (actors.empty() ? "none" : fmt::format("{}", fmt::join(actors, ", "))) +
                         "\n- choices: " + joined(choices_of(matrix_)) + "\n";
    if (any_holds(matrix_)) {
      for (const std::string& sentence : assumptions_of(matrix_)) {
        inside += "- every “holds” assumes: " + escape_markdown(sentence) + "\n";
      }
    }
    section("Under", inside);
  }

  const Matrix& matrix_;
  const MatrixHeading& heading_;
  MatrixProperties properties_;
  std::vector<std::vector<std::string>> notes_;
  std::string out_;
};

}  // namespace

std::string render_markdown(const Matrix& matrix, const MatrixHeading& heading) {
  return MatrixMarkdown(matrix, heading).render();
}

}  // namespace airlock
