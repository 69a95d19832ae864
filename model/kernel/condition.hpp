// The condition of an #if, of which not every name is known: true, false or undecided.
//
// The rules are the C standard's (6.10.1) with a third value: an operand that is not known makes
// the result unknown unless the operator does not depend on it (`0 && x`, `1 || x`). In C a name
// that is no macro is 0; here it is so only if it is *known* to be no macro.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "model/kernel/config.hpp"

namespace airlock::kernel {

/// What is known of a name as a macro.
struct KnownMacro {
  enum class State { Unknown, Undefined, Defined } state = State::Unknown;
  std::optional<std::string> body;  ///< of a defined, object-like macro; nothing: not known
};

using LookUp = std::function<KnownMacro(const std::string&)>;

/// `text` is what follows #if or #elif, without comments and joined to one line. Undecided are also
/// texts that are no expression. CONFIG_* are looked up through `look_up` as well.
[[nodiscard]] std::optional<bool> decide(std::string_view text, const Config& config,
                                         const LookUp& look_up);

}  // namespace airlock::kernel
