// Certificates of random systems: accepted as they are, refused once anything that matters is gone.
#include <algorithm>
#include <doctest/doctest.h>
#include <sstream>

#include "checker/certificate/check.hpp"
#include "checker/compare/prove_certificate.hpp"
#include "model/system/input_error.hpp"
#include "tests/cli/command.hpp"
#include "tests/support/naive_search.hpp"
#include "tests/support/random_system.hpp"

namespace airlock {
namespace {

bool accepted(const std::string& text) {
  const auto answers = ask_cvc5("certificate", text, std::nullopt);
  return answers.size() == 3 &&
         std::all_of(answers.begin(), answers.end(),
                     [](const QueryAnswer& each) { return each.answer == Answer::unsat; });
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    lines.push_back(line + "\n");
  }
  return lines;
}

std::string without_line(const std::vector<std::string>& lines, std::size_t gone) {
  std::string result;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    result += i == gone ? "" : lines[i];
  }
  return result;
}

/// A system with a property that cannot be violated, or a witness that cannot be reached.
struct Proved {
  TransitionSystem system;
  std::string property;
  Certified certified;
};

/// Calls `use` for the unreachable targets of `count` random systems.
template <typename Use>
unsigned for_random_proofs(std::uint64_t first, std::uint64_t count, const Use& use) {
  unsigned proofs = 0;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    CAPTURE(seed);
    const TransitionSystem system = test::random_system(seed);
    std::vector<Expr> targets;
    for (const Property& property : system.properties) {
      targets.push_back(target_of(property));
    }
    const test::NaiveResult truth = test::naive_search(system, targets);
    for (std::size_t i = 0; i < targets.size(); ++i) {
      if (!truth.distances[i]) {
        ++proofs;
        const std::string& name = system.properties[i].name;
        TransitionSystem own = test::random_system(seed);
        Certified certified = certify(own, name, {}, std::nullopt, {{"property", name}}, {});
        CAPTURE(certified.reason);
        REQUIRE(certified.text != "");
        use(Proved{std::move(own), name, std::move(certified)}, truth);
      }
    }
  }
  return proofs;
}

}  // namespace

TEST_CASE("every proof about a random system has a certificate that cvc5 accepts") {
  const unsigned proofs = for_random_proofs(0, 60, [](const Proved& proved, const auto& truth) {
    CHECK(accepted(proved.certified.text));
    // The invariant is true in every reachable state.
    const Invariant& invariant = proved.certified.invariant;
    for (const State& state : truth.reached) {
      const auto fixed = [&](const FixedBits& bits) {
        return (state[bits.variable] & bits.mask) == bits.value;
      };
      CHECK(std::all_of(invariant.constants.begin(), invariant.constants.end(), fixed));
      const auto place = std::find_if(
          invariant.places.begin(), invariant.places.end(),
          [&](const auto& each) { return std::all_of(each.at.begin(), each.at.end(), fixed); });
      REQUIRE(place != invariant.places.end());
      for (const Invariant::Clause& clause : place->clauses) {
        CHECK(std::any_of(clause.begin(), clause.end(), [&](const Invariant::Literal& literal) {
          return (state[literal.variable] >> literal.bit & 1U) == (literal.value ? 1U : 0U);
        }));
      }
    }
  });
  CHECK(proofs > 50);
}

TEST_CASE("no conjunct of a certificate can be left out, except that of places") {
  unsigned tried = 0;
  for_random_proofs(100, 40, [&](const Proved& proved, const auto&) {
    const CertificateParts parts = read_certificate("certificate", proved.certified.text);
    const std::vector<std::string> lines = lines_of(parts.conjuncts);
    for (std::size_t i = 2; i < lines.size(); ++i) {  // the first two are the places
      if (lines[i][0] == ';') {
        continue;
      }
      CAPTURE(lines[i]);
      ++tried;
      CHECK(!accepted(expected_certificate(proved.system, proved.property, {},
                                           without_line(lines, i), parts.heading)));
    }
  });
  CHECK(tried > 20);
}

TEST_CASE("a certificate is a function of the system, the property and the conjuncts") {
  for_random_proofs(200, 20, [](const Proved& proved, const auto&) {
    const std::string& text = proved.certified.text;
    const CertificateParts parts = read_certificate("certificate", text);
    CHECK(expected_certificate(proved.system, proved.property, {}, parts.conjuncts,
                               parts.heading) == text);
    CHECK(heading_value(parts.heading, "property") == proved.property);
  });
}

TEST_CASE("a variable that rules give thousands of values has a certificate like any other") {
  TransitionSystem system;
  const VarId x = system.add_variable("x", Sort::bits(16), system.pool->bits(16, 0));
  for (std::uint64_t value = 0; value < 5000; value += 2) {
    system.rules.push_back(
        {"set", "test", system.pool->boolean(true), {{x, system.pool->bits(16, value)}}, {}, {}});
  }
  system.properties.push_back(
      {"never_odd", PropertyKind::never, bit(system.variable(x), 0), "", "", {}});
  const std::string even = "  (and true (= ((_ extract 0 0) |x|) #b0))\n";
  CHECK(accepted(expected_certificate(system, "never_odd", {}, even, {})));
}

TEST_CASE("what the invariant says can depend on nothing but the state") {
  TransitionSystem system;
  const VarId x = system.add_variable("x", Sort::boolean(), system.pool->boolean(false));
  system.rules.push_back(
      {"set", "test", system.pool->boolean(true), {{x, system.pool->boolean(true)}}, {}, {}});
  system.properties.push_back(
      {"always_false", PropertyKind::always, !system.variable(x), "", "", {}});
  // Not so, of course. A forger would like to speak of the rule, or to end the definition early.
  for (const std::string forged : {"  (= rule #x1)\n", "  (not step)\n", "  violation\n"}) {
    const std::string text = expected_certificate(system, "always_false", {}, forged, {});
    CHECK_THROWS_AS(static_cast<void>(ask_cvc5("certificate", text, std::nullopt)), InputError);
  }
  const std::string early = "  true)\n(assert false)\n(define-fun more () Bool (and true\n";
  const std::string text = expected_certificate(system, "always_false", {}, early, {});
  CHECK_THROWS_AS(static_cast<void>(read_certificate("certificate", text)), InputError);
}

TEST_CASE("names that mean something in SMT-LIB are written so that they do not") {
  TransitionSystem system;
  const VarId x = system.add_variable("rule", Sort::bits(8), system.pool->bits(8, 0));
  system.add_variable("a|b\\c\nd", Sort::boolean(), system.pool->boolean(false));
  system.add_variable("a_b_c_d", Sort::boolean(), system.pool->boolean(false));
  system.add_variable("invariant", Sort::boolean(), system.pool->boolean(false));
  system.rules.push_back({"line\n(assert false)",
                          "test",
                          system.pool->boolean(true),
                          {{x, system.variable(x) + system.pool->bits(8, 2)}},
                          {},
                          {}});
  system.properties.push_back(
      {"never_odd", PropertyKind::never, bit(system.variable(x), 0), "", "", {}});
  const Certified certified =
      certify(system, "never_odd", {}, std::nullopt, {{"fix", "a\n(assert false)"}}, {});
  CAPTURE(certified.reason);
  CHECK(accepted(certified.text));
  CHECK(certified.text.find("\n(assert false)") == std::string::npos);
}

TEST_CASE("variables named like operators or definitions are told apart by every solver") {
  TransitionSystem system;
  const Sort word = Sort::bits(8);
  std::vector<Expr> all;
  for (const char* name :
       {"t0",    "t1",     "t2",        "n0",       "n1",     "n2",     "bvadd",   "bvmul",
        "bvult", "ite",    "let",       "and",      "=",      "concat", "extract", "true",
        "false", "assert", "check-sat", "distinct", "par",    "if",     "BitVec",  "_",
        "",      "0",      "#b1",       "~t0",      "~bvadd", "x"}) {
    all.push_back(system.variable(system.add_variable(name, word, system.pool->constant(word, 0))));
  }
  // Each adds an even number to the sum of the others, which is therefore even; shared nodes.
  Expr sum = all[0];
  for (std::size_t i = 1; i < all.size(); ++i) {
    sum = sum + all[i];
  }
  const Expr twice = sum * same_sort(sum, 2);
  std::vector<Update> updates;
  for (VarId id = 0; id < all.size(); ++id) {
    updates.push_back({id, ite(ult(twice, all[id]), twice, all[id] + twice)});
  }
  system.rules.push_back({"add", "test", system.pool->boolean(true), updates, {}, {}});
  Expr odd = bit(all[0], 0);
  for (const Expr each : all) {
    odd = odd | bit(each, 0);
  }
  system.properties.push_back({"never_odd", PropertyKind::never, odd, "", "", {}});
  const Certified certified = certify(system, "never_odd", {}, std::nullopt, {}, {});
  CAPTURE(certified.reason);
  REQUIRE(certified.text != "");
  CHECK(accepted(certified.text));
  const test::Scratch scratch;
  const std::string path = scratch.write("names.smt2", certified.text);
  for (const char* solver : {"cvc5 ", "z3 "}) {
    const test::Result answer = test::shell(solver + shell_quote(path));
    CAPTURE(answer.out);
    CHECK(answer.out == "unsat\nunsat\nunsat\n");
    CHECK(answer.err == "");
  }
}

TEST_CASE("comments in an invariant cannot end where another reader does not end them") {
  const Proved proved = [] {
    std::optional<Proved> first;
    for_random_proofs(0, 5, [&](const Proved& each, const auto&) {
      first = first ? first : std::optional(each);
    });
    return *first;
  }();
  const std::string& text = proved.certified.text;
  const std::string begin = "  (and true\n";
  const auto with = [&](const std::string& comment) {
    std::string changed = text;
    return changed.replace(text.find(begin), begin.size(), begin + comment + "\n");
  };
  CHECK(read_certificate("file", with("; harmless")).conjuncts != "");
  for (const std::string comment :
       {"; a\r  false", "; a\x0b", "; a\x0c", "; a\x85", "; \xe2\x80\xa8", "; a\tb", "; a\x7f"}) {
    CHECK_THROWS_AS(static_cast<void>(read_certificate("file", with(comment))), InputError);
  }
}

TEST_CASE("an invariant without conjuncts is refused in words") {
  const std::string text =
      "; Airlock certificate 1: an inductive invariant\n; fix: a\n;\n"
      "(define-fun invariant () Bool\n  (and true\n; nothing\n  ))\n";
  try {
    static_cast<void>(read_certificate("file", text));
    FAIL("it was read");
  } catch (const InputError& error) {
    CHECK(std::string(error.what()).find("the invariant has no conjuncts") != std::string::npos);
  }
}

TEST_CASE("text that is no certificate is refused with its place") {
  for (const std::string text :
       {"", "hello\n", "; Airlock certificate 1: an inductive invariant\n(check-sat)\n",
        "; Airlock certificate 1: an inductive invariant\n; fix: a\n;\n(set-logic QF_BV)\n"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(static_cast<void>(read_certificate("file", text)), InputError);
  }
}

TEST_CASE("a certificate for what is not true is never made") {
  TransitionSystem system;
  const VarId x = system.add_variable("x", Sort::bits(2), system.pool->bits(2, 0));
  system.rules.push_back({"count",
                          "test",
                          system.pool->boolean(true),
                          {{x, system.variable(x) + system.pool->bits(2, 1)}},
                          {},
                          {}});
  system.properties.push_back({"never_three",
                               PropertyKind::never,
                               eq(system.variable(x), system.pool->bits(2, 3)),
                               "",
                               "",
                               {}});
  CHECK_THROWS_AS(static_cast<void>(certify(system, "never_three", {}, std::nullopt, {}, {})),
                  std::logic_error);
  Invariant wrong;  // "x is not 3", which is not inductive
  wrong.places.push_back({{}, {{{x, 0, false}, {x, 1, false}}}});
  CHECK_THROWS_AS(static_cast<void>(certify(system, "never_three", {}, wrong, {}, {})),
                  std::logic_error);
}

TEST_CASE("out of time makes no certificate, and says so") {
  TransitionSystem system = test::random_system(3);
  EngineContext context;
  context.deadline = std::chrono::steady_clock::now();
  const Certified certified =
      certify(system, system.properties[0].name, {}, std::nullopt, {}, context);
  CHECK(certified.text == "");
  CHECK(certified.reason != "");
}

}  // namespace airlock
