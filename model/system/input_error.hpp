// Errors that the user caused: bad spec files, manifests, names and values.
#pragma once

#include <stdexcept>
#include <string>

#include "model/system/system.hpp"

namespace airlock {

/// what() is the whole message as the user reads it:
///
///     file:line:col: error: unknown identifier 'foo'
///       12 |     foo(1);
///          |     ^
///     expected: a local variable, a global, a parameter or an enumerator
///
/// without the parts that are unknown (no line for a path that does not exist).
class InputError : public std::runtime_error {
 public:
  /// `line_text` is the offending line, `expected` says what would have been right; both may be
  /// empty. Control characters and over-long lines are made printable and short.
  InputError(const SourceLocation& location, const std::string& message,
             const std::string& line_text = {}, const std::string& expected = {});

  /// The same error at a place, where it was thrown without one or without the line's text.
  [[nodiscard]] InputError at(const SourceLocation& location, const std::string& line_text) const;
  /// The same error, its message saying where else it was met: "with x=1: ...".
  [[nodiscard]] InputError under(const std::string& circumstances) const;
  [[nodiscard]] const SourceLocation& location() const { return location_; }
  [[nodiscard]] bool shows_line() const { return !line_text_.empty(); }

 private:
  SourceLocation location_;
  std::string message_;
  std::string line_text_;
  std::string expected_;
};

}  // namespace airlock
