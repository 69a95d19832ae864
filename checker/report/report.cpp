// The report as a document. Everything that it says is in the markup itself: the matrix as a table,
// every trace as text in a <details>. report.js adds the explorer on top and takes nothing away, so
// that a reader without JavaScript, a printer and a search in the page all find everything.
//
// Anchors are numbered in reading order (t1, t2, …), never made of names.
#include "checker/report/report.hpp"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <map>

#include "checker/compare/undecided.hpp"
#include "checker/report/film.hpp"
#include "checker/report/page.hpp"
#include "checker/trace/markup.hpp"
#include "checker/trace/names.hpp"
#include "checker/trace/render.hpp"
#include "model/system/counted.hpp"

namespace airlock {
namespace {

std::string header(const std::string& title, const std::string& text) {
  return fmt::format(
      "<header class=\"top\">\n<p class=\"brand\">Airlock</p>\n<h1>{}</h1>\n"
      "<p class=\"lead\">{}</p>\n</header>\n",
      escape_markup(title), text);
}

class MatrixReport {
 public:
  MatrixReport(const Matrix& matrix, const MatrixHeading& heading, const ReportHeading& report)
      : matrix_(matrix),
        heading_(heading),
        report_(report),
        film_(report.inputs),
        properties_(properties_of(matrix)) {}

  std::string render() {
    const std::string answer =
        table(properties_.columns, true) + footnotes() + open_questions() + gaps();
    const std::string guards =
        properties_.guards.empty() ? "" : guards_text() + table(properties_.guards, false);
    const std::string symptoms =
        properties_.symptoms.empty() ? "" : symptoms_text() + table(properties_.symptoms, false);
    const std::string title = "Airlock: " + heading_.model;
    std::string body =
        header(heading_.model, lead()) + "<main>\n" + section("answer", "The matrix", answer) +
        explorer_place() + section("meaning", "What the columns say", meaning()) +
        section("guards", "Guards against vacuity", guards) +
        section("symptoms", "Symptoms of known bugs", symptoms) +
        section("traces", "The traces as text", traces_) + why_it_holds() +
        basis(heading_.parameters, heading_.actors, choices_of(matrix_), assumptions_of(matrix_)) +
        origin(report_) + "</main>\n";
    return page(title, body, film_, report_);
  }

 private:
  [[nodiscard]] std::string lead() const {
    std::map<Verdict, std::size_t> count;
    for (const Row& row : matrix_.rows) {
      for (const Cell& cell : row.cells) {
        count[cell.decision.verdict] += in_matrix(*cell.decision.property) ? 1 : 0;
      }
    }
    const std::size_t rows = matrix_.rows.size();
    const std::string fixes = fmt::format("{} {}", rows, rows == 1 ? "fix" : "fixes");
    return fmt::format("{} under {}: {} of {} verdicts hold, {} are violated, {} are open.{}",
                       counted(properties_.columns.size(), "guarantee"), fixes,
                       count[Verdict::holds],
                       count[Verdict::holds] + count[Verdict::violated] + count[Verdict::unknown],
                       count[Verdict::violated], count[Verdict::unknown],
                       heading_.gaps.empty()
                           ? ""
                           : " There " + std::string(heading_.gaps.size() == 1 ? "is " : "are ") +
                                 counted(heading_.gaps.size(), "gap") + ".");
  }

  std::string table(const std::vector<const Property*>& columns, bool with_costs) {
    const bool costs = with_costs && std::any_of(matrix_.rows.begin(), matrix_.rows.end(),
                                                 [](const Row& row) { return row.costs; });
    std::string out =
        "<p class=\"goes-on\">The table is wider than the screen: it scrolls sideways →</p>\n"
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Verdicts\">\n"
        "<table class=\"matrix\">\n<thead><tr><th scope=\"col\">fix</th>";
    for (const Property* property : columns) {
      out += column_heading(*property);
    }
    if (costs) {
      out +=
          "<th scope=\"col\" class=\"cost\">RDMSR / WRMSR per entry</th>"
          "<th scope=\"col\" class=\"cost\">… per fast path</th>";
    }
    out += "</tr></thead>\n<tbody>\n";
    for (const Row& row : matrix_.rows) {
      out += fmt::format(
          "<tr><th scope=\"row\"><span class=\"fix\">{}</span>"
          "<span class=\"summary\">{}</span></th>",
          escape_markup(shown_fix(matrix_, row.fix)), escape_markup(row.summary));
      for (const Property* property : columns) {
        out += cell(row, find_cell(row, property->name));
      }
      if (costs) {
        const Costs all = row.costs.value_or(Costs{});
        out += cost(all, all.entry) + cost(all, all.fastpath);
      }
      out += "</tr>\n";
    }
    return out + "</tbody></table></div>\n";
  }

  static std::string column_heading(const Property& property) {
    return fmt::format("<th scope=\"col\" title=\"{}\">{}</th>", escape_markup(property.text),
                       escape_markup(words_of(property)));
  }

  static std::string cost(const Costs& costs, const Cost& cost) {
    const std::string text = !costs.reason.empty() ? "unknown"
                             : cost.rdmsr || cost.wrmsr
                                 ? range_text(cost.rdmsr) + " / " + range_text(cost.wrmsr)
                                 : "-";
    return "<td class=\"cost\">" + text + "</td>";
  }

  std::string cell(const Row& row, const Cell* cell) {
    if (cell == nullptr) {
      return "<td class=\"none\">–</td>";
    }
    const Decision& decision = cell->decision;
    const bool guard = seeks_witness(*decision.property);
    const bool symptom = !claims_something(*decision.property);
    std::string inside;
    switch (decision.verdict) {
      case Verdict::holds: inside = guard ? "reached" : "holds"; break;
      case Verdict::violated: inside = guard ? "not reachable" : "violated"; break;
      case Verdict::unknown: inside = "unknown"; break;
    }
    if (!decision.assumes.empty()) {
      inside +=
          fmt::format("<a class=\"note\" href=\"#note{0}\">*{0}</a>", footnote(decision.assumes));
    }
    if (decision.trace) {
      inside = linked(row, *cell, inside);
    } else if (report_.proof) {
      inside += proof(row.fix, decision.property->name, guard ? "not reachable" : "holds",
                      report_.proof(row.fix, decision.property->name));
    }
    return fmt::format(
        "<td class=\"{}\"><span class=\"sign\" aria-hidden=\"true\">{}</span>{}</td>",
        symptom ? "none" : to_string(decision.verdict), symptom ? "" : sign(decision.verdict),
        inside);
  }

  static const char* sign(Verdict verdict) {
    switch (verdict) {
      case Verdict::holds: return "✓";
      case Verdict::violated: return "✗";
      case Verdict::unknown: break;
    }
    return "?";
  }

  /// The verdict as a link to its trace, which it adds.
  std::string linked(const Row& row, const Cell& cell, const std::string& verdict) {
    const Decision& decision = cell.decision;
    const std::string id = fmt::format("t{}", ++trace_count_);
    const std::string steps = counted(decision.trace->steps(), "step");
    const TraceHeading heading = trace_heading(heading_, row, cell);
    film_.add(id, shown_fix(matrix_, row.fix), *decision.trace, heading.untracked.get());
    traces_ += trace_as_text(
        id,
        fmt::format("<b>{}</b> <code>{}</code> <span class=\"steps\">{} in {}</span>",
                    escape_markup(shown_fix(matrix_, row.fix)),
                    escape_markup(decision.property->name),
                    decision.verdict == Verdict::violated ? "violated" : "reached", steps),
        *decision.trace, heading, false);
    return fmt::format(
        "<a class=\"open\" href=\"#{0}\" data-trace=\"{0}\">{1}<span "
        "class=\"steps\">{2}</span></a>",
        id, verdict, steps);
  }

  [[nodiscard]] std::string why_it_holds() const {
    return invariants_.empty()
               ? std::string{}
               : section("invariants", "Why it holds: the invariants in words",
                         "<p>What is true whenever the program is at these places; "
                         "together the sentences are an inductive invariant.</p>\n" +
                             invariants_);
  }

  /// Links to the evidence; the invariant, being long, goes into a section of its own.
  std::string proof(const std::string& fix, const std::string& property, const char* verdict,
                    const std::optional<ProofLink>& link) {
    if (!link) {
      return "";
    }
    std::string out;
    if (!link->certificate.empty()) {
      out += fmt::format("<a class=\"proof\" href=\"{}\">certificate</a>",
                         escape_markup(relative(link->certificate)));
    }
    if (!link->invariant.empty()) {
      const std::string id = fmt::format("i{}", ++invariant_count_);
      out += fmt::format("<a class=\"proof\" href=\"#{}\">why</a>", id);
      // A browser opens the details around what a link leads to.
      invariants_ += fmt::format(
          "<details class=\"trace\"><summary><b>{}</b> <code>{}</code> <span "
          "class=\"steps\">{}</span></summary><pre id=\"{}\" "
          "class=\"words\">{}</pre></details>\n",
          escape_markup(fix), escape_markup(property), verdict, id, escape_markup(link->invariant));
    }
    return out;
  }

  /// A path as a link: it must not turn out to be a scheme such as javascript:, or another host.
  static std::string relative(const std::string& path) {
    std::string out = path.rfind('/', 0) == 0 ? "file://" : "./";
    for (const char c : path) {
      const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                         std::string_view("-._~/").find(c) != std::string_view::npos;
      out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
  }

  std::size_t footnote(const std::vector<std::string>& assumes) {
    const auto found = std::find(notes_.begin(), notes_.end(), assumes);
    const auto index = static_cast<std::size_t>(found - notes_.begin());
    if (found == notes_.end()) {
      notes_.push_back(assumes);
    }
    return index + 1;
  }

  [[nodiscard]] std::string footnotes() const {
    std::string out;
    for (std::size_t i = 0; i < notes_.size(); ++i) {
      out += fmt::format("<p class=\"footnote\" id=\"note{0}\">*{0} assumes <code>{1}</code></p>\n",
                         i + 1, escape_markup(fmt::format("{}", fmt::join(notes_[i], ", "))));
    }
    return out;
  }

  /// What nobody could decide, what only one engine says, and where fewer assumptions may do.
  [[nodiscard]] std::string open_questions() const {
    std::string out;
    const auto add = [&](const std::string& fix, const std::string& what, const std::string& why) {
      out += fmt::format("<li><b>{}</b>, <code>{}</code>: {}</li>\n", escape_markup(fix),
                         escape_markup(what), escape_markup(why));
    };
    for (const Row& row : matrix_.rows) {
      for (const Cell& cell : row.cells) {
        const Decision& decision = cell.decision;
        if (decision.verdict == Verdict::unknown) {
          add(shown_fix(matrix_, row.fix), decision.property->name,
              decision.reason + "; to go on: " + how_to_go_on(decision, ask_prove));
        }
        if (!decision.assumes_minimal) {
          add(shown_fix(matrix_, row.fix), decision.property->name,
              "fewer assumptions may do: " + decision.assumes_reason);
        }
      }
      for (const LooseEnd& end : loose_ends(row)) {
        add(shown_fix(matrix_, row.fix), end.what, end.why + "; to go on: " + end.to_go_on);
      }
    }
    return out.empty() ? "" : "<h3>Open questions</h3>\n<ul>\n" + out + "</ul>\n";
  }

  /// What never happens, and what holds vacuously.
  [[nodiscard]] std::string gaps() const {
    std::string out;
    for (const MatrixGap& gap : heading_.gaps) {
      const std::string rows = rows_of(gap);
      out += fmt::format(
          "<li><code>{}</code> <b class=\"{}\">{}</b>{}{}</li>\n", escape_markup(gap.name),
          to_string(gap.decided ? Verdict::violated : Verdict::unknown), problem_of(gap),
          gap.text.empty() ? "" : ": <code>" + escape_markup(gap.text) + "</code>",
          rows.empty() ? "" : " (" + escape_markup(rows) + ")");
    }
    const std::string accept = how_to_accept(heading_.gaps);
    return out.empty() ? ""
                       : "<h3>Gaps</h3>\n<ul>\n" + out + "</ul>\n" +
                             (accept.empty() ? "" : "<p class=\"quiet\">" + accept + "</p>\n");
  }

  [[nodiscard]] std::string meaning() const {
    std::string out;
    for (const Property* property : properties_.columns) {
      out += fmt::format("<div><dt><code>{}</code></dt><dd>{}</dd></div>\n",
                         escape_markup(property->name), escape_markup(property->text));
    }
    return out.empty() ? "" : "<dl class=\"meaning\">\n" + out + "</dl>\n";
  }

  static std::string guards_text() {
    return "<p>A world in which one of these cannot happen proves little.</p>\n";
  }

  static std::string symptoms_text() {
    return "<p>Whether a known bug shows itself; no verdict rests on it.</p>\n";
  }

  const Matrix& matrix_;
  const MatrixHeading& heading_;
  const ReportHeading& report_;
  Film film_;
  MatrixProperties properties_;
  std::vector<std::vector<std::string>> notes_;
  std::size_t trace_count_ = 0;
  std::string traces_;
  std::string invariants_;
  std::size_t invariant_count_ = 0;
};

}  // namespace

std::string render_report(const Matrix& matrix, const MatrixHeading& heading,
                          const ReportHeading& report) {
  return MatrixReport(matrix, heading, report).render();
}

std::string render_report(const Trace& trace, const TraceHeading& heading,
                          const ReportHeading& report) {
  Film film(report.inputs);
  film.add("t1", shown_fix(heading.fix), trace, heading.untracked.get());
  const bool witness = seeks_witness(*trace.property);
  const bool symptom = !claims_something(*trace.property);
  const std::string verdict =
      fmt::format("{} in {}", witness ? "reached" : "violated", counted(trace.steps(), "step"));
  const std::string body =
      header(
          trace.property->name,
          fmt::format("{} <b class=\"{}\">{} {}</b> under fix <b>{}</b> of {}.",
                      escape_markup(trace.property->text), symptom ? "none" : trace_verdict(trace),
                      witness ? (symptom ? "" : "✓") : "✗", verdict,
                      escape_markup(shown_fix(heading.fix)), escape_markup(heading.model))) +
      "<main>\n" + explorer_place() +
      section("answer", "The trace as text",
              trace_as_text("t1", "<b>" + escape_markup(shown_fix(heading.fix)) + "</b> " + verdict,
                            trace, heading, true)) +
      basis(heading.parameters, heading.actors,
            shown_choices(*trace.system, heading.pins, &trace.states.back()), {}) +
      origin(report) + "</main>\n";
  return page("Airlock: " + trace.property->name, body, film, report);
}

}  // namespace airlock
