// Constant expressions: the same operators as at run time, over constants of a scratch pool.
#include "model/software/checker.hpp"

namespace airlock::c {
namespace {

class Folder {
 public:
  Folder(const Unit& unit, bool strict) : unit_(unit), strict_(strict) {}

  /// Invalid if the expression is not constant.
  Expr operator()(const Tree& tree) {
    switch (tree.kind) {
      case Tree::Kind::constant: return pool_.constant(tree.type->sort(), tree.value);
      case Tree::Kind::convert: {
        if (!tree.type->is_integer() || !tree.kids[0]->type->is_integer()) {
          return {};
        }
        const Expr value = (*this)(*tree.kids[0]);
        return value.valid() ? convert(value, *tree.kids[0]->type, *tree.type) : Expr{};
      }
      case Tree::Kind::logical_and:
      case Tree::Kind::logical_or: {
        const Expr left = (*this)(*tree.kids[0]);
        const bool decided =
            left.valid() && left.is_value(tree.kind == Tree::Kind::logical_or ? 1 : 0);
        return decided || !left.valid() ? left : (*this)(*tree.kids[1]);
      }
      case Tree::Kind::conditional: {
        const Expr condition = (*this)(*tree.kids[0]);
        return condition.valid() && tree.type->is_integer()
                   ? (*this)(*tree.kids[condition.is_true() ? 1 : 2])
                   : Expr{};
      }
      case Tree::Kind::operate: {
        const Expr a = (*this)(*tree.kids[0]);
        const Expr b = tree.kids.size() > 1 ? (*this)(*tree.kids[1]) : a;
        if (!a.valid() || !b.valid()) {
          return {};
        }
        const Outcome outcome = operate(tree.op, *tree.kids[0]->type, a, b);
        if (outcome.undefined.valid() && outcome.undefined.is_true()) {
          if (!strict_) {
            return {};
          }
          unit_.sources.fail(tree.loc, "undefined in C: " + outcome.reason, "a defined value");
        }
        return outcome.value;
      }
      default: return {};
    }
  }

 private:
  const Unit& unit_;
  bool strict_;
  ExprPool pool_;
};

}  // namespace

std::optional<std::uint64_t> fold(const Unit& unit, const Tree& tree, bool strict) {
  Folder folder(unit, strict);
  const Expr value = folder(tree);
  return value.valid() ? std::optional(value.value()) : std::nullopt;
}

TreePtr Checker::constant_tree(const SyntaxExpr& syntax, const std::string& what) {
  TreePtr tree = expression(syntax);
  must_be_integer(*tree, what);
  const auto value = fold(unit_, *tree);
  if (!value) {
    fail(syntax.loc, what + " is not constant", "a constant expression");
  }
  auto result = make(Tree::Kind::constant, syntax.loc, tree->type);
  result->value = *value;
  return result;
}

std::uint64_t Checker::constant(const SyntaxExpr& syntax, const std::string& what) {
  const TreePtr tree = constant_tree(syntax, what);
  if (tree->type->is_signed && (tree->value >> (tree->type->width - 1)) != 0) {
    fail(syntax.loc, what + " is negative", "0 or more");
  }
  return tree->value;
}

}  // namespace airlock::c
