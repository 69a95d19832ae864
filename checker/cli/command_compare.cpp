#include <algorithm>
#include <chrono>
#include <exception>
#include <filesystem>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "checker/cli/commands.hpp"
#include "checker/cli/compare_input.hpp"
#include "checker/cli/compare_needs.hpp"
#include "checker/cli/coverage_input.hpp"
#include "checker/cli/engine_progress.hpp"
#include "checker/cli/expectation_input.hpp"
#include "checker/cli/report_heading.hpp"
#include "checker/cli/terminal.hpp"
#include "checker/cli/version.hpp"
#include "checker/compare/render.hpp"
#include "checker/report/report.hpp"
#include "checker/support/atomic_file.hpp"
#include "checker/trace/render.hpp"
#include "model/system/input_error.hpp"

namespace airlock {
namespace {

std::string gaps_in_words(const std::vector<MatrixGap>& gaps) {
  return gaps.empty()
             ? ""
             : fmt::format("{} in what the model shows",
                           gaps.size() == 1 ? "1 gap" : fmt::format("{} gaps", gaps.size()));
}

HeldProperties held_properties(const Matrix& matrix) {
  HeldProperties held;
  for (const Row& row : matrix.rows) {
    for (const Cell& cell : row.cells) {
      if (!cell.two_runs && cell.decision.verdict == Verdict::holds) {
        held[row.fix].insert(cell.decision.property->name);
      }
    }
  }
  return held;
}

void add_coverage(nlohmann::ordered_json& json, const ComparedCoverage& coverage) {
  json["coverage"] = render_gaps_json(coverage.report);
  json["coverage_asked"] = coverage.asked;
  json["coverage_not_begun"] = nlohmann::ordered_json::array();
  for (const Coverage& row : coverage.report.rows) {
    if (!row.begun) {
      json["coverage_not_begun"].push_back(row.fix);
    }
  }
}

/// What is said of a matrix beside its cells.
struct Beside {
  const ComparedCoverage* coverage = nullptr;  ///< null where there is nothing to say of it
  const std::optional<AllNeeds>& needs;
  const std::optional<Compared>& expected;
};

std::string rendered(const Matrix& matrix, const Beside& beside, const MatrixHeading& heading,
                     Format format) {
  switch (format) {
    case Format::json: {
      nlohmann::ordered_json json = render_json(matrix, heading);
      if (beside.coverage != nullptr) {
        add_coverage(json, *beside.coverage);
      }
      if (beside.needs) {
        add_needs(json, matrix, *beside.needs);
      }
      if (beside.expected) {
        json["expected"] = render_json(*beside.expected);
      }
      return dump(json);
    }
    case Format::markdown: return render_markdown(matrix, heading);
    case Format::junit: return render_junit(matrix, heading);
    case Format::ktap: return render_ktap(matrix, heading);
    case Format::kbuild: return render_kbuild(matrix, heading);
    case Format::sarif: return dump(render_sarif(matrix, heading, AIRLOCK_VERSION));
    default:
      return render_text(matrix, heading, output_style()) +
             (beside.needs ? render_text(*beside.needs, matrix, output_style()) : "") +
             (beside.expected ? render_text(*beside.expected) : "");
  }
}

/// The invariant for people: per place of the program, what is true there.
std::string in_words(const Explanation& explanation) {
  std::string out;
  for (const ExplainedGroup& group : explanation.groups) {
    out += fmt::format("{}:\n", fmt::join(group.places, "; "));
    for (const std::string& sentence : group.sentences) {
      out += "  - " + sentence + "\n";
    }
  }
  if (!explanation.everywhere.empty()) {
    out += "everywhere:\n";
    for (const std::string& sentence : explanation.everywhere) {
      out += "  - " + sentence + "\n";
    }
  }
  return out;
}

/// A file as seen from the folder of the report.
std::string seen_from_report(const std::string& file, const std::string& report) {
  const std::filesystem::path folder = std::filesystem::absolute(report).parent_path();
  return std::filesystem::absolute(file).lexically_normal().lexically_relative(folder).string();
}

/// Where the evidence of a cell is to be had: the certificate, if it was written, and in words.
std::optional<ProofLink> proof_link(const Matrix& matrix, const std::string& report,
                                    const std::string& fix, const std::string& property) {
  for (const Row& row : matrix.rows) {
    for (const Cell& cell : row.cells) {
      if (row.fix != fix || cell.decision.property->name != property || !cell.certificate ||
          cell.certificate->text.empty()) {
        continue;
      }
      const std::string& file = cell.certificate->file;
      return ProofLink{file.empty() ? std::string{} : seen_from_report(file, report),
                       in_words(cell.certificate->explanation)};
    }
  }
  return std::nullopt;
}

void report(const Session& session, const Matrix& matrix, const MatrixHeading& heading,
            const std::vector<Fix>& fixes) {
  const auto start = std::chrono::steady_clock::now();
  ReportHeading origin = report_heading(session, fixes);
  origin.proof = [&](const std::string& fix, const std::string& property) {
    return proof_link(matrix, session.options().report, fix, property);
  };
  const std::string html = render_report(matrix, heading, origin);
  write_report(session.options(), html);
  if (session.options().stats) {
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    print_error(fmt::format("report: {} kB in {:.2f} s\n", html.size() / 1000, seconds.count()));
  }
}

}  // namespace

ExitStatus run_compare(const Session& session) {
  check_report_path(session.options());
  const bool with_needs = says_needs(session.options());
  const std::optional<Expectations> expectations = read_expectations(session.options());
  const std::vector<Fix> fixes = session.fixes(session.project().fixes());
  std::vector<RowInput> rows;
  for (const Fix& fix : fixes) {
    rows.push_back(row_input(session, fix));
  }
  // Names are checked before the work begins, not after it.
  const TransitionSystem first = rows.front().build();
  const std::vector<std::string> guards =
      assumed_guards(first, session.properties_beside_two_runs(first));
  static_cast<void>(default_pins(first, session.chosen()));

  ProgressLine line(session.options().quiet);
  MatrixOptions options;
  options.chosen = session.chosen();
  options.properties = session.options().properties;
  options.context = session.context();
  options.progress = with_progress(line, options.context.deadline);
  Matrix matrix = compare(rows, options);
  check_interrupted();
  matrix.assumptions = guards;
  std::optional<AllNeeds> needs;
  if (with_needs) {
    needs = needs_of_matrix(session, fixes, matrix, with_progress(line, options.context.deadline));
  }
  line.clear();
  check_interrupted();
  auto [heading, expected] = finished(session, matrix, expectations);
  const Format format = session.options().format;
  if (format == Format::text) {  // people need not wait for the last question
    print(rendered(matrix, {nullptr, needs, expected}, heading, format));
  }
  ComparedCoverage coverage;
  std::exception_ptr wrong;  // in the manifest: no reason to keep the matrix back
  try {
    const EngineContext context = with_progress(options.context, line, "what never happens");
    coverage = coverage_of_rows(session, fixes, held_properties(matrix), context);
  } catch (const InputError&) {
    wrong = std::current_exception();
  }
  line.clear();
  check_interrupted();
  heading.gaps = gaps_of(coverage.report);
  if (format != Format::text) {
    print(rendered(matrix, {wrong ? nullptr : &coverage, needs, expected}, heading, format));
  }
  const CoverageReport& covered = coverage.report;
  if (!covered.complete()) {
    const bool text = format == Format::text;
    text ? print(render_gaps(covered, output_style(), false))
         : print_error(render_gaps(covered, {}, false));
  }
  if (!session.options().report.empty()) {
    report(session, matrix, heading, fixes);
  }
  if (wrong) {
    std::rethrow_exception(wrong);
  }
  Verdict gaps = Verdict::holds;
  if (!covered.complete()) {
    gaps = covered.lacks_something() ? Verdict::violated : Verdict::unknown;
  }
  const Verdict verdict = expected ? expected->verdict() : overall(matrix);
  const ExitStatus status = status_of(worse(verdict, gaps));
  if (format == Format::text) {
    std::vector<std::string> why{expected ? expected->why_not() : why_not(matrix),
                                 gaps_in_words(heading.gaps)};
    why.erase(std::remove(why.begin(), why.end(), ""), why.end());
    if (why.empty()) {
      why.emplace_back("what never happens is undecided");
    }
    print(closing_line(status, fmt::format("{}", fmt::join(why, ", ")), output_style().width));
  }
  return status;
}

}  // namespace airlock
