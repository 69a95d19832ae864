#include "checker/exchange/names.hpp"

#include <algorithm>

namespace airlock::exchange {
namespace {

constexpr std::size_t longest = 60;

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

}  // namespace

std::string one_line(std::string_view text) {
  std::string result(text);
  std::replace_if(
      result.begin(), result.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return result;
}

std::string Identifiers::fresh(std::string_view prefix, std::string_view name) {
  std::string result(prefix);
  for (const char c : name.substr(0, longest)) {
    if (is_word(c)) {
      result += c;
    } else if (result.back() != '_') {
      result += '_';
    }
  }
  const std::string base = result;
  for (unsigned i = 2; !taken_.insert(result).second; ++i) {
    result = base + "_" + std::to_string(i);
  }
  return result;
}

}  // namespace airlock::exchange
