// The texts that a program was read from, and error messages that point into them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/software/program.hpp"

namespace airlock::c {

/// A place in one of the program's files; line 0 is "no place".
struct Loc {
  std::uint32_t file = 0;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  friend bool operator==(const Loc&, const Loc&) = default;
};

class Sources {
 public:
  /// Checks that `file` is text (UTF-8 without NUL) of at most 1 MiB; throws InputError.
  std::uint32_t add(const SourceFile& file);
  [[nodiscard]] const std::string& text(std::uint32_t file) const { return files_.at(file).text; }
  [[nodiscard]] const std::string& path(std::uint32_t file) const { return files_.at(file).path; }
  [[nodiscard]] SourceLocation location(Loc loc) const;
  /// "svm.c:42": the file's last component and the line.
  [[nodiscard]] std::string brief(Loc loc) const;
  [[nodiscard]] std::string line(Loc loc) const;  ///< the whole line, without its newline
  [[nodiscard]] std::string trimmed_line(Loc loc) const;

  [[noreturn]] void fail(Loc loc, const std::string& message,
                         const std::string& expected = {}) const;

 private:
  struct File {
    std::string path;
    std::string text;
    std::vector<std::size_t> line_starts;
  };
  std::vector<File> files_;
};

}  // namespace airlock::c
