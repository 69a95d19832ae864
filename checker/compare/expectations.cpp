#include "checker/compare/expectations.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <optional>

#include "model/system/input_error.hpp"

namespace airlock {
namespace {

using Json = nlohmann::json;

constexpr const char* format_words =
    "what --write-expect writes: {\"rows\": {ROW: {PROPERTY: {\"verdict\": \"holds\", "
    "\"violated\" or \"unknown\", \"assumes\": [READING...]}}}}";

/// Line and column of a byte of the text, from 1.
SourceLocation place_of(const std::string& path, const std::string& text, std::size_t byte) {
  const std::string before = text.substr(0, std::min(byte, text.size()));
  const auto line = static_cast<unsigned>(std::count(before.begin(), before.end(), '\n')) + 1;
  const std::size_t start = before.find_last_of('\n');
  const std::size_t column = before.size() - (start == std::string::npos ? 0 : start + 1);
  return {path, line, static_cast<unsigned>(column) + 1};
}

std::string line_of(const std::string& text, unsigned number) {
  std::size_t at = 0;
  for (unsigned i = 1; i < number && at != std::string::npos; ++i) {
    at = text.find('\n', at);
    at = at == std::string::npos ? at : at + 1;
  }
  return at == std::string::npos ? "" : text.substr(at, text.find('\n', at) - at);
}

std::optional<Verdict> verdict_named(const std::string& word) {
  for (const Verdict verdict : {Verdict::holds, Verdict::violated, Verdict::unknown}) {
    if (word == to_string(verdict)) {
      return verdict;
    }
  }
  return std::nullopt;
}

/// The place of what is wrong is the first place of the nearest name: JSON values have none.
class Reader {
 public:
  Reader(const std::string& path, const std::string& text) : path_(path), text_(text) {}

  Expectations read() const {
    Json json;
    try {
      json = Json::parse(text_);
    } catch (const Json::parse_error& error) {
      const SourceLocation place = place_of(path_, text_, error.byte == 0 ? 0 : error.byte - 1);
      throw InputError(place, "not JSON", line_of(text_, place.line), format_words);
    }
    if (!json.is_object() || json.size() != 1 || !json.contains("rows") ||
        !json["rows"].is_object()) {
      fail("the file is no object with \"rows\" and nothing else", "rows");
    }
    Expectations result;
    for (const auto& [row, properties] : json["rows"].items()) {
      if (!properties.is_object()) {
        fail("row '" + row + "' is no object", row);
      }
      for (const auto& [property, cell] : properties.items()) {
        result[row][property] = cell_of(property, cell);
      }
    }
    return result;
  }

 private:
  const std::string& path_;
  const std::string& text_;

  [[noreturn]] void fail(const std::string& message, const std::string& near) const {
    const std::size_t at = text_.find(Json(near).dump());
    const SourceLocation place = place_of(path_, text_, at == std::string::npos ? 0 : at);
    throw InputError(place, message, line_of(text_, place.line), format_words);
  }

  ExpectedVerdict cell_of(const std::string& property, const Json& cell) const {
    ExpectedVerdict result;
    if (!cell.is_object() || !cell.contains("verdict") || !cell["verdict"].is_string()) {
      fail("'" + property + "' has no \"verdict\"", property);
    }
    for (const auto& [key, value] : cell.items()) {
      if (key == "verdict") {
        const std::optional<Verdict> verdict = verdict_named(value.get<std::string>());
        if (!verdict) {
          fail("'" + value.get<std::string>() + "' is no verdict", property);
        }
        result.verdict = *verdict;
      } else if (key == "assumes" && value.is_array()) {
        for (const Json& choice : value) {
          if (!choice.is_string()) {
            fail("an element of \"assumes\" is no text", property);
          }
          result.assumes.insert(choice.get<std::string>());
        }
      } else {
        fail("'" + property + "' has '" + key + "', which is not known here or no list", key);
      }
    }
    return result;
  }
};

std::string words(const ExpectedVerdict& cell) {
  return std::string(to_string(cell.verdict)) +
         (cell.assumes.empty() ? "" : fmt::format(" assuming {}", fmt::join(cell.assumes, ", ")));
}

/// From good to bad.
int rank(Verdict verdict, bool symptom) {
  if (symptom && verdict != Verdict::unknown) {  // not to be reachable is what a fix is for
    return verdict == Verdict::violated ? 0 : 2;
  }
  switch (verdict) {
    case Verdict::holds: return 0;
    case Verdict::unknown: return 1;
    case Verdict::violated: break;
  }
  return 2;
}

bool is_worse(const ExpectedVerdict& now, const ExpectedVerdict& expected, bool symptom) {
  if (now.verdict != expected.verdict) {
    return rank(now.verdict, symptom) > rank(expected.verdict, symptom);
  }
  return !std::includes(expected.assumes.begin(), expected.assumes.end(), now.assumes.begin(),
                        now.assumes.end());
}

ExpectedVerdict cell_now(const Cell& cell) {
  const Decision& decision = cell.decision;
  return {decision.verdict, {decision.assumes.begin(), decision.assumes.end()}};
}

const ExpectedVerdict* find(const Expectations& in, const std::string& row,
                            const std::string& property) {
  const auto found = in.find(row);
  if (found == in.end()) {
    return nullptr;
  }
  const auto cell = found->second.find(property);
  return cell == found->second.end() ? nullptr : &cell->second;
}

}  // namespace

const char* to_string(Unexpected::Kind kind) {
  switch (kind) {
    case Unexpected::Kind::worse: return "worse";
    case Unexpected::Kind::better: return "better";
    case Unexpected::Kind::new_cell: return "new";
    case Unexpected::Kind::missing: break;
  }
  return "missing";
}

Expectations expectations_of(const Matrix& matrix) {
  Expectations result;
  for (const Row& row : matrix.rows) {
    for (const Cell& cell : row.cells) {
      result[row.fix][cell.decision.property->name] = cell_now(cell);
    }
  }
  return result;
}

std::string to_text(const Expectations& expectations) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::object();
  for (const auto& [row, properties] : expectations) {
    for (const auto& [property, cell] : properties) {
      nlohmann::ordered_json json{{"verdict", to_string(cell.verdict)}};
      if (!cell.assumes.empty()) {
        json["assumes"] = cell.assumes;
      }
      rows[row][property] = json;
    }
  }
  return nlohmann::ordered_json{{"rows", rows}}.dump(2) + "\n";
}

Expectations parse_expectations(const std::string& path, const std::string& text) {
  return Reader(path, text).read();
}

std::vector<Unexpected> unexpected(const Matrix& matrix, const Expectations& expected,
                                   const std::vector<std::string>& only) {
  using Kind = Unexpected::Kind;
  std::vector<Unexpected> result;
  const Expectations now = expectations_of(matrix);
  for (const Row& row : matrix.rows) {
    for (const Cell& cell : row.cells) {
      const Property& property = *cell.decision.property;
      const ExpectedVerdict is = cell_now(cell);
      const ExpectedVerdict* was = find(expected, row.fix, property.name);
      if (was == nullptr) {
        result.push_back({Kind::new_cell, row.fix, property.name, "is " + words(is)});
      } else if (!(*was == is)) {
        const bool worse = is_worse(is, *was, !claims_something(property));
        result.push_back({worse ? Kind::worse : Kind::better, row.fix, property.name,
                          "was " + words(*was) + ", is " + words(is)});
      }
    }
  }
  for (const auto& [row, properties] : expected) {
    for (const auto& [property, was] : properties) {
      const bool asked =
          only.empty() || std::find(only.begin(), only.end(), property) != only.end();
      if (asked && find(now, row, property) == nullptr) {
        result.push_back({Kind::missing, row, property, "was " + words(was)});
      }
    }
  }
  return result;
}

}  // namespace airlock
