// The other solver. It is used as a library, not as a command, so that what it is asked is what was
// read here: Debian 12's cvc5 (1.0.3) does not install its parser, and the subset of SMT-LIB in
// which certificates are written is small: set-logic, declare-const, define-fun, assert, check-sat,
// reset, and the operators of QF_BV. Everything else is an error. So a script cannot print an
// "unsat" of its own, turn off checks by an option, or hide a query.
//
// Terms are built by cvc5, which checks their sorts. A function with parameters (the invariant) is
// kept as text and built anew for each application, with the arguments for the parameters and
// nothing else in scope but what was defined before it.
#include "checker/certificate/check.hpp"

#include <algorithm>
#include <cctype>
#include <cvc5/cvc5.h>
#include <map>
#include <memory>
#include <unordered_map>

#include "checker/certificate/sexpr.hpp"
#include "checker/notation/smtlib.hpp"
#include "model/system/input_error.hpp"

namespace airlock {
namespace {

using namespace certificate;

const std::unordered_map<std::string, cvc5::Kind>& kinds() {
  static const std::unordered_map<std::string, cvc5::Kind> table{
      {"not", cvc5::NOT},
      {"and", cvc5::AND},
      {"or", cvc5::OR},
      {"xor", cvc5::XOR},
      {"=>", cvc5::IMPLIES},
      {"=", cvc5::EQUAL},
      {"ite", cvc5::ITE},
      {"concat", cvc5::BITVECTOR_CONCAT},
      {"bvnot", cvc5::BITVECTOR_NOT},
      {"bvand", cvc5::BITVECTOR_AND},
      {"bvor", cvc5::BITVECTOR_OR},
      {"bvxor", cvc5::BITVECTOR_XOR},
      {"bvadd", cvc5::BITVECTOR_ADD},
      {"bvsub", cvc5::BITVECTOR_SUB},
      {"bvmul", cvc5::BITVECTOR_MULT},
      {"bvudiv", cvc5::BITVECTOR_UDIV},
      {"bvurem", cvc5::BITVECTOR_UREM},
      {"bvshl", cvc5::BITVECTOR_SHL},
      {"bvlshr", cvc5::BITVECTOR_LSHR},
      {"bvashr", cvc5::BITVECTOR_ASHR},
      {"bvult", cvc5::BITVECTOR_ULT},
      {"bvule", cvc5::BITVECTOR_ULE},
      {"bvslt", cvc5::BITVECTOR_SLT},
      {"bvsle", cvc5::BITVECTOR_SLE},
  };
  return table;
}

class Script {
 public:
  Script(const std::string& file, std::optional<double> seconds) : file_(file), seconds_(seconds) {
    reset();
  }

  std::vector<QueryAnswer> run(const std::vector<SExpr>& commands) {
    for (const SExpr& command : commands) {
      try {
        execute(command);
      } catch (const cvc5::CVC5ApiException& error) {
        fail(command, std::string("cvc5 refuses this: ") + error.what(), "a well-sorted term");
      }
    }
    return std::move(answers_);
  }

 private:
  using Scope = std::unordered_map<std::string, cvc5::Term>;
  struct Function {
    std::vector<std::pair<std::string, cvc5::Sort>> parameters;
    cvc5::Sort result;
    const SExpr* body;
    Scope scope;  // what was defined before it
  };

  [[noreturn]] void fail(const SExpr& where, const std::string& message,
                         const std::string& expected) const {
    throw InputError({file_, where.line, where.column}, message, {}, expected);
  }

  void reset() {
    terms_.clear();
    functions_.clear();
    solver_ = std::make_unique<cvc5::Solver>();
    solver_->setOption("produce-models", "true");
    solver_->setOption("bitblast", "eager");  // half the time on the worlds of specs/kvm
    if (seconds_) {
      const auto milliseconds = static_cast<std::uint64_t>(std::max(1.0, *seconds_ * 1000));
      solver_->setOption("tlimit-per", std::to_string(milliseconds));
    }
  }

  void execute(const SExpr& command) {
    const std::string name = command.items.empty() ? "" : command.items[0].atom;
    const std::size_t size = command.items.size();
    if (name == "set-logic" && size == 2 && command.items[1].atom == "QF_BV") {
      solver_->setLogic("QF_BV");
    } else if (name == "declare-const" && size == 3) {
      const std::string& symbol = new_symbol(command.items[1]);
      terms_[symbol] = solver_->mkConst(sort(command.items[2]), symbol);
    } else if (name == "define-fun" && size == 5 && command.items[2].is_list()) {
      define(command);
    } else if (name == "assert" && size == 2) {
      solver_->assertFormula(term(command.items[1], terms_));
    } else if (name == "check-sat" && size == 1) {
      check();
    } else if (name == "reset" && size == 1) {
      reset();
    } else {
      fail(command, "a certificate has no such command",
           "set-logic QF_BV, declare-const, define-fun, assert, check-sat or reset");
    }
  }

  const std::string& new_symbol(const SExpr& e) const {
    if (terms_.count(e.atom) != 0 || functions_.count(e.atom) != 0) {
      fail(e, "this cannot be defined", "a symbol that has no meaning yet");
    }
    return plain_symbol(e);
  }

  const std::string& plain_symbol(const SExpr& e) const {
    if (e.is_list() || notation::has_meaning(e.atom) || e.atom[0] == '#' ||
        std::isdigit(static_cast<unsigned char>(e.atom[0])) != 0) {
      fail(e, "this cannot be defined", "a symbol that has no meaning yet");
    }
    return e.atom;
  }

  void define(const SExpr& command) {
    const std::string& symbol = new_symbol(command.items[1]);
    const cvc5::Sort result = sort(command.items[3]);
    const SExpr& body = command.items[4];
    if (command.items[2].items.empty()) {
      cvc5::Term value = term(body, terms_);
      require_sort(body, value, result);
      terms_[symbol] = value;
      return;
    }
    Function function{{}, result, &body, terms_};
    for (const SExpr& parameter : command.items[2].items) {
      if (parameter.items.size() != 2) {
        fail(parameter, "this is no parameter", "(name sort)");
      }
      const std::string& name = plain_symbol(parameter.items[0]);
      for (const auto& [other, sort] : function.parameters) {
        if (other == name) {
          fail(parameter, "two parameters have this name", "another name");
        }
      }
      function.parameters.emplace_back(name, sort(parameter.items[1]));
    }
    functions_.emplace(symbol, std::move(function));
  }

  void require_sort(const SExpr& where, const cvc5::Term& value, const cvc5::Sort& wanted) const {
    if (value.getSort() != wanted) {
      fail(where, "this has the sort " + value.getSort().toString(), wanted.toString());
    }
  }

  cvc5::Sort sort(const SExpr& e) const {
    if (e.atom == "Bool") {
      return solver_->getBooleanSort();
    }
    if (e.items.size() != 3 || e.items[0].atom != "_" || e.items[1].atom != "BitVec") {
      fail(e, "unknown sort", "Bool or (_ BitVec n)");
    }
    return solver_->mkBitVectorSort(number(e.items[2], 1, 64));
  }

  std::uint32_t number(const SExpr& e, std::uint32_t low, std::uint32_t high) const {
    const bool digits = !e.atom.empty() && e.atom.size() <= 3 &&
                        std::all_of(e.atom.begin(), e.atom.end(),
                                    [](unsigned char c) { return std::isdigit(c) != 0; });
    const unsigned long value = digits ? std::stoul(e.atom) : high + 1UL;
    if (value < low || value > high) {
      fail(e, "unexpected number", std::to_string(low) + " to " + std::to_string(high));
    }
    return static_cast<std::uint32_t>(value);
  }

  cvc5::Term term(const SExpr& e, const Scope& scope) const {
    if (!e.is_list()) {
      return leaf(e, scope);
    }
    if (e.items.empty()) {
      fail(e, "an empty list is no term", "a term");
    }
    const SExpr& head = e.items[0];
    std::vector<cvc5::Term> arguments;
    for (std::size_t i = 1; i < e.items.size(); ++i) {
      arguments.push_back(term(e.items[i], scope));
    }
    const auto function = functions_.find(head.atom);
    if (&scope == &terms_ && function != functions_.end()) {  // not within another function
      return apply(e, function->second, arguments);
    }
    if (head.is_list()) {
      return extract(e, arguments);
    }
    const auto kind = kinds().find(head.atom);
    if (kind == kinds().end()) {
      fail(head, "unknown operator", "an operator of QF_BV or a function that was defined");
    }
    return solver_->mkTerm(kind->second, arguments);
  }

  cvc5::Term apply(const SExpr& e, const Function& function,
                   const std::vector<cvc5::Term>& arguments) const {
    if (arguments.size() != function.parameters.size()) {
      fail(e, "the number of arguments is wrong", std::to_string(function.parameters.size()));
    }
    Scope scope = function.scope;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      require_sort(e.items[i + 1], arguments[i], function.parameters[i].second);
      scope[function.parameters[i].first] = arguments[i];
    }
    cvc5::Term value = term(*function.body, scope);
    require_sort(*function.body, value, function.result);
    return value;
  }

  cvc5::Term extract(const SExpr& e, const std::vector<cvc5::Term>& arguments) const {
    const SExpr& head = e.items[0];
    if (head.items.size() != 4 || head.items[0].atom != "_" || head.items[1].atom != "extract" ||
        arguments.size() != 1) {
      fail(head, "unknown operator", "((_ extract high low) term)");
    }
    const std::uint32_t high = number(head.items[2], 0, 63);
    const std::uint32_t low = number(head.items[3], 0, high);
    return solver_->mkTerm(solver_->mkOp(cvc5::BITVECTOR_EXTRACT, {high, low}), arguments);
  }

  cvc5::Term leaf(const SExpr& e, const Scope& scope) const {
    if (e.atom == "true" || e.atom == "false") {
      return solver_->mkBoolean(e.atom == "true");
    }
    if (e.atom.size() > 2 && e.atom[0] == '#') {
      return constant(e);
    }
    const auto found = scope.find(e.atom);
    if (found == scope.end()) {
      fail(e, "unknown symbol", "one that was declared or defined before");
    }
    return found->second;
  }

  cvc5::Term constant(const SExpr& e) const {
    const bool hexadecimal = e.atom[1] == 'x';
    const std::string digits = e.atom.substr(2);
    const std::string allowed = hexadecimal ? "0123456789abcdefABCDEF" : "01";
    const std::size_t width = digits.size() * (hexadecimal ? 4 : 1);
    if ((!hexadecimal && e.atom[1] != 'b') || width > 64 ||
        digits.find_first_not_of(allowed) != std::string::npos) {
      fail(e, "this is no constant", "#b or #x and at most 64 bits");
    }
    return solver_->mkBitVector(static_cast<std::uint32_t>(width), digits, hexadecimal ? 16 : 2);
  }

  void check() {
    const cvc5::Result result = solver_->checkSat();
    QueryAnswer answer;
    if (result.isUnsat()) {
      answer.answer = Answer::unsat;
    } else if (result.isSat()) {
      answer.answer = Answer::sat;
      const auto rule = terms_.find("rule");
      if (rule != terms_.end()) {
        answer.detail = solver_->getValue(rule->second).getBitVectorValue(16);
      }
    } else {
      answer.detail = result.toString();
    }
    answers_.push_back(std::move(answer));
  }

  const std::string& file_;
  std::optional<double> seconds_;
  std::unique_ptr<cvc5::Solver> solver_;
  Scope terms_;
  std::unordered_map<std::string, Function> functions_;
  std::vector<QueryAnswer> answers_;
};

}  // namespace

std::vector<QueryAnswer> ask_cvc5(const std::string& file, const std::string& text,
                                  std::optional<double> seconds) {
  const std::vector<SExpr> commands = parse_sexprs(file, text);
  return Script(file, seconds).run(commands);
}

}  // namespace airlock
