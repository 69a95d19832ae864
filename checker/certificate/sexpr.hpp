// S-expressions with their places in the text. Internal to checker/certificate.
#pragma once

#include <string>
#include <vector>

namespace airlock::certificate {

struct SExpr {
  std::string atom;          ///< empty for a list; a symbol keeps its bars only where it needs them
  std::vector<SExpr> items;  ///< of a list
  unsigned line = 0;
  unsigned column = 0;
  [[nodiscard]] bool is_list() const { return atom.empty(); }
};

/// All expressions of `text`, comments left out. |x| is x, as in SMT-LIB. Lines count from
/// `first_line`. Throws InputError naming `file` for parentheses or bars that do not match, control
/// characters (in comments too), strings, and nesting deeper than 2000.
std::vector<SExpr> parse_sexprs(const std::string& file, const std::string& text,
                                unsigned first_line = 1);

}  // namespace airlock::certificate
