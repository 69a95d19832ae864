// Expressions as text in some language.
#pragma once

#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "model/system/expr.hpp"

namespace airlock::notation {

/// How a language writes an expression, given how its arguments are written. Leaves and constants
/// have none.
using WriteNode = std::function<std::string(Expr e, const std::vector<std::string>& arguments)>;

/// Terms that share nodes. A node with several users is given a name, t0, t1, ..., to be bound
/// before whatever uses it; so is one that would be nested too deeply for readers. Expressions may
/// be as deep as memory holds.
class Terms {
 public:
  struct Definition {
    std::string name;
    Sort sort;
    std::string text;
  };

  /// `roots` are all that will be written.
  Terms(WriteNode write, const std::vector<Expr>& roots);
  /// One of the roots, or something below them.
  std::string operator()(Expr e);
  /// Those needed by what has been written so far; each comes after what it uses.
  [[nodiscard]] const std::vector<Definition>& definitions() const { return definitions_; }

 private:
  /// A node's name, or its text with the levels that are nested in it.
  struct Written {
    std::string text;
    unsigned depth;
  };
  void write(Expr e);

  WriteNode write_;
  std::unordered_map<std::uint32_t, unsigned> uses_;
  std::unordered_map<std::uint32_t, Written> texts_;  // by node
  std::vector<Definition> definitions_;
};

/// How many nodes `e` has if everything that is shared is written out: at most `limit`.
std::uint64_t written_size(Expr e, std::uint64_t limit);

}  // namespace airlock::notation
