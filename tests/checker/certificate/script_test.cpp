// cvc5, asked through our reader of scripts.
#include <doctest/doctest.h>

#include "checker/certificate/check.hpp"
#include "model/system/input_error.hpp"

namespace airlock {
namespace {

std::vector<QueryAnswer> ask(const std::string& text) {
  return ask_cvc5("script", text, std::nullopt);
}

/// The message with which `text` is refused; empty if it is not.
std::string refusal(const std::string& text) {
  try {
    static_cast<void>(ask(text));
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("every operator that certificates use means what it does elsewhere") {
  const char* equations[] = {
      "(= (bvudiv #x05 #x00) #xff)",
      "(= (bvurem #x05 #x00) #x05)",
      "(= (bvshl #x01 #x09) #x00)",
      "(= (bvlshr #x80 #x07) #x01)",
      "(= (bvashr #x80 #x07) #xff)",
      "(= (bvadd #xff #x02) #x01)",
      "(= (bvsub #x01 #x02) #xff)",
      "(= (bvmul #x10 #x11) #x10)",
      "(= (concat #xa #b1) #b10101)",
      "(= ((_ extract 5 2) #b10110100) #b1101)",
      "(= (bvand #xc #xa) #x8)",
      "(= (bvor #xc #xa) #xe)",
      "(= (bvxor #xc #xa) #x6)",
      "(= (bvnot #xc) #x3)",
      "(and (bvult #x1 #xf) (bvule #xf #xf) (bvslt #xf #x1) (bvsle #xf #xf))",
      "(= (ite (xor true false) #x1 #x2) #x1)",
      "(=> false false)",
      "(or false (not false))",
  };
  for (const std::string equation : equations) {
    CAPTURE(equation);
    const auto answers = ask("(set-logic QF_BV)(assert (not " + equation + "))(check-sat)");
    REQUIRE(answers.size() == 1);
    CHECK(answers[0].answer == Answer::unsat);
  }
}

TEST_CASE("a query that is satisfiable is said to be, with the rule that was taken") {
  const auto answers = ask(
      "(set-logic QF_BV)\n(declare-const rule (_ BitVec 8))\n(assert (= rule #x2a))\n(check-sat)\n"
      "(reset)\n(set-logic QF_BV)\n(assert false)\n(check-sat)\n");
  REQUIRE(answers.size() == 2);
  CHECK(answers[0].answer == Answer::sat);
  CHECK(answers[0].detail == "2a");
  CHECK(answers[1].answer == Answer::unsat);
}

TEST_CASE("a function sees its parameters, not what is declared later under the same names") {
  const auto answers =
      ask("(set-logic QF_BV)\n(define-fun f ((|x| Bool)) Bool |x|)\n(declare-const |x| Bool)\n"
          "(assert |x|)\n(assert (not (f true)))\n(check-sat)\n");
  REQUIRE(answers.size() == 1);
  CHECK(answers[0].answer == Answer::unsat);
}

TEST_CASE("bars around a symbol that needs none make no difference") {
  const std::string declared = "(set-logic QF_BV)\n(declare-const x Bool)\n";
  CHECK(refusal(declared + "(declare-const |x| Bool)") != "");
  CHECK(refusal(declared + "(define-fun |x| () Bool true)") != "");
  CHECK(ask(declared + "(assert |x|)(assert (not x))(check-sat)").at(0).answer == Answer::unsat);
  for (const std::string name : {"|bvadd|", "|true|", "|let|", "|ite|", "|check-sat|", "bvadd"}) {
    CAPTURE(name);
    CHECK(refusal(declared + "(declare-const " + name + " Bool)") != "");
    CHECK(refusal(declared + "(define-fun f ((" + name + " Bool)) Bool true)") != "");
  }
  CHECK(refusal(declared + "(define-fun f ((y Bool) (|y| Bool)) Bool y)") != "");
  CHECK(refusal(declared + "(declare-const |0| Bool)(declare-const |a b| Bool)(check-sat)") == "");
}

TEST_CASE("a control character in a comment is refused with its place") {
  CHECK(refusal("; unsat\r(check-sat)\n").find("script:1:8") != std::string::npos);
  CHECK(refusal("; \xc3\xa4\n(set-logic QF_BV)") == "");
}

TEST_CASE("reset forgets declarations, definitions and assertions") {
  CHECK(refusal("(declare-const x Bool)(reset)(assert x)") != "");
  CHECK(refusal("(define-fun f () Bool true)(reset)(assert f)") != "");
  CHECK(ask("(set-logic QF_BV)(assert false)(reset)(set-logic QF_BV)(check-sat)").at(0).answer ==
        Answer::sat);
}

TEST_CASE("a script cannot speak for the solver, nor do anything that is not a certificate's") {
  for (const std::string command :
       {"(echo unsat)", "(set-option :produce-models true)", "(set-info :status unsat)", "(push 1)",
        "(declare-fun f (Bool) Bool)", "(exit)", "(check-sat-assuming (false))", "(set-logic ALL)",
        "()", "unsat", "(define-fun-rec f () Bool f)", "(check-sat extra)"}) {
    CAPTURE(command);
    CHECK(refusal("(set-logic QF_BV)\n" + command).find("script:2:1") != std::string::npos);
  }
}

TEST_CASE("terms that mean nothing are refused with their place") {
  const std::string declared = "(set-logic QF_BV)\n(declare-const x (_ BitVec 4))\n";
  for (const std::string term :
       {"(assert x)", "(assert (= x #b1))", "(assert y)", "(assert (bvadd x x))", "(assert ())",
        "(assert (= x ((_ extract 9 0) x)))", "(assert (foo x))", "(assert (= x #q))",
        "(assert (= x #x00000000000000000))", "(declare-const x Bool)", "(declare-const not Bool)",
        "(declare-const z (_ BitVec 65))", "(declare-const z (_ BitVec 0))",
        "(declare-const 7 Bool)", "(define-fun true () Bool false)", "(define-fun z () Bool x)"}) {
    CAPTURE(term);
    CHECK(refusal(declared + term).find("script:3:") != std::string::npos);
  }
}

TEST_CASE("a function can neither call itself nor be called with the wrong arguments") {
  const std::string call = "(set-logic QF_BV)\n(define-fun f ((x Bool)) Bool BODY)\n";
  const auto with = [&](const std::string& body, const std::string& rest) {
    std::string text = call;
    return text.replace(text.find("BODY"), 4, body) + rest;
  };
  CHECK(refusal(with("(f x)", "(assert (f true))")) != "");
  CHECK(refusal(with("x", "(assert (f true true))")) != "");
  CHECK(refusal(with("x", "(assert (f #b1))")) != "");
  CHECK(refusal(with("#b1", "(assert (f true))")) != "");
  CHECK(refusal(with("y", "(declare-const y Bool)(assert (f true))")) != "");
}

TEST_CASE("text that is no list of commands is refused with its place") {
  CHECK(refusal("(check-sat))").find("script:1:12") != std::string::npos);
  CHECK(refusal("\n(check-sat").find("script:2:") != std::string::npos);
  CHECK(refusal("(declare-const |a Bool)").find("ends inside of a symbol") != std::string::npos);
  CHECK(refusal("(assert \"a\")") != "");
  CHECK(refusal("\x01") != "");
  CHECK(refusal(std::string(100000, '(')).find("nested too deeply") != std::string::npos);
}

TEST_CASE("out of time is no answer") {
  // 64-bit factoring: cvc5 does not get far in ten milliseconds.
  const auto answers =
      ask_cvc5("script",
               "(set-logic QF_BV)(declare-const a (_ BitVec 64))(declare-const b (_ BitVec 64))"
               "(assert (= (bvmul a b) #xc5b4a7d91e3f2b17))(assert (bvult #x0000000000000001 a))"
               "(assert (bvult a #x0000000100000000))(assert (bvult #x0000000000000001 b))"
               "(assert (bvult b #x0000000100000000))(check-sat)",
               0.01);
  REQUIRE(answers.size() == 1);
  CHECK(answers[0].answer == Answer::unknown);
  CHECK(answers[0].detail != "");
}

}  // namespace airlock
