// Expressions as text, however deep they are.
#include "checker/notation/terms.hpp"

#include <array>
#include <doctest/doctest.h>

#include "checker/certificate/sexpr.hpp"
#include "checker/notation/smtlib.hpp"
#include "model/system/system.hpp"

using namespace airlock;

TEST_CASE("a hundred thousand levels are written in pieces that can be read") {
  TransitionSystem system;
  const Expr x = system.variable(system.add_variable("x", Sort::bits(8), system.pool->bits(8, 0)));
  const Expr y = system.variable(system.add_variable("y", Sort::bits(8), system.pool->bits(8, 0)));
  Expr deep = x;
  constexpr int levels = 100000;
  for (int i = 0; i < levels; ++i) {
    deep = i % 2 == 0 ? system.pool->make(Op::mul, std::array{deep, y})
                      : system.pool->make(Op::udiv, std::array{y, deep});
  }
  notation::Terms terms(notation::smt_node([](Expr leaf) {
                          return leaf.index() == 0 ? std::string("x") : std::string("y");
                        }),
                        {deep});
  std::string text = terms(deep);
  CHECK(terms.definitions().size() > 100);
  CHECK(terms.definitions().size() < 1000);
  std::size_t operators = 0;
  for (const notation::Terms::Definition& definition : terms.definitions()) {
    CHECK(certificate::parse_sexprs("terms", definition.text).size() == 1);
    text += definition.text;
  }
  for (const char c : text) {
    operators += c == '(' ? 1 : 0;
  }
  CHECK(operators == levels);  // each is written once
  CHECK(notation::written_size(deep, 1000000) == 2 * levels + 1);
}

TEST_CASE("what is used once and is not deep has no name") {
  TransitionSystem system;
  const Expr x = system.variable(system.add_variable("x", Sort::bits(8), system.pool->bits(8, 0)));
  const Expr sum = x * x;
  const Expr shared = ite(eq(sum, x), sum, x);
  notation::Terms terms(notation::smt_node([](Expr) { return std::string("x"); }), {shared});
  CHECK(terms(shared) == "(ite (= x t0) t0 x)");
  REQUIRE(terms.definitions().size() == 1);
  CHECK(terms.definitions()[0].text == "(bvmul x x)");
}
