// Applying hunks to a text.
#include <algorithm>
#include <string_view>

#include "model/kernel/patch.hpp"
#include "model/system/input_error.hpp"

namespace airlock::kernel {
namespace {

constexpr std::size_t none = static_cast<std::size_t>(-1);

struct TextLine {
  std::string text;  ///< with its newline, if it has one
  bool of_patch = false;
};

std::vector<TextLine> split(const std::string& text, const std::set<unsigned>& of_patches) {
  std::vector<TextLine> result;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size() - 1) + 1;
    const auto number = static_cast<unsigned>(result.size() + 1);
    result.push_back({std::string(rest.substr(0, end)), of_patches.contains(number)});
    rest.remove_prefix(end);
  }
  return result;
}

class Applier {
 public:
  Applier(const Patch& patch, const FilePatch& file, const std::string& text,
          const std::set<unsigned>& lines)
      : patch_(patch), file_(file), old_(split(text, lines)) {}

  PatchedText run() {
    for (const Hunk& hunk : file_.hunks) {
      place(hunk);
    }
    copy_up_to(old_.size());
    if (!file_.new_path && !new_.empty()) {
      const unsigned line = file_.hunks.empty() ? file_.line : file_.hunks.front().line;
      throw InputError({patch_.path, line, 1},
                       "the patch deletes " + *file_.old_path + ", but the tree's file has more",
                       file_.line_text);
    }
    for (const TextLine& line : new_) {
      result_.text += line.text;
      ++lines_out_;
      if (line.of_patch) {
        result_.lines.insert(lines_out_);
      }
    }
    return std::move(result_);
  }

 private:
  void copy_up_to(std::size_t end) {
    for (; next_ < end; ++next_) {
      new_.push_back(std::move(old_[next_]));
    }
  }

  static std::vector<const HunkLine*> old_side(const Hunk& hunk) {
    std::vector<const HunkLine*> result;
    for (const HunkLine& line : hunk.lines) {
      if (line.kind != '+') {
        result.push_back(&line);
      }
    }
    return result;
  }

  /// How many of the lines from `at` on are those of the hunk, up to the first that is not.
  [[nodiscard]] std::size_t fitting(const std::vector<const HunkLine*>& lines,
                                    std::size_t at) const {
    std::size_t count = 0;
    while (count < lines.size() && at + count < old_.size() &&
           old_[at + count].text == lines[count]->text) {
      ++count;
    }
    return count;
  }

  /// The place nearest to `expected` where all lines are there, not before `next_`.
  [[nodiscard]] std::size_t search(const std::vector<const HunkLine*>& lines,
                                   std::size_t expected) const {
    if (lines.size() > old_.size()) {
      return none;
    }
    expected = std::min(expected, old_.size());
    const std::size_t last = old_.size() - lines.size();
    for (std::size_t distance = 0; distance <= old_.size(); ++distance) {
      if (expected + distance <= last && expected + distance >= next_ &&
          fitting(lines, expected + distance) == lines.size()) {
        return expected + distance;
      }
      if (distance <= expected && expected - distance >= next_ && expected - distance <= last &&
          fitting(lines, expected - distance) == lines.size()) {
        return expected - distance;
      }
    }
    return none;
  }

  void place(const Hunk& hunk) {
    const std::vector<const HunkLine*> lines = old_side(hunk);
    const std::size_t start = hunk.old_start - (lines.empty() || hunk.old_start == 0 ? 0 : 1);
    const auto shifted = static_cast<std::ptrdiff_t>(start) + offset_;
    const std::size_t expected = shifted < 0 ? 0 : static_cast<std::size_t>(shifted);
    std::size_t at = expected;
    if (!lines.empty()) {
      at = search(lines, expected);
    } else if (expected < next_ || expected > old_.size()) {
      at = none;
    }
    if (at == none) {
      refuse(hunk, lines, expected);
    }
    if (at != start && at != expected) {
      result_.notices.push_back(patch_.path + ":" + std::to_string(hunk.line) +
                                ": the hunk for line " + std::to_string(hunk.old_start) + " of " +
                                path() + " fits at line " + std::to_string(at + 1));
    }
    offset_ = static_cast<std::ptrdiff_t>(at) - static_cast<std::ptrdiff_t>(start);
    copy_up_to(at);
    for (const HunkLine& line : hunk.lines) {
      if (line.kind == ' ') {
        new_.push_back(std::move(old_[next_++]));
      } else if (line.kind == '-') {
        ++next_;
      } else {
        new_.push_back({line.text, true});
      }
    }
  }

  [[nodiscard]] const std::string& path() const {
    return file_.old_path ? *file_.old_path : *file_.new_path;
  }

  static std::string without_newline(const std::string& text) {
    return text.ends_with('\n') ? text.substr(0, text.size() - 1) : text;
  }
  /// For a message: tabs as blanks, as the line below it shows them.
  static std::string quoted(const std::string& text) {
    std::string result = without_newline(text);
    std::replace(result.begin(), result.end(), '\t', ' ');
    return "'" + result + "'";
  }

  /// Says of the place where most of the hunk fits which line does not.
  [[noreturn]] void refuse(const Hunk& hunk, const std::vector<const HunkLine*>& lines,
                           std::size_t expected) const {
    std::size_t best = expected;
    std::size_t most = fitting(lines, expected);
    for (std::size_t at = next_; at < old_.size(); ++at) {
      const std::size_t count = fitting(lines, at);
      if (count > most) {
        most = count;
        best = at;
      }
    }
    if (lines.empty() || most >= lines.size()) {  // it fits only before an earlier hunk, or nowhere
      throw InputError({patch_.path, hunk.line, 1},
                       "the hunk does not fit: " + path() +
                           " has no such line behind the hunk "
                           "before",
                       {}, "hunks in the order of the file");
    }
    const HunkLine& line = *lines[most];
    const std::string where = path() + ":" + std::to_string(best + most + 1);
    const std::string found = best + most < old_.size()
                                  ? where + " has " + quoted(old_[best + most].text)
                                  : path() + " ends before line " + std::to_string(best + most + 1);
    throw InputError({patch_.path, line.line, 1}, "the hunk does not fit: " + found,
                     line.kind + without_newline(line.text),
                     "a patch for this very tree (each old line must be there)" +
                         std::string(is_applied(hunk) ? "; it seems to be applied already" : ""));
  }

  /// Whether the new side of the hunk is there.
  [[nodiscard]] bool is_applied(const Hunk& hunk) const {
    std::vector<const HunkLine*> lines;
    bool adds = false;
    for (const HunkLine& line : hunk.lines) {
      adds = adds || line.kind == '+';
      if (line.kind != '-') {
        lines.push_back(&line);
      }
    }
    for (std::size_t at = next_; adds && at < old_.size(); ++at) {
      if (fitting(lines, at) == lines.size()) {
        return true;
      }
    }
    return false;
  }

  const Patch& patch_;
  const FilePatch& file_;
  std::vector<TextLine> old_;
  std::vector<TextLine> new_;
  std::size_t next_ = 0;       // of the old lines: the first that is not copied yet
  std::ptrdiff_t offset_ = 0;  // of the last hunk
  unsigned lines_out_ = 0;
  PatchedText result_;
};

}  // namespace

PatchedText apply(const Patch& patch, const FilePatch& file, const std::string& text,
                  const std::set<unsigned>& lines) {
  return Applier(patch, file, text, lines).run();
}

}  // namespace airlock::kernel
