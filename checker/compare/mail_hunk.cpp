#include "checker/compare/mail_hunk.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace airlock {
namespace {

/// "b/arch/x86/kvm/x86.c\t2024..." without its first folder and what stands behind a tab.
std::string file_in(std::string_view line) {
  line = line.substr(0, line.find('\t'));
  const std::size_t slash = line.find('/');
  return std::string(slash == std::string_view::npos ? line : line.substr(slash + 1));
}

/// The numbers of lines of "@@ -1,7 +1,6 @@": how many of the old file and of the new one.
bool read_counts(std::string_view head, unsigned& old_lines, unsigned& new_lines) {
  for (const auto& [sign, count] : {std::pair('-', &old_lines), std::pair('+', &new_lines)}) {
    const std::size_t at = head.find(sign);
    if (at == std::string_view::npos) {
      return false;
    }
    std::string_view range = head.substr(at + 1);
    range = range.substr(0, range.find(' '));
    const std::size_t comma = range.find(',');
    *count = 1;
    if (comma != std::string_view::npos) {
      std::from_chars(range.data() + comma + 1, range.data() + range.size(), *count);
    }
  }
  return true;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> result;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string line = text.substr(at, end - at);
    if (line.ends_with('\r')) {
      line.pop_back();
    }
    result.push_back(std::move(line));
    at = end + 1;
  }
  return result;
}

bool stands_in(const QuotedHunk& hunk, const RunLine& line, char kind, std::size_t& at) {
  for (std::size_t i = 1; hunk.file == line.file && i < hunk.lines.size(); ++i) {
    if (!line.text.empty() && hunk.lines[i] == kind + line.text) {
      at = i;
      return true;
    }
  }
  return false;
}

/// At the last line that the hunk deletes, if it deletes any.
bool ask_about_deleted(QuotedHunk& hunk) {
  for (std::size_t i = hunk.lines.size(); i-- > 1;) {
    if (hunk.lines[i].starts_with('-') &&
        hunk.lines[i].find_first_not_of(" \t", 1) != std::string::npos) {
      hunk.asked = i;
      return true;
    }
  }
  return false;
}

}  // namespace

std::vector<QuotedHunk> hunks_of(const std::string& patch) {
  std::vector<QuotedHunk> result;
  std::string file;
  unsigned old_left = 0;
  unsigned new_left = 0;
  for (const std::string& line : lines_of(patch)) {
    if (old_left > 0 || new_left > 0) {
      const char kind = line.empty() ? ' ' : line.front();
      old_left -= kind != '+' && kind != '\\' && old_left > 0 ? 1 : 0;
      new_left -= kind != '-' && kind != '\\' && new_left > 0 ? 1 : 0;
      result.back().lines.push_back(line);
    } else if (line.starts_with("+++ ")) {
      file = file_in(std::string_view(line).substr(4));
    } else if (line.starts_with("@@ ") && read_counts(line, old_left, new_left)) {
      result.push_back({file, {line}, 0});
    }
  }
  return result;
}

std::optional<QuotedHunk> hunk_for(const std::string& patch, const std::vector<RunLine>& lines) {
  std::vector<QuotedHunk> hunks = hunks_of(patch);
  std::optional<QuotedHunk> around;  // of a line that runs and was there before
  for (const char kind : {'+', ' '}) {
    for (const RunLine& line : lines) {
      for (QuotedHunk& hunk : hunks) {
        if (!around && stands_in(hunk, line, kind, hunk.asked)) {
          around = hunk;
        }
      }
    }
    if (around && kind == '+') {
      return around;
    }
  }
  // What was deleted beside a line that runs, or anywhere.
  if (around && ask_about_deleted(*around)) {
    return around;
  }
  for (QuotedHunk& hunk : hunks) {
    if (ask_about_deleted(hunk)) {
      return hunk;
    }
  }
  return around;
}

}  // namespace airlock
