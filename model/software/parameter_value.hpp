// How a parameter's value is written: on the command line and in a manifest.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace airlock {

/// A type's range: what a parameter of it may be.
struct ParameterRange {
  unsigned width = 64;
  bool is_signed = false;
  std::string type;  ///< for messages
};

struct ParameterValue {
  std::uint64_t bits;  ///< within the width
  std::string shown;   ///< as written where names are in it, else decimal
};

/// The value of those bits, decimal, with its sign.
std::string shown_number(std::uint64_t bits, const ParameterRange& range);

/// One rule for all parameters: decimal without a 0 in front, 0x, 0b, or a name that `named` knows;
/// several of these joined with '|'; or one decimal with '-' in front where the type is signed. The
/// value must lie in the type's range. Throws InputError (file "--set").
ParameterValue parse_parameter_value(
    const std::string& name, const std::string& value, const ParameterRange& range,
    const std::function<std::optional<std::uint64_t>(const std::string&)>& named);

}  // namespace airlock
