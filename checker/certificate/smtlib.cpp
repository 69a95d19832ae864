#include "checker/certificate/smtlib.hpp"

#include <fmt/format.h>

namespace airlock::certificate {
namespace {

const char* bit_vector_operator(Op op) {
  switch (op) {
    case Op::not_: return "bvnot";
    case Op::and_: return "bvand";
    case Op::or_: return "bvor";
    case Op::xor_: return "bvxor";
    case Op::add: return "bvadd";
    case Op::sub: return "bvsub";
    case Op::mul: return "bvmul";
    case Op::udiv: return "bvudiv";
    case Op::urem: return "bvurem";
    case Op::shl: return "bvshl";
    case Op::lshr: return "bvlshr";
    case Op::ashr: return "bvashr";
    case Op::ult: return "bvult";
    case Op::ule: return "bvule";
    case Op::slt: return "bvslt";
    case Op::sle: return "bvsle";
    case Op::concat: return "concat";
    default: break;
  }
  return "ite";
}

const char* operator_text(Expr e) {
  if (e.op() == Op::eq) {
    return "=";
  }
  if (!e.arg(e.arity() - 1).is_bool()) {
    return bit_vector_operator(e.op());
  }
  switch (e.op()) {
    case Op::not_: return "not";
    case Op::and_: return "and";
    case Op::or_: return "or";
    case Op::xor_: return "xor";
    default: break;
  }
  return "ite";
}

/// n0, n1, ...: the definitions of SmtPrinter.
bool is_definition(const std::string& name) {
  return name.size() > 1 && name[0] == 'n' &&
         name.find_first_not_of("0123456789", 1) == std::string::npos;
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

std::string sort_text(Sort sort) {
  return sort.is_bool() ? "Bool" : fmt::format("(_ BitVec {})", sort.width());
}

std::string value_text(Sort sort, std::uint64_t value) {
  if (sort.is_bool()) {
    return value != 0 ? "true" : "false";
  }
  return sort.width() % 4 == 0 ? fmt::format("#x{:0{}x}", value, sort.width() / 4)
                               : fmt::format("#b{:0{}b}", value, sort.width());
}

std::string Symbols::fresh(const std::string& wanted) {
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

void SmtPrinter::count(Expr root) {
  std::vector<Expr> stack{root};
  while (!stack.empty()) {
    const Expr e = stack.back();
    stack.pop_back();
    if (++uses_[e.id()] == 1) {
      for (unsigned i = 0; i < e.arity(); ++i) {
        stack.push_back(e.arg(i));
      }
    }
  }
}

std::string SmtPrinter::print(Expr root) {
  return text(root);
}

std::string SmtPrinter::take_definitions() {
  std::string result;
  result.swap(definitions_);
  return result;
}

std::string SmtPrinter::text(Expr e) {
  switch (e.op()) {
    case Op::constant: return value_text(e.sort(), e.value());
    case Op::variable: return variables_[e.index()];
    case Op::choice: return choices_[e.index()];
    default: break;
  }
  if (const auto found = names_.find(e.id()); found != names_.end()) {
    return found->second;
  }
  std::string own = application(e);
  if (uses_[e.id()] < 2) {
    return own;
  }
  std::string name = fmt::format("n{}", names_.size());
  definitions_ += fmt::format("(define-fun {} () {} {})\n", name, sort_text(e.sort()), own);
  names_.emplace(e.id(), name);
  return name;
}

std::string SmtPrinter::application(Expr e) {
  std::string result = e.op() == Op::extract ? fmt::format("((_ extract {} {})", e.hi(), e.lo())
                                             : std::string("(") + operator_text(e);
  for (unsigned i = 0; i < e.arity(); ++i) {
    result += " " + text(e.arg(i));
  }
  return result + ")";
}

}  // namespace airlock::certificate
