// Names in other people's formats. Internal to checker/exchange.
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace airlock::exchange {

/// ASCII on one line: every other byte becomes '?'.
std::string one_line(std::string_view text);

/// Identifiers of C, Promela and Murphi: letters, digits and underscores, each given once. They
/// begin with a prefix, so that they meet no keyword.
class Identifiers {
 public:
  std::string fresh(std::string_view prefix, std::string_view name);

 private:
  std::set<std::string> taken_;
};

}  // namespace airlock::exchange
