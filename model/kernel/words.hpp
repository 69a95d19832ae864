// The words that make kernel C more than C: attributes, macros that declare, iterate and guard, and
// macros that are known to be defined or not. They are data (specs/lens/words.txt), one a line, as
// Coccinelle's standard.h is: a new kernel brings new words, not a new program.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model/software/program.hpp"

namespace airlock::kernel {

/// A set of names; an entry may contain '*', which stands for any characters, also none.
class Names {
 public:
  void add(const std::string& name);
  [[nodiscard]] bool contains(std::string_view name) const;

 private:
  std::set<std::string, std::less<>> whole_;
  std::vector<std::string> patterns_;
};

struct Words {
  Names attributes;     ///< blanked wherever they stand
  Names attributes_of;  ///< blanked together with their arguments: `__aligned()`
  Names declarers;      ///< calls at file scope that declare or annotate: blanked, recorded
  Names iterators;      ///< heads of loops: read as `while`
  Names guards;         ///< heads of statements that run once: read as `if`
  Names assembly;       ///< macros whose arguments are assembly: `""` is read in their place
  Names bitmaps;        ///< (name, size): read as an array of unsigned long
  /// A word and what is read in its place, which is not longer.
  std::map<std::string, std::string, std::less<>> replaced;
  /// Macros beside CONFIG_*: a body, or nothing for one that is not defined.
  std::map<std::string, std::optional<std::string>> defines;
  std::string text;  ///< of the file, for hashes
};

/// Reads the file of words: sections in brackets, one entry a line, '#' to the end of the line is a
/// comment. Throws InputError at an unknown section and at a malformed entry.
[[nodiscard]] Words read_words(const SourceFile& file);

}  // namespace airlock::kernel
