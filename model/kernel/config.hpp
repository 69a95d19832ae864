// What a kernel was configured with, as far as reading its text needs it: the values of CONFIG_*
// (a lens lists them, or names a .config file), and macros that no file which is read defines.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "model/software/program.hpp"

namespace airlock::kernel {

struct Config {
  /// "CONFIG_KVM" -> "y", "m", "n", "64" or "\"text\"", as .config has them.
  std::map<std::string, std::string> values;
  /// Whether a CONFIG_* that is not in `values` is "n", as in a whole .config; if not, it is
  /// unknown, and what depends on it is undecided.
  bool complete = false;
  std::set<std::string>* asked = nullptr;  ///< gets every CONFIG_* that value() is asked for
  /// Macros beside CONFIG_*: the body, or nothing for a macro that is known not to be defined.
  std::map<std::string, std::optional<std::string>> defines;
  /// Macros that headers define (learn()): the body, or nothing for one whose body is not known.
  std::map<std::string, std::optional<std::string>> learned;

  /// The value of a CONFIG_* name: "n" if it is off, nothing if it is unknown.
  [[nodiscard]] std::optional<std::string> value(const std::string& name) const;
  /// IS_ENABLED(name): y or m.
  [[nodiscard]] std::optional<bool> enabled(const std::string& name) const;
};

/// Reads a .config: `CONFIG_A=y`, `# CONFIG_B is not set`, comments, empty lines. The result is
/// complete. Throws InputError at a line that is none of these, and for a name that is set twice.
[[nodiscard]] Config read_config(const SourceFile& file);

}  // namespace airlock::kernel
