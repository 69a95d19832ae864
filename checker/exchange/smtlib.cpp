#include "checker/exchange/smtlib.hpp"

#include <cassert>
#include <fmt/format.h>

#include "checker/exchange/names.hpp"

namespace airlock::exchange {
namespace {

/// SMT-LIB's name of an operator over bit vectors, or over Bools where it has both.
std::string operator_name(Expr e) {
  const bool logical = e.is_bool();
  switch (e.op()) {
    case Op::not_: return logical ? "not" : "bvnot";
    case Op::and_: return logical ? "and" : "bvand";
    case Op::or_: return logical ? "or" : "bvor";
    case Op::xor_: return logical ? "xor" : "bvxor";
    case Op::add: return "bvadd";
    case Op::sub: return "bvsub";
    case Op::mul: return "bvmul";
    case Op::udiv: return "bvudiv";
    case Op::urem: return "bvurem";
    case Op::shl: return "bvshl";
    case Op::lshr: return "bvlshr";
    case Op::ashr: return "bvashr";
    case Op::eq: return "=";
    case Op::ult: return "bvult";
    case Op::ule: return "bvule";
    case Op::slt: return "bvslt";
    case Op::sle: return "bvsle";
    case Op::ite: return "ite";
    case Op::extract: return fmt::format("(_ extract {} {})", e.hi(), e.lo());
    case Op::concat: return "concat";
    case Op::constant:
    case Op::variable:
    case Op::choice: break;
  }
  assert(false);
  return {};
}

}  // namespace

std::string smt_sort(Sort sort) {
  return sort.is_bool() ? "Bool" : fmt::format("(_ BitVec {})", sort.width());
}

std::string SmtSymbols::fresh(std::string_view name) {
  std::string base = one_line(name);
  for (char& c : base) {
    c = c == '|' || c == '\\' ? '?' : c;
  }
  std::string result = base;
  for (unsigned i = 2; !taken_.insert(result).second; ++i) {
    result = fmt::format("{} ({})", base, i);
  }
  return "|" + result + "|";
}

WriteNode smt_node(std::function<std::string(Expr)> leaf) {
  return [leaf = std::move(leaf)](Expr e, const std::vector<std::string>& arguments) {
    if (e.is_constant()) {
      return e.is_bool() ? std::string(e.value() != 0 ? "true" : "false")
                         : fmt::format("#b{:0{}b}", e.value(), e.width());
    }
    if (e.arity() == 0) {
      return leaf(e);
    }
    return fmt::format("({} {})", operator_name(e), fmt::join(arguments, " "));
  };
}

std::string smt_lets(const Terms& terms, const std::string& body) {
  std::string text;
  for (const Terms::Definition& definition : terms.definitions()) {
    text += fmt::format("(let (({} {}))\n    ", definition.name, definition.text);
  }
  return text + body + std::string(terms.definitions().size(), ')');
}

}  // namespace airlock::exchange
