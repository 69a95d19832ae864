// The grammar of unified diffs, and git's headers above them (git-diff(1), "Generating patch text
// with -p").
#include <algorithm>
#include <cctype>
#include <charconv>
#include <string_view>

#include "model/kernel/patch.hpp"
#include "model/system/digest.hpp"
#include "model/system/input_error.hpp"

namespace airlock::kernel {
namespace {

constexpr std::string_view a_diff =
    "a unified diff: --- a/FILE, +++ b/FILE, @@ -LINE,COUNT +LINE,COUNT @@";

/// The file of a "--- " or "+++ " line, before the timestamp that diff(1) adds; quoted as git does.
std::string name_of(std::string_view text) {
  if (!text.starts_with('"')) {
    text = text.substr(0, text.find('\t'));
    return std::string(text.substr(0, text.find_last_not_of(" \r") + 1));
  }
  std::string result;
  for (std::size_t i = 1; i < text.size() && text[i] != '"'; ++i) {
    if (text[i] != '\\' || i + 1 >= text.size()) {
      result += text[i];
      continue;
    }
    ++i;
    if (text[i] >= '0' && text[i] <= '7') {
      unsigned value = 0;
      std::size_t digits = 0;
      for (; digits < 3 && i + digits < text.size() && text[i + digits] >= '0' &&
             text[i + digits] <= '7';
           ++digits) {
        value = value * 8 + static_cast<unsigned>(text[i + digits] - '0');
      }
      i += digits - 1;
      result += static_cast<char>(value);
    } else {
      result += text[i] == 'n' ? '\n' : text[i] == 't' ? '\t' : text[i];
    }
  }
  return result;
}

struct HunkHead {
  unsigned old_start = 0;
  unsigned old_count = 1;
  unsigned new_start = 0;
  unsigned new_count = 1;
};

/// "@@ -1,2 +3,4 @@ anything"
std::optional<HunkHead> read_hunk_head(std::string_view text) {
  HunkHead head;
  const auto number = [&](unsigned& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return error == std::errc{};
  };
  const auto range = [&](std::string_view before, unsigned& start, unsigned& count) {
    if (!text.starts_with(before)) {
      return false;
    }
    text.remove_prefix(before.size());
    if (!number(start)) {
      return false;
    }
    if (text.starts_with(',')) {
      text.remove_prefix(1);
      return number(count);
    }
    return true;
  };
  const bool read = range("@@ -", head.old_start, head.old_count) &&
                    range(" +", head.new_start, head.new_count) && text.starts_with(" @@");
  return read ? std::optional(head) : std::nullopt;
}

class Parser {
 public:
  explicit Parser(const SourceFile& file) : lines_(decode_mails(file)) {
    patch_.path = file.path;
    patch_.name = file.path.substr(file.path.rfind('/') + 1);
  }

  Patch parse() {
    while (at_ < lines_.size()) {
      const std::string& text = lines_[at_].text;
      if (text.starts_with("diff --git ")) {
        git_file();
      } else if (is_old_name(at_)) {
        FilePatch& file = begin_file();
        unified(file, false);
      } else if (text.starts_with("@@ -") && read_hunk_head(text)) {
        fail(at_, "a hunk before any file is named", a_diff);
      } else if (text.starts_with("diff --cc ") || text.starts_with("diff --combined ")) {
        fail(at_, "this is the combined diff of a merge", "a diff between two versions");
      } else {
        ++at_;
      }
    }
    if (patch_.files.empty()) {
      throw InputError({patch_.path, 0, 0}, "there is no diff in this file", {},
                       std::string(a_diff));
    }
    return std::move(patch_);
  }

 private:
  [[noreturn]] void fail(std::size_t at, const std::string& message,
                         std::string_view expected) const {
    const bool inside = at < lines_.size();
    const unsigned line = inside ? lines_[at].line : lines_.empty() ? 0 : lines_.back().line + 1;
    throw InputError({patch_.path, line, 1}, message, inside ? lines_[at].text : std::string{},
                     std::string(expected));
  }

  FilePatch& begin_file() {
    patch_.files.emplace_back();
    patch_.files.back().line = lines_[at_].line;
    patch_.files.back().line_text = lines_[at_].text;
    return patch_.files.back();
  }

  [[nodiscard]] bool is_old_name(std::size_t at) const {
    return at + 1 < lines_.size() && lines_[at].text.starts_with("--- ") &&
           lines_[at + 1].text.starts_with("+++ ");
  }

  /// A path within a tree.
  std::string checked(std::size_t at, const std::string& path) const {
    std::string_view rest = path;
    bool good = !rest.empty() && rest.back() != '/';
    while (good && !rest.empty()) {
      const std::string_view component = rest.substr(0, rest.find('/'));
      rest.remove_prefix(std::min(component.size() + 1, rest.size()));
      good = !component.empty() && component != "." && component != ".." &&
             component.find_first_of("\n\0") == std::string_view::npos;
    }
    if (!good) {
      fail(at, "'" + path + "' is no path within a tree", "a path such as a/arch/x86/kvm/x86.c");
    }
    return path;
  }

  /// Takes the first component off two names, if it is one that diff tools put before: a/ and b/
  /// (git; i/ w/ c/ o/ with diff.mnemonicPrefix), or two names of which only the first components
  /// differ.
  static void strip(std::string& old_name, std::string& new_name) {
    const auto rest = [](const std::string& name) {
      const std::size_t slash = name.find('/');
      return slash == std::string::npos ? std::string{} : name.substr(slash + 1);
    };
    const auto marked = [](const std::string& name) {
      return name.size() > 2 && name[1] == '/' &&
             std::string_view("abiwco").find(name[0]) != std::string_view::npos;
    };
    const bool no_old = old_name == "/dev/null";
    const bool no_new = new_name == "/dev/null";
    const bool both_marked = (no_old || marked(old_name)) && (no_new || marked(new_name));
    const bool folders = !no_old && !no_new && old_name != new_name && !rest(old_name).empty() &&
                         rest(old_name) == rest(new_name);
    if (both_marked || folders) {
      old_name = no_old ? old_name : rest(old_name);
      new_name = no_new ? new_name : rest(new_name);
    }
  }

  /// "diff --git a/x b/y", its extended header, and what follows.
  void git_file() {
    FilePatch& file = begin_file();
    const std::size_t first = at_;
    bool created = false;
    bool deleted = false;
    bool moved = false;
    for (++at_; at_ < lines_.size(); ++at_) {
      const std::string& text = lines_[at_].text;
      const auto value = [&](std::string_view key) {
        return name_of(std::string_view(text).substr(key.size()));
      };
      if (text.starts_with("new file mode ")) {
        created = true;
      } else if (text.starts_with("deleted file mode ")) {
        deleted = true;
      } else if (text.starts_with("rename from ")) {
        file.old_path = checked(at_, value("rename from "));
      } else if (text.starts_with("copy from ")) {
        file.old_path = checked(at_, value("copy from "));
        file.copy = true;
      } else if (text.starts_with("rename to ")) {
        file.new_path = checked(at_, value("rename to "));
        moved = true;
      } else if (text.starts_with("copy to ")) {
        file.new_path = checked(at_, value("copy to "));
        moved = true;
      } else if (text.starts_with("GIT binary patch") || text.starts_with("Binary files ")) {
        file.binary = true;
      } else if (!text.starts_with("old mode ") && !text.starts_with("new mode ") &&
                 !text.starts_with("index ") && !text.starts_with("similarity index ") &&
                 !text.starts_with("dissimilarity index ")) {
        break;
      }
    }
    if (is_old_name(at_) && !file.binary) {
      unified(file, moved);
      return;
    }
    if (!moved) {
      names_of_git_line(file, first, created, deleted);
    }
  }

  /// Without "---" and "+++" (an empty file, a change of mode, a binary file) both names of the
  /// "diff --git" line are the same, but for their prefixes.
  void names_of_git_line(FilePatch& file, std::size_t at, bool created, bool deleted) const {
    std::string_view names = std::string_view(lines_[at].text).substr(11);
    names = names.substr(0, names.find_last_not_of(" \r") + 1);
    std::string old_name(names.substr(0, names.size() / 2));
    std::string new_name(names.substr(std::min(names.size() / 2 + 1, names.size())));
    strip(old_name, new_name);
    if (old_name != new_name) {
      fail(at, "the names of this file cannot be read", "diff --git a/FILE b/FILE");
    }
    if (!created) {
      file.old_path = checked(at, old_name);
    }
    if (!deleted) {
      file.new_path = checked(at, new_name);
    }
  }

  /// "--- a/x", "+++ b/x" and the hunks; the names of a moved file are known already.
  void unified(FilePatch& file, bool moved) {
    std::string old_name = name_of(std::string_view(lines_[at_].text).substr(4));
    std::string new_name = name_of(std::string_view(lines_[at_ + 1].text).substr(4));
    strip(old_name, new_name);
    if (old_name == "/dev/null" && new_name == "/dev/null") {
      fail(at_, "a change from no file to no file", a_diff);
    }
    if (!moved) {
      if (old_name != "/dev/null") {
        file.old_path = checked(at_, old_name);
      }
      if (new_name != "/dev/null") {
        file.new_path = checked(at_ + 1, new_name);
      }
    }
    at_ += 2;
    while (at_ < lines_.size() && lines_[at_].text.starts_with("@@")) {
      hunk(file);
    }
    if (file.hunks.empty()) {
      fail(at_, "a file is named, but no hunk follows", a_diff);
    }
  }

  void hunk(FilePatch& file) {
    const std::optional<HunkHead> head = read_hunk_head(lines_[at_].text);
    if (!head) {
      fail(at_, "this is no head of a hunk", "@@ -LINE,COUNT +LINE,COUNT @@");
    }
    Hunk hunk{lines_[at_].line, head->old_start, {}};
    unsigned old_left = head->old_count;
    unsigned new_left = head->new_count;
    const std::size_t first = at_++;
    for (; old_left > 0 || new_left > 0; ++at_) {
      if (at_ >= lines_.size()) {
        fail(first, "the patch ends within this hunk", remaining(old_left, new_left));
      }
      const std::string& text = lines_[at_].text;
      const char kind = text.empty() ? ' ' : text.front();  // mail programs drop the only blank
      if (kind == '\\' && !hunk.lines.empty()) {
        hunk.lines.back().text.pop_back();
        continue;
      }
      const bool takes_old = kind == ' ' || kind == '-';
      const bool takes_new = kind == ' ' || kind == '+';
      if ((!takes_old && !takes_new) || (takes_old && old_left == 0) ||
          (takes_new && new_left == 0)) {
        fail(
            at_,
            "this line does not belong to the hunk that began in line " + std::to_string(hunk.line),
            remaining(old_left, new_left));
      }
      old_left -= takes_old ? 1 : 0;
      new_left -= takes_new ? 1 : 0;
      hunk.lines.push_back({kind, (text.empty() ? text : text.substr(1)) + "\n", lines_[at_].line});
    }
    if (at_ < lines_.size() && lines_[at_].text.starts_with("\\ ") && !hunk.lines.empty()) {
      hunk.lines.back().text.pop_back();
      ++at_;
    }
    file.hunks.push_back(std::move(hunk));
  }

  static std::string remaining(unsigned old_left, unsigned new_left) {
    return std::to_string(old_left) + " more old and " + std::to_string(new_left) +
           " more new lines: ' ' and text, '-' and text, or '+' and text";
  }

  const std::vector<DecodedLine> lines_;
  std::size_t at_ = 0;
  Patch patch_;
};

}  // namespace

Patch read_patch(const SourceFile& file) {
  if (const std::size_t at = file.text.find('\0'); at != std::string::npos) {
    throw InputError({file.path, 0, 0}, "this is no text, so it is no patch", {},
                     std::string(a_diff));
  }
  Patch patch = Parser(file).parse();
  patch.digest = sha256_hex(file.text);
  return patch;
}

}  // namespace airlock::kernel
