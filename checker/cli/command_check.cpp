// `airlock check TREE`: which guarantees a kernel tree keeps, alone and with each patch on top. It
// is compare on rows that are trees, said the way somebody with a patch asks: what changed first,
// the traces of what is violated in the end, what the verdicts rest on. The exit status is the last
// row's.
#include <algorithm>
#include <fmt/format.h>

#include "checker/cli/check_mail.hpp"
#include "checker/cli/check_rows.hpp"
#include "checker/cli/commands.hpp"
#include "checker/cli/compare_input.hpp"
#include "checker/cli/expectation_input.hpp"
#include "checker/cli/git_bisect.hpp"
#include "checker/cli/terminal.hpp"
#include "checker/cli/version.hpp"
#include "checker/compare/render_alarm.hpp"
#include "checker/trace/render.hpp"

namespace airlock {
namespace {

struct VerdictChange {
  std::string row;
  const Property* property;
  Verdict before;
  Verdict after;
};

std::string word_of(const Property& property, Verdict verdict) {
  if (!seeks_witness(property) || verdict == Verdict::unknown) {
    return to_string(verdict);
  }
  return verdict == Verdict::holds ? "reached" : "not reachable";
}

/// What is otherwise in a row than in the one before it.
std::vector<VerdictChange> changes_of(const Matrix& matrix) {
  std::vector<VerdictChange> result;
  for (std::size_t i = 1; i < matrix.rows.size(); ++i) {
    for (const Cell& cell : matrix.rows[i].cells) {
      const std::string& name = cell.decision.property->name;
      const Cell* before = find_cell(matrix.rows[i - 1], name);
      if (before != nullptr && before->decision.verdict != cell.decision.verdict) {
        result.push_back({matrix.rows[i].fix, cell.decision.property, before->decision.verdict,
                          cell.decision.verdict});
      }
    }
  }
  return result;
}

std::string changes_text(const Matrix& matrix) {
  std::string out;
  const std::vector<VerdictChange> changes = changes_of(matrix);
  for (std::size_t i = 1; i < matrix.rows.size(); ++i) {
    const std::string& row = matrix.rows[i].fix;
    std::string lines;
    for (const VerdictChange& change : changes) {
      if (change.row == row) {
        lines += fmt::format("  {}: {} -> {}\n", change.property->name,
                             word_of(*change.property, change.before),
                             word_of(*change.property, change.after));
      }
    }
    out += fmt::format("{} against {}:{}\n{}", printable(row), printable(matrix.rows[i - 1].fix),
                       lines.empty() ? " no verdict changes" : "", lines);
  }
  return out.empty() ? out : out + "\n";
}

/// The traces of the last row.
std::string traces_text(const Matrix& matrix, const MatrixHeading& heading) {
  std::string out;
  const Row& row = matrix.rows.back();
  for (const Cell& cell : row.cells) {
    if (cell.decision.verdict == Verdict::violated && cell.decision.trace) {
      out += "\n" +
             render_text(*cell.decision.trace, trace_heading(heading, row, cell), output_style()) +
             alarm_text(cell, output_style());
    }
  }
  return out;
}

/// How much the verdicts of the last row rest on, and how to see it.
std::string receipt_summary(const Session& session) {
  const kernel::Receipt& receipt = session.trees().back().slice.receipt;
  std::size_t believed = 0;
  for (const kernel::Fact& fact : receipt.facts) {
    believed += is_believed(fact.kind) ? 1 : 0;
  }
  std::string command = "airlock slice --receipt " + shell_quote(session.options().trees.front());
  for (const std::string& patch : session.options().patches) {
    command += " --patch " + shell_quote(patch);
  }
  if (!session.options().lens.empty()) {
    command += " --lens " + shell_quote(session.options().lens);
  }
  return fmt::format(
      "\nOf {} functions that are reached {} are kept, {} statements of {}; {} things are "
      "believed:\n"
      "  {}\n",
      receipt.reached_functions, receipt.kept.size(), receipt.kept_statements,
      receipt.reached_statements, believed, command);
}

std::string rendered(const Session& session, const Matrix& matrix, const MatrixHeading& heading,
                     const std::optional<Compared>& expected) {
  switch (session.options().format) {
    case Format::json: {
      nlohmann::ordered_json json = render_json(matrix, heading);
      json["changes"] = nlohmann::ordered_json::array();
      for (const VerdictChange& change : changes_of(matrix)) {
        json["changes"].push_back({{"fix", change.row},
                                   {"property", change.property->name},
                                   {"before", to_string(change.before)},
                                   {"after", to_string(change.after)}});
      }
      for (std::size_t i = 0; i < session.trees().size(); ++i) {
        json["rows"].at(i)["receipt"] = receipt_of(session.trees()[i]);
      }
      if (expected) {
        json["expected"] = render_json(*expected);
      }
      json["receipt"] = json["rows"].back()["receipt"];  // what the exit status rests on
      return dump(json);
    }
    case Format::markdown: return render_markdown(matrix, heading);
    case Format::junit: return render_junit(matrix, heading);
    case Format::ktap: return render_ktap(matrix, heading);
    case Format::kbuild: return render_kbuild(matrix, heading);
    case Format::mail: return render_mail(matrix, heading, mail_input(session));
    case Format::sarif: return dump(render_sarif(matrix, heading, AIRLOCK_VERSION));
    default: break;
  }
  const std::size_t remembered = remembered_verdicts(matrix);
  const std::string note = remembered == 0
                               ? ""
                               : fmt::format(
                                     "\n{} of the verdicts {} decided before, about an equal slice "
                                     "(--no-cache decides anew).\n",
                                     remembered, remembered == 1 ? "was" : "were");
  return changes_text(matrix) + render_text(matrix, heading, output_style()) +
         traces_text(matrix, heading) + note + receipt_summary(session) +
         (expected ? render_text(*expected) : "");
}

}  // namespace

ExitStatus run_check(const Session& session) {
  const std::optional<Expectations> expectations = read_expectations(session.options());
  Matrix matrix = check_rows(session);
  const auto [heading, expected] = finished(session, matrix, expectations);
  print(rendered(session, matrix, heading, expected));
  const Row& last = matrix.rows.back();
  const bool doubtful = !expected && only_doubtful(last);
  const ExitStatus plain =
      doubtful ? ExitStatus::doubtful : status_of(expected ? expected->verdict() : overall(last));
  const ExitStatus status = session.options().for_git_bisect ? for_git_bisect(plain) : plain;
  if (session.options().format == Format::text) {
    print(closing_line(status,
                       expected ? expected->why_not()
                                : "of " + printable(last.fix) + ", " + why_not(last) +
                                      (doubtful ? ", and that may be a false alarm" : ""),
                       output_style().width));
  }
  return status;
}

}  // namespace airlock
