// SMT-LIB 2: its names for operators and sorts, symbols, terms. The one place that knows them, for
// certificates and exports alike.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "checker/notation/terms.hpp"

namespace airlock::notation {

/// "Bool", "(_ BitVec 5)".
std::string smt_sort(Sort sort);
/// A literal of the sort: "true", "#x00ff", "#b101".
std::string smt_value(Sort sort, std::uint64_t value);

/// Whether SMT-LIB gives the symbol a meaning in QF_BV, or could come to do so: reserved words,
/// commands, and what the theories define. Bars make no difference: |bvadd| is bvadd.
bool has_meaning(const std::string& symbol);

/// Gives out symbols, each once. None of them has a meaning, nor is t or at with a number behind
/// (t0, at12): such names are for what whoever prints defines, as Terms does.
class Symbols {
 public:
  /// `wanted` between bars, made printable; with a number behind it if it is taken.
  std::string fresh(std::string_view wanted);

 private:
  std::set<std::string> taken_;
};

/// For Terms; `leaf` gives the symbol of a variable or an input.
WriteNode smt_node(std::function<std::string(Expr)> leaf);

/// `body` with lets around it for everything that `terms` share.
std::string smt_lets(const Terms& terms, const std::string& body);

/// "(define-fun name () sort text)", on a line of its own.
std::string smt_define(const std::string& name, Sort sort, const std::string& text);

}  // namespace airlock::notation
