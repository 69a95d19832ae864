#include "model/kernel/words.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "model/system/input_error.hpp"

namespace airlock::kernel {
namespace {

/// `name` against a pattern in which '*' stands for any characters.
bool matches(std::string_view pattern, std::string_view name) {
  std::size_t p = 0;
  std::size_t n = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) {
    return {};
  }
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

bool is_name(std::string_view text, bool pattern) {
  return !text.empty() && std::isdigit(static_cast<unsigned char>(text.front())) == 0 &&
         std::all_of(text.begin(), text.end(), [&](char c) {
           return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' ||
                  (pattern && c == '*');
         });
}

/// Reads the entries of one section after the other.
class Reader {
 public:
  explicit Reader(const SourceFile& file) : file_(file) {}

  Words read() {
    std::string_view rest = file_.text;
    while (!rest.empty()) {
      ++number_;
      const std::size_t end = rest.find('\n');
      line_ = rest.substr(0, end);
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
      const std::string_view entry = trimmed(line_.substr(0, line_.find('#')));
      if (entry.starts_with('[')) {
        section_ = entry;
        if (std::find(sections.begin(), sections.end(), section_) == sections.end()) {
          fail("unknown section",
               "[attributes], [declarers], [iterators], [guards], [assembly], [bitmaps], "
               "[replaced], [defined] or [undefined]");
        }
      } else if (!entry.empty()) {
        add(entry);
      }
    }
    return std::move(words_);
  }

 private:
  static constexpr std::array<std::string_view, 9> sections = {
      "[attributes]", "[declarers]", "[iterators]", "[guards]",   "[assembly]",
      "[bitmaps]",    "[replaced]",  "[defined]",   "[undefined]"};

  [[noreturn]] void fail(const std::string& message, const std::string& expected) const {
    throw InputError({file_.path, number_, 1}, message, std::string(line_), expected);
  }

  std::string name(std::string_view text, bool pattern) const {
    if (!is_name(text, pattern)) {
      fail("'" + std::string(text) + "' is no name",
           pattern ? "letters, digits, '_' and '*'" : "letters, digits and '_'");
    }
    return std::string(text);
  }

  void add(std::string_view entry) {
    const std::size_t space = entry.find_first_of(" \t");
    const std::string_view first = entry.substr(0, space);
    const std::string_view second =
        space == std::string_view::npos ? std::string_view{} : trimmed(entry.substr(space));
    if (section_ == "[replaced]") {
      if (second.empty() || second.size() > first.size()) {
        fail("a replacement must be there and not be longer than its word", "WORD REPLACEMENT");
      }
      words_.replaced[name(first, false)] = second;
    } else if (section_ == "[defined]") {
      words_.defines[name(first, false)] = std::string(second.empty() ? "1" : second);
    } else if (!second.empty()) {
      fail("one word a line", "a word, or a pattern with '*'");
    } else if (section_ == "[undefined]") {
      words_.defines[name(first, false)] = std::nullopt;
    } else if (section_ == "[attributes]" && first.ends_with("()")) {
      words_.attributes_of.add(name(first.substr(0, first.size() - 2), true));
    } else {
      plain(first);
    }
  }

  void plain(std::string_view word) {
    if (section_ == "[attributes]") {
      words_.attributes.add(name(word, true));
    } else if (section_ == "[declarers]") {
      words_.declarers.add(name(word, true));
    } else if (section_ == "[iterators]") {
      words_.iterators.add(name(word, true));
    } else if (section_ == "[guards]") {
      words_.guards.add(name(word, true));
    } else if (section_ == "[assembly]") {
      words_.assembly.add(name(word, true));
    } else if (section_ == "[bitmaps]") {
      words_.bitmaps.add(name(word, true));
    } else {
      fail("a word before the first section", "a section, such as [attributes]");
    }
  }

  const SourceFile& file_;
  Words words_;
  std::string_view line_;
  std::string_view section_;
  unsigned number_ = 0;
};

}  // namespace

void Names::add(const std::string& name) {
  if (name.find('*') == std::string::npos) {
    whole_.insert(name);
  } else {
    patterns_.push_back(name);
  }
}

bool Names::contains(std::string_view name) const {
  return whole_.contains(name) ||
         std::any_of(patterns_.begin(), patterns_.end(),
                     [&](const std::string& pattern) { return matches(pattern, name); });
}

Words read_words(const SourceFile& file) {
  return Reader(file).read();
}

}  // namespace airlock::kernel
