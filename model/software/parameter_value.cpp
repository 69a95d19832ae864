#include "model/software/parameter_value.hpp"

#include <algorithm>

#include "model/system/input_error.hpp"

namespace airlock {
namespace {

std::string trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  const std::size_t end = text.find_last_not_of(" \t");
  return begin == std::string::npos ? std::string{} : text.substr(begin, end - begin + 1);
}

/// Decimal, 0x, 0b; nothing if `text` is not a number of 64 bits. "010" is none: it is 8 in C and
/// 10 everywhere else.
std::optional<std::uint64_t> parse_number(const std::string& text) {
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  const bool binary = text.starts_with("0b") || text.starts_with("0B");
  const std::string digits = hex || binary ? text.substr(2) : text;
  const std::uint64_t base = hex ? 16 : binary ? 2 : 10;
  if (digits.empty() || (base == 10 && digits.size() > 1 && digits[0] == '0')) {
    return std::nullopt;
  }
  std::uint64_t value = 0;
  for (const char ch : digits) {
    const int digit = ch >= '0' && ch <= '9'   ? ch - '0'
                      : ch >= 'a' && ch <= 'f' ? ch - 'a' + 10
                      : ch >= 'A' && ch <= 'F' ? ch - 'A' + 10
                                               : 99;
    if (static_cast<std::uint64_t>(digit) >= base ||
        value > (~std::uint64_t{0} - static_cast<std::uint64_t>(digit)) / base) {
      return std::nullopt;
    }
    value = value * base + static_cast<std::uint64_t>(digit);
  }
  return value;
}

std::uint64_t mask_of(const ParameterRange& range) {
  return ~std::uint64_t{0} >> (64 - range.width);
}

std::uint64_t largest(const ParameterRange& range) {
  return range.is_signed ? mask_of(range) >> 1U : mask_of(range);
}

std::string shown_range(const ParameterRange& range) {
  return (range.is_signed ? "-" + std::to_string(largest(range) + 1) : "0") + " to " +
         std::to_string(largest(range));
}

}  // namespace

std::string shown_number(std::uint64_t bits, const ParameterRange& range) {
  const bool negative = range.is_signed && bits > largest(range);
  return negative ? "-" + std::to_string((~bits + 1) & mask_of(range)) : std::to_string(bits);
}

ParameterValue parse_parameter_value(
    const std::string& name, const std::string& value, const ParameterRange& range,
    const std::function<std::optional<std::uint64_t>(const std::string&)>& named) {
  const SourceLocation here{"--set", 0, 0};
  const auto fits = [&](bool fit) {
    if (!fit) {
      throw InputError(here, name + "=" + value + " does not fit '" + range.type + "'", {},
                       shown_range(range));
    }
  };
  const std::string whole = trimmed(value);
  if (whole.starts_with("-") && whole.find_first_not_of("0123456789", 1) == std::string::npos) {
    if (const auto magnitude = parse_number(whole.substr(1))) {
      fits(*magnitude == 0 || (range.is_signed && *magnitude <= largest(range) + 1));
      const std::uint64_t bits = (~*magnitude + 1) & mask_of(range);
      return {bits, shown_number(bits, range)};
    }
  }
  std::uint64_t result = 0;
  std::string shown;
  bool symbolic = false;
  for (std::size_t begin = 0; begin <= value.size();) {
    const std::size_t end = std::min(value.find('|', begin), value.size());
    const std::string word = trimmed(value.substr(begin, end - begin));
    begin = end + 1;
    auto part = parse_number(word);
    if (!part && !word.empty()) {
      part = named(word);
      symbolic = true;
    }
    if (!part) {
      throw InputError(
          here, name + "=" + value + ": '" + word + "' is neither a number nor a name", {},
          "decimal (without a 0 in front), 0x or 0b numbers, bit names of the manual or of Linux, "
          "joined by '|'");
    }
    result |= *part;
    shown += (shown.empty() ? "" : "|") + word;
  }
  fits(result <= largest(range));
  return {result, symbolic ? shown : std::to_string(result)};
}

}  // namespace airlock
