// How a register's values are written: its bits, or its values, by the names that the manual and C
// have for them.
#pragma once

#include <string>
#include <vector>

#include "model/system/system.hpp"

namespace airlock::machine {

struct NamedValue {
  std::uint64_t value;  ///< flags: the bit's number; enumeration: the value
  std::string shown;    ///< the manual's name, as traces have it
  std::string in_c;     ///< the constant of <airlock/svm.h>; empty: there is none
  bool active_low = false;
};

struct Format {
  Display::Kind kind = Display::Kind::plain;
  std::vector<NamedValue> names = {};
  bool masks_in_c = false;     ///< flags: C's constants are masks, not the bits' numbers
  bool in_parameters = false;  ///< a parameter's value may name the bits, by either name
  /// A global with such a part in its name is a copy of such a register, and shows its bits.
  std::vector<std::string> copies_are_called = {};
};

Display display_of(const Format& format);

}  // namespace airlock::machine
