// Going through expressions: rewriting, leaves, printing.
#include <algorithm>
#include <array>
#include <cassert>
#include <unordered_set>

#include "model/system/expr.hpp"

namespace airlock {

Rewriter::Rewriter(ExprPool& target, std::function<Expr(Expr leaf)> leaf)
    : target_(target), leaf_(std::move(leaf)) {}

void Rewriter::replace(Expr node, Expr replacement) {
  assert(node.sort() == replacement.sort() && &replacement.pool() == &target_);
  memo_.insert_or_assign(node.id(), replacement);
}

Expr Rewriter::operator()(Expr root) {
  assert(source_ == nullptr || source_ == &root.pool());
  source_ = &root.pool();
  std::vector<Expr> stack{root};
  while (!stack.empty()) {
    const Expr e = stack.back();
    const std::size_t before = stack.size();
    if (!memo_.contains(e.id())) {
      for (unsigned i = 0; i < e.arity(); ++i) {
        if (!memo_.contains(e.arg(i).id())) {
          stack.push_back(e.arg(i));
        }
      }
      if (stack.size() != before) {
        continue;
      }
      memo_.emplace(e.id(), rebuilt(e));
    }
    stack.pop_back();
  }
  return memo_.at(root.id());
}

Expr Rewriter::rebuilt(Expr e) const {
  if (e.op() == Op::constant) {
    return target_.constant(e.sort(), e.value());
  }
  if (e.op() == Op::variable || e.op() == Op::input) {
    const Expr replacement = leaf_(e);
    assert(replacement.sort() == e.sort() && &replacement.pool() == &target_);
    return replacement;
  }
  std::array<Expr, 3> args{};
  for (unsigned i = 0; i < e.arity(); ++i) {
    args.at(i) = memo_.at(e.arg(i).id());
  }
  return e.op() == Op::extract ? target_.extract(args[0], e.hi(), e.lo())
                               : target_.make(e.op(), std::span<const Expr>(args).first(e.arity()));
}

namespace {
std::vector<std::uint32_t> leaves(std::span<const Expr> roots, Op op) {
  std::vector<std::uint32_t> result;
  std::unordered_set<std::uint32_t> seen;
  std::vector<Expr> stack;
  for (const Expr root : roots) {
    if (root.valid()) {
      stack.push_back(root);
    }
  }
  while (!stack.empty()) {
    const Expr e = stack.back();
    stack.pop_back();
    if (!seen.insert(e.id()).second) {
      continue;
    }
    if (e.op() == op) {
      result.push_back(e.index());
    }
    for (unsigned i = 0; i < e.arity(); ++i) {
      stack.push_back(e.arg(i));
    }
  }
  std::sort(result.begin(), result.end());
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

}  // namespace

const char* name_of(Op op) {
  switch (op) {
    case Op::constant: return "const";
    case Op::variable: return "v";
    case Op::input: return "c";
    case Op::not_: return "not";
    case Op::and_: return "and";
    case Op::or_: return "or";
    case Op::xor_: return "xor";
    case Op::add: return "add";
    case Op::sub: return "sub";
    case Op::mul: return "mul";
    case Op::udiv: return "udiv";
    case Op::urem: return "urem";
    case Op::shl: return "shl";
    case Op::lshr: return "lshr";
    case Op::ashr: return "ashr";
    case Op::eq: return "=";
    case Op::ult: return "ult";
    case Op::ule: return "ule";
    case Op::slt: return "slt";
    case Op::sle: return "sle";
    case Op::ite: return "ite";
    case Op::extract: return "extract";
    case Op::concat: return "concat";
  }
  return "?";
}

std::vector<VarId> variables_of(std::span<const Expr> roots) {
  return leaves(roots, Op::variable);
}
std::vector<InputId> inputs_of(std::span<const Expr> roots) {
  return leaves(roots, Op::input);
}

std::size_t node_count(Expr root, std::size_t limit) {
  std::unordered_set<std::uint32_t> seen{root.id()};
  std::vector<Expr> stack{root};
  while (!stack.empty() && seen.size() <= limit) {
    const Expr e = stack.back();
    stack.pop_back();
    for (unsigned i = 0; i < e.arity(); ++i) {
      if (seen.insert(e.arg(i).id()).second) {
        stack.push_back(e.arg(i));
      }
    }
  }
  return seen.size();
}

std::string to_string(Expr e) {
  if (!e.valid()) {
    return "<none>";
  }
  switch (e.op()) {
    case Op::constant:
      return e.is_bool() ? (e.value() == 1 ? "true" : "false")
                         : std::to_string(e.value()) + ":" + std::to_string(e.width());
    case Op::variable:
    case Op::input: return name_of(e.op()) + std::to_string(e.index());
    default: break;
  }
  std::string result = std::string("(") + name_of(e.op());
  if (e.op() == Op::extract) {
    result += " " + std::to_string(e.hi()) + " " + std::to_string(e.lo());
  }
  for (unsigned i = 0; i < e.arity(); ++i) {
    result += " " + to_string(e.arg(i));
  }
  return result + ")";
}

}  // namespace airlock
