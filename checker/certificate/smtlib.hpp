// Expressions as SMT-LIB 2 text. Internal to checker/certificate.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "model/system/system.hpp"

namespace airlock::certificate {

/// "Bool", "(_ BitVec 5)".
std::string sort_text(Sort sort);
/// A literal of the sort: "true", "#x00ff", "#b101".
std::string value_text(Sort sort, std::uint64_t value);

/// Whether SMT-LIB gives the symbol a meaning in QF_BV, or could come to do so: reserved words,
/// commands, and what the theories define. Bars make no difference: |bvadd| is bvadd.
bool has_meaning(const std::string& symbol);

/// Gives out symbols, each once. None of them has a meaning, nor is one of the names n0, n1, ...
/// that SmtPrinter gives to definitions.
class Symbols {
 public:
  /// `wanted` between bars, made printable; with a number behind it if it is taken.
  std::string fresh(const std::string& wanted);

 private:
  std::set<std::string> taken_;
};

/// Prints expressions. A node that is used more than once becomes a definition of its own, which
/// is printed before the expression that needs it.
class SmtPrinter {
 public:
  /// The symbols of variables and choices, by id. Borrowed.
  SmtPrinter(const std::vector<std::string>& variables, const std::vector<std::string>& choices)
      : variables_(variables), choices_(choices) {}

  /// All roots must be counted before the first is printed.
  void count(Expr root);
  /// The text of `root`. What it needs is appended to definitions().
  std::string print(Expr root);
  /// The definitions since the last call, one a line.
  std::string take_definitions();

 private:
  std::string text(Expr e);
  std::string application(Expr e);

  const std::vector<std::string>& variables_;
  const std::vector<std::string>& choices_;
  std::map<std::uint32_t, unsigned> uses_;
  std::map<std::uint32_t, std::string> names_;
  std::string definitions_;
};

}  // namespace airlock::certificate
