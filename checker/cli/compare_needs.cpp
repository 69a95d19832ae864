#include "checker/cli/compare_needs.hpp"

#include <set>

#include "checker/cli/terminal.hpp"
#include "model/system/input_error.hpp"

namespace airlock {
namespace {

/// The properties that hold somewhere and are about every line, one line each.
std::string every_line_text(const Matrix& matrix, const TextStyle& style) {
  std::set<std::string> names;
  std::string out;
  for (const Row& row : matrix.rows) {
    for (const Cell& cell : row.cells) {
      if (!cell.two_runs && rests_on_every_line(cell.decision) &&
          names.insert(cell.decision.property->name).second) {
        out += hanging("  ", printable(cell.decision.property->name) + ": " + why_every_line,
                       style.width);
      }
    }
  }
  return out;
}

}  // namespace

bool says_needs(const Options& options) {
  const bool has_place = options.format == Format::text || options.format == Format::json;
  if (options.explain && !has_place) {
    throw InputError({"--explain", 0, 0}, "what proofs need has no place in this format", {},
                     "--format text or json");
  }
  return options.explain || (options.format == Format::json && !options.no_explain);
}

std::string render_text(const AllNeeds& needs, const Matrix& matrix, const TextStyle& style) {
  std::string out;
  for (const auto& [place, shown] : needs) {
    const Row& row = matrix.rows[place.first];
    out += "  " + printable(row.fix) + "  " +
           printable(row.cells[place.second].decision.property->name) + "\n" +
           render_text(shown, style.width);
  }
  out += every_line_text(matrix, style);
  return out.empty() ? out
                     : "\n" + style.paint(Ink::bold, "What each \"holds\" needs:") + "\n" + out;
}

AllNeeds needs_of_matrix(const Session& session, const std::vector<Fix>& fixes,
                         const Matrix& matrix, const NeedsProgress& progress) {
  std::vector<NeedsAsked> asked;
  std::vector<std::vector<std::pair<std::size_t, std::size_t>>> places;
  for (std::size_t row = 0; row < matrix.rows.size(); ++row) {
    NeedsAsked& of_row = asked.emplace_back(NeedsAsked{fixes[row], {}, {}});
    of_row.all_pins = matrix.rows[row].subject->pins();
    places.emplace_back();
    for (std::size_t i = 0; i < matrix.rows[row].cells.size(); ++i) {
      const Cell& cell = matrix.rows[row].cells[i];
      if (!cell.two_runs && rests_on_lines(cell.decision)) {
        of_row.decisions.push_back(&cell.decision);
        places.back().push_back({row, i});
      }
    }
  }
  const std::vector<std::vector<ShownNeeds>> found = needs_of(session, asked, progress);
  AllNeeds result;
  for (std::size_t row = 0; row < found.size(); ++row) {
    for (std::size_t k = 0; k < found[row].size(); ++k) {
      result[places[row][k]] = found[row][k];
    }
  }
  return result;
}

void add_needs(nlohmann::ordered_json& json, const Matrix& matrix, const AllNeeds& needs) {
  for (std::size_t row = 0; row < matrix.rows.size(); ++row) {
    for (std::size_t i = 0; i < matrix.rows[row].cells.size(); ++i) {
      const Cell& cell = matrix.rows[row].cells[i];
      nlohmann::ordered_json& verdict = json["rows"][row]["verdicts"][i];
      if (const auto shown = needs.find({row, i}); shown != needs.end()) {
        verdict["needs"] = render_json(shown->second);
      } else if (!cell.two_runs && rests_on_every_line(cell.decision)) {
        verdict["needs"] = nullptr;
        verdict["needs_reason"] = why_every_line;
      }
    }
  }
}

}  // namespace airlock
