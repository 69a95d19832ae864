#include "checker/notation/smtlib.hpp"

#include <cassert>
#include <fmt/format.h>

namespace airlock::notation {
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
    case Op::input: break;
  }
  assert(false);
  return {};
}

/// t0, at12, link3.
bool is_definition(const std::string& name) {
  const std::size_t digits = name.find_first_of("0123456789");
  const std::string letters = name.substr(0, digits);
  return digits != std::string::npos && (letters == "t" || letters == "at" || letters == "link") &&
         name.find_first_not_of("0123456789", digits) == std::string::npos;
}

}  // namespace

bool has_meaning(const std::string& symbol) {
  static const std::set<std::string> words{
      // Reserved words and commands (The SMT-LIB Standard 2.6, 3.1 and 3.9).
      "!", "_", "as", "BINARY", "DECIMAL", "exists", "HEXADECIMAL", "forall", "lambda", "let",
      "match", "NUMERAL", "par", "STRING", "assert", "check-sat", "check-sat-assuming",
      "declare-const", "declare-datatype", "declare-datatypes", "declare-fun", "declare-sort",
      "define-const", "define-fun", "define-fun-rec", "define-funs-rec", "define-sort", "echo",
      "exit", "get-assertions", "get-assignment", "get-info", "get-model", "get-option",
      "get-proof", "get-unsat-assumptions", "get-unsat-core", "get-value", "pop", "push", "reset",
      "reset-assertions", "set-info", "set-logic", "set-option",
      // Core, and what solvers add to it.
      "Bool", "true", "false", "not", "=>", "and", "or", "xor", "=", "distinct", "ite", "if",
      "implies", "iff",
      // FixedSizeBitVectors, but for what begins with bv.
      "BitVec", "concat", "extract", "repeat", "zero_extend", "sign_extend", "rotate_left",
      "rotate_right", "ext_rotate_left", "ext_rotate_right", "nat2bv", "int2bv", "int_to_bv",
      "ubv_to_int", "sbv_to_int", "Int", "Real"};
  return words.count(symbol) != 0 || symbol.compare(0, 2, "bv") == 0;
}

std::string smt_sort(Sort sort) {
  return sort.is_bool() ? "Bool" : fmt::format("(_ BitVec {})", sort.width());
}

std::string smt_value(Sort sort, std::uint64_t value) {
  if (sort.is_bool()) {
    return value != 0 ? "true" : "false";
  }
  return sort.width() % 4 == 0 ? fmt::format("#x{:0{}x}", value, sort.width() / 4)
                               : fmt::format("#b{:0{}b}", value, sort.width());
}

std::string Symbols::fresh(std::string_view wanted) {
  std::string clean;
  for (const char c : wanted) {
    const bool allowed = c >= ' ' && c <= '~' && c != '|' && c != '\\';
    clean += allowed ? c : '_';
  }
  if (has_meaning(clean) || is_definition(clean)) {
    clean.insert(0, "~");
  }
  std::string name = clean;
  for (unsigned i = 2; !taken_.insert(name).second; ++i) {
    name = fmt::format("{}~{}", clean, i);
  }
  return "|" + name + "|";
}

WriteNode smt_node(std::function<std::string(Expr)> leaf) {
  return [leaf = std::move(leaf)](Expr e, const std::vector<std::string>& arguments) {
    if (e.is_constant()) {
      return smt_value(e.sort(), e.value());
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

std::string smt_define(const std::string& name, Sort sort, const std::string& text) {
  return fmt::format("(define-fun {} () {} {})\n", name, smt_sort(sort), text);
}

}  // namespace airlock::notation
