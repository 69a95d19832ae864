// `airlock slice`: the C that is checked, for people who want to see what a verdict is about.
//
// The files of a slice are printed one after the other, each line under the number that it has in
// the tree: a #line directive stands where lines were left out. So the output is one C file, and a
// compiler's message about it names the tree's line.
#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "checker/cli/commands.hpp"
#include "checker/cli/kernel_input.hpp"
#include "checker/cli/slice_difference.hpp"
#include "checker/cli/terminal.hpp"
#include "checker/trace/render.hpp"
#include "model/system/input_error.hpp"

namespace airlock {
namespace {

/// A path as a string literal of C.
std::string quoted(const std::string& path) {
  std::string result;
  for (const char c : printable(path)) {
    result += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  }
  return '"' + result + '"';
}

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t") == std::string_view::npos;
}

/// The lines of a file that are not blank, with #line directives where others were left out.
std::string printed(const SourceFile& file) {
  constexpr unsigned kept_gap = 3;  // so many blank lines are shorter than a directive is clear
  std::string out;
  std::string_view rest = file.text;
  unsigned number = 0;
  unsigned printed_up_to = 0;
  bool begun = false;
  while (!rest.empty()) {
    ++number;
    const std::size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (is_blank(line)) {
      continue;
    }
    if (!begun || number - printed_up_to > kept_gap + 1) {
      out += fmt::format("{}#line {} {}\n", begun ? "\n" : "", number, quoted(file.path));
    } else {
      out.append(number - printed_up_to - 1, '\n');
    }
    begun = true;
    out += std::string(line) + "\n";
    printed_up_to = number;
  }
  return out;
}

nlohmann::ordered_json json_of(const SlicedRow& row) {
  nlohmann::ordered_json json;
  json["tree"] = row.tree.name();
  json["row"] = row.name;
  json["receipt"] = receipt_of(row);
  json["files"] = nlohmann::ordered_json::array();
  for (const SourceFile& file : row.slice.files) {
    json["files"].push_back({{"path", file.path}, {"text", file.text}});
  }
  return json;
}

ExitStatus print_difference(const Options& options, const kernel::Lens& lens) {
  std::vector<SlicedRow> rows;
  if (options.trees.size() == 2) {
    for (const std::string& tree : options.trees) {
      rows.push_back(std::move(sliced_rows(options, tree, lens, true).front()));
    }
  } else {
    rows = sliced_rows(options, options.trees.front(), lens, false);
    if (rows.size() < 2) {
      throw InputError({"--diff", 0, 0}, "there is one tree only", {},
                       "two trees, REPO@A..B, or a tree and --patch");
    }
  }
  const SliceDifference difference = difference_of(rows.front().slice, rows.back().slice);
  if (options.format == Format::json) {
    print(dump(json_of(difference, rows.front().tree.name(), rows.back().tree.name())));
  } else {
    print(text_of(difference, rows.front().tree.name(), rows.back().tree.name()));
  }
  return difference.empty() ? ExitStatus::holds : ExitStatus::violated;
}

}  // namespace

ExitStatus run_slice(const Options& options) {
  const kernel::Lens lens = lens_of(options);
  if (options.diff) {
    return print_difference(options, lens);
  }
  if (options.trees.size() != 1) {
    throw InputError({options.trees.back(), 0, 0}, "one tree at a time, except with --diff");
  }
  const std::vector<SlicedRow> rows = sliced_rows(options, options.trees.front(), lens, true);
  const SlicedRow& row = rows.back();
  if (options.format == Format::json) {
    print(dump(json_of(row)));
  } else if (options.receipt) {
    print(receipt_text(row.slice.receipt));
  } else {
    std::string out;
    for (const SourceFile& file : row.slice.files) {
      out += printed(file) + "\n";
    }
    print(out);
  }
  return ExitStatus::holds;
}

}  // namespace airlock
