// Expressions as SMT-LIB terms. Internal to checker/exchange.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/system/expr.hpp"

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

/// The body of one formula: terms that share nodes. Nodes with several users are bound once, by
/// lets around the body.
class SmtBody {
 public:
  /// `leaf` gives the symbol of a variable or a choice; `roots` are all that will be printed.
  SmtBody(std::function<std::string(Expr)> leaf, const std::vector<Expr>& roots);
  /// One of the roots, or something below them.
  std::string term(Expr e);
  /// `body`, which uses terms, with everything bound that they share.
  [[nodiscard]] std::string bound(const std::string& body) const;

 private:
  std::string node(Expr e);

  std::function<std::string(Expr)> leaf_;
  std::unordered_map<std::uint32_t, unsigned> uses_;
  std::unordered_map<std::uint32_t, std::string> names_;
  std::vector<std::pair<std::string, std::string>> definitions_;  // each after what it uses
};

}  // namespace airlock::exchange
