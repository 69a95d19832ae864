#include "checker/cli/expectation_input.hpp"

#include <filesystem>
#include <fmt/format.h>

#include "checker/support/atomic_file.hpp"
#include "checker/trace/render.hpp"
#include "model/system/input_error.hpp"
#include "model/world/manifest.hpp"

namespace airlock {

std::optional<Expectations> read_expectations(const Options& options) {
  if (options.expect.empty()) {
    return std::nullopt;
  }
  std::error_code ignored;
  if (!std::filesystem::exists(options.expect, ignored)) {
    throw InputError({options.expect, 0, 0}, "no such file", {}, "a file of --write-expect's");
  }
  return parse_expectations(options.expect, read_file(options.expect));
}

void write_expectations(const Options& options, const Matrix& matrix) {
  if (!options.write_expect.empty()) {
    write_file(options.write_expect, to_text(expectations_of(matrix)));
  }
}

Verdict Compared::verdict() const {
  if (!changes.empty()) {
    return Verdict::violated;
  }
  return unchecked ? Verdict::unknown : Verdict::holds;
}

std::string Compared::why_not() const {
  if (!changes.empty()) {
    return fmt::format(
        "{} not as {} says",
        changes.size() == 1 ? "1 verdict is" : fmt::format("{} verdicts are", changes.size()),
        printable(file));
  }
  return unchecked ? "a verdict lacks its second opinion or certificate" : "";
}

Compared compared(const Options& options, const Matrix& matrix, const Expectations& expected) {
  Compared result{options.expect, unexpected(matrix, expected, options.properties)};
  for (const Row& row : matrix.rows) {
    for (const Cell& cell : row.cells) {
      const bool checked = (cell.two_runs || cell.confirmed()) &&
                           (!cell.certificate || !cell.certificate->text.empty());
      result.unchecked |= claims_something(*cell.decision.property) &&
                          cell.decision.verdict == Verdict::holds && !checked;
    }
  }
  return result;
}

std::string render_text(const Compared& compared) {
  std::string out = fmt::format("\nAgainst {}: {}\n", printable(compared.file),
                                compared.changes.empty() ? "all as expected" : compared.why_not());
  for (const Unexpected& change : compared.changes) {
    out += fmt::format("  {:7}  {}, {}: {}\n", to_string(change.kind), printable(change.row),
                       printable(change.property), printable(change.text));
  }
  return out;
}

nlohmann::ordered_json render_json(const Compared& compared) {
  nlohmann::ordered_json changes = nlohmann::ordered_json::array();
  for (const Unexpected& change : compared.changes) {
    changes.push_back({{"kind", to_string(change.kind)},
                       {"fix", change.row},
                       {"property", change.property},
                       {"text", change.text}});
  }
  return {{"file", compared.file}, {"changes", changes}};
}

}  // namespace airlock
