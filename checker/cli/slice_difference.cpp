#include "checker/cli/slice_difference.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <map>
#include <string_view>

#include "checker/trace/text.hpp"

namespace airlock {
namespace {

struct Line {
  std::string text;      ///< as printed
  std::string compared;  ///< without white space at its ends
  unsigned line;
};

struct KeptText {
  std::string place;
  std::vector<Line> lines;
};

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  return begin == std::string_view::npos
             ? std::string_view{}
             : text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

/// The lines of a file that are not blank.
std::vector<Line> lines_of(const SourceFile& file) {
  std::vector<Line> result;
  std::string_view rest = file.text;
  for (unsigned number = 1; !rest.empty(); ++number) {
    const std::size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (const std::string_view text = trimmed(line); !text.empty()) {
      result.push_back({std::string(line), std::string(text), number});
    }
  }
  return result;
}

/// "file:12"
std::pair<std::string, unsigned> split(const std::string& place) {
  const std::size_t colon = place.rfind(':');
  unsigned line = 0;
  if (colon != std::string::npos) {
    std::from_chars(place.data() + colon + 1, place.data() + place.size(), line);
  }
  return {place.substr(0, colon), line};
}

/// Each kept function with its lines: from where it begins to where the next one of its file does.
/// Functions of one name in several files are told apart by file.
std::map<std::string, KeptText> functions_of(const kernel::Slice& slice) {
  std::map<std::string, std::vector<std::pair<unsigned, const kernel::KeptFunction*>>> by_file;
  for (const kernel::KeptFunction& function : slice.receipt.kept) {
    const auto [file, line] = split(function.place);
    by_file[file].emplace_back(line, &function);
  }
  std::map<std::string, KeptText> result;
  for (auto& [path, functions] : by_file) {
    std::sort(functions.begin(), functions.end());
    const auto file =
        std::find_if(slice.files.begin(), slice.files.end(),
                     [&, &wanted = path](const SourceFile& each) { return each.path == wanted; });
    if (file == slice.files.end()) {
      continue;
    }
    const std::vector<Line> lines = lines_of(*file);
    for (std::size_t i = 0; i < functions.size(); ++i) {
      const unsigned begin = functions[i].first;
      const unsigned end = i + 1 < functions.size() ? functions[i + 1].first : ~0U;
      const bool known = result.contains(functions[i].second->name);
      KeptText& text = result[functions[i].second->name + (known ? " (" + path + ")" : "")];
      text.place = functions[i].second->place;
      std::copy_if(lines.begin(), lines.end(), std::back_inserter(text.lines),
                   [&](const Line& line) { return line.line >= begin && line.line < end; });
    }
  }
  return result;
}

/// The lines of both, by a longest common subsequence. Kept functions are short.
std::vector<DifferentLine> compared(const std::vector<Line>& a, const std::vector<Line>& b) {
  std::vector<std::vector<unsigned>> common(a.size() + 1, std::vector<unsigned>(b.size() + 1, 0));
  for (std::size_t i = a.size(); i-- > 0;) {
    for (std::size_t j = b.size(); j-- > 0;) {
      common[i][j] = a[i].compared == b[j].compared ? common[i + 1][j + 1] + 1
                                                    : std::max(common[i + 1][j], common[i][j + 1]);
    }
  }
  std::vector<DifferentLine> result;
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() || j < b.size()) {
    if (i < a.size() && j < b.size() && a[i].compared == b[j].compared) {
      result.push_back({' ', b[j].text, b[j].line});
      ++i;
      ++j;
    } else if (j == b.size() || (i < a.size() && common[i + 1][j] >= common[i][j + 1])) {
      result.push_back({'-', a[i].text, a[i].line});
      ++i;
    } else {
      result.push_back({'+', b[j].text, b[j].line});
      ++j;
    }
  }
  return result;
}

}  // namespace

SliceDifference difference_of(const kernel::Slice& first, const kernel::Slice& second) {
  const std::map<std::string, KeptText> a = functions_of(first);
  const std::map<std::string, KeptText> b = functions_of(second);
  std::map<std::string, DifferentFunction> all;
  for (const auto& [name, text] : a) {
    all[name] = {name, text.place, {}, {}};
  }
  for (const auto& [name, text] : b) {
    all[name].name = name;
    all[name].second = text.place;
  }
  SliceDifference result;
  for (auto& [name, function] : all) {
    const auto in_a = a.find(name);
    const auto in_b = b.find(name);
    function.lines = compared(in_a == a.end() ? std::vector<Line>{} : in_a->second.lines,
                              in_b == b.end() ? std::vector<Line>{} : in_b->second.lines);
    const bool differs = std::any_of(function.lines.begin(), function.lines.end(),
                                     [](const DifferentLine& line) { return line.kind != ' '; });
    if (differs) {
      result.functions.push_back(std::move(function));
    }
  }
  return result;
}

std::string text_of(const SliceDifference& difference, const std::string& first,
                    const std::string& second) {
  if (difference.empty()) {
    return fmt::format("{} and {}: what is checked is the same.\n", printable(first),
                       printable(second));
  }
  std::string out = fmt::format("--- {}\n+++ {}\n", printable(first), printable(second));
  for (const DifferentFunction& function : difference.functions) {
    out += fmt::format("@@ {}() @@ -{} +{}\n", function.name,
                       function.first.empty() ? "nothing" : function.first,
                       function.second.empty() ? "nothing" : function.second);
    for (const DifferentLine& line : function.lines) {
      out += fmt::format("{}{}\n", line.kind, line.text);
    }
  }
  return out;
}

nlohmann::ordered_json json_of(const SliceDifference& difference, const std::string& first,
                               const std::string& second) {
  nlohmann::ordered_json json{{"first", first}, {"second", second}};
  json["functions"] = nlohmann::ordered_json::array();
  for (const DifferentFunction& function : difference.functions) {
    nlohmann::ordered_json lines = nlohmann::ordered_json::array();
    for (const DifferentLine& line : function.lines) {
      lines.push_back(
          {{"kind", std::string(1, line.kind)}, {"line", line.line}, {"text", line.text}});
    }
    nlohmann::ordered_json each{{"name", function.name}};
    each["first"] =
        function.first.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(function.first);
    each["second"] = function.second.empty() ? nlohmann::ordered_json()
                                             : nlohmann::ordered_json(function.second);
    each["lines"] = lines;
    json["functions"].push_back(std::move(each));
  }
  return json;
}

}  // namespace airlock
