// The second, dumber check of a printout: line by line against the tree, knowing nothing of C.
//
// A line of the printout is the tree's if its words come, in that order, in the tree's line of that
// number. Any other line must have a rewriting that the slicer has owned up to. So a slicer that
// moves a statement, or invents one, is found out by something that does not share its mistakes.
#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>

#include "model/kernel/slice.hpp"

namespace airlock::kernel {
namespace {

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

std::vector<std::string> tokens(std::string_view line) {
  std::vector<std::string> result;
  const auto word = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
  };
  for (std::size_t i = 0; i < line.size();) {
    if (line[i] == ' ' || line[i] == '\t') {
      ++i;
      continue;
    }
    std::size_t end = i + 1;
    while (word(line[i]) && end < line.size() && word(line[end])) {
      ++end;
    }
    result.emplace_back(line.substr(i, end - i));
    i = end;
  }
  return result;
}

/// Whether `part` is what is left of `whole` when some of it is taken away.
bool is_left_of(const std::vector<std::string>& part, const std::vector<std::string>& whole) {
  std::size_t at = 0;
  for (const std::string& each : part) {
    while (at < whole.size() && whole[at] != each) {
      ++at;
    }
    if (at == whole.size()) {
      return false;
    }
    ++at;
  }
  return true;
}

}  // namespace

std::vector<std::string> verify(const Slice& slice, std::span<const SourceFile> files) {
  std::vector<std::string> problems;
  std::map<std::string, std::vector<std::string_view>> tree;
  for (const SourceFile& file : files) {
    tree.insert({file.path, lines_of(file.text)});
  }
  std::map<std::string, std::set<unsigned>> rewritten;
  for (const Rewriting& each : slice.rewritings) {
    // An expression may go on for some lines.
    for (unsigned i = 0; i < std::max(each.lines, 1U); ++i) {
      rewritten[each.file].insert(each.line + i);
    }
  }
  for (const SourceFile& file : slice.files) {
    const auto original = tree.find(file.path);
    if (original == tree.end()) {
      continue;  // the lens' or a generated file
    }
    const std::vector<std::string_view> printed = lines_of(file.text);
    for (std::size_t i = 0; i < printed.size(); ++i) {
      const std::vector<std::string> words = tokens(printed[i]);
      if (words.empty()) {
        continue;
      }
      const auto number = static_cast<unsigned>(i + 1);
      if (i >= original->second.size()) {
        problems.push_back(fmt::format("{}:{}: the tree has no such line", file.path, number));
      } else if (!is_left_of(words, tokens(original->second[i])) &&
                 !rewritten[file.path].contains(number)) {
        problems.push_back(fmt::format("{}:{}: '{}' is neither the tree's nor rewritten", file.path,
                                       number, printed[i]));
      }
    }
  }
  return problems;
}

}  // namespace airlock::kernel
