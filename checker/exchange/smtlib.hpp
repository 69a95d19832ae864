// Expressions as SMT-LIB terms. Internal to checker/exchange.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "checker/exchange/terms.hpp"

namespace airlock::exchange {

/// "Bool" or "(_ BitVec 5)".
std::string smt_sort(Sort sort);

/// |name|, unique among those given so far; what SMT-LIB forbids in a symbol becomes '?'.
class SmtSymbols {
 public:
  std::string fresh(std::string_view name);

 private:
  std::set<std::string> taken_;
};

/// For Terms; `leaf` gives the symbol of a variable or a choice.
WriteNode smt_node(std::function<std::string(Expr)> leaf);

/// `body` with lets around it for everything that `terms` share.
std::string smt_lets(const Terms& terms, const std::string& body);

}  // namespace airlock::exchange
