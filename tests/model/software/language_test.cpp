// One test per feature of the C subset: what a function computes when it runs to its end.
#include <doctest/doctest.h>

#include "fake_platform.hpp"

using airlock::testing::World;

namespace {
/// The value of `expression` in C, as u64.
std::uint64_t value_of(const std::string& expression, const std::string& declarations = {}) {
  World world(declarations + "\nu64 f(void) { return (u64)(" + expression + "); }");
  return world.evaluate_run("f").result;
}
std::uint64_t result_of(const std::string& body, const std::string& declarations = {}) {
  World world(declarations + "\nu64 f(void) { " + body + " }");
  const auto outcome = world.evaluate_run("f");
  REQUIRE_MESSAGE(!outcome.undefined, outcome.reason);
  return outcome.result;
}
}  // namespace

TEST_CASE("integer literals have C's values and types") {
  CHECK(value_of("42") == 42);
  CHECK(value_of("0x1F") == 31);
  CHECK(value_of("0b101") == 5);
  CHECK(value_of("017") == 15);
  CHECK(value_of("1ULL << 40") == 1ULL << 40);
  CHECK(value_of("0xFFFFFFFF + 1") == 0);            // unsigned int
  CHECK(value_of("4294967295 + 1") == 4294967296U);  // long
  CHECK(value_of("'A' + '\\n'") == 75);
  CHECK(value_of("-1") == ~0ULL);
  CHECK(value_of("-1U") == 0xFFFFFFFFU);
  CHECK(value_of("sizeof(long) + sizeof(u8)") == 9);
  CHECK(value_of("true + true") == 2);
}

TEST_CASE("the usual arithmetic conversions are C's") {
  CHECK(value_of("-1 < 1U") == 0);
  CHECK(value_of("-1 < 1L") == 1);
  CHECK(value_of("(u8)300") == 44);
  CHECK(value_of("(s8)200") == static_cast<std::uint64_t>(-56));
  CHECK(value_of("~(u8)0") == ~0ULL);
  CHECK(value_of("(u32)-1") == 0xFFFFFFFFU);
  CHECK(value_of("(u8)200 + (u8)100") == 300);
  CHECK(value_of("(bool)256") == 1);
  CHECK(value_of("-7 / 2") == static_cast<std::uint64_t>(-3));
  CHECK(value_of("-7 % 2") == static_cast<std::uint64_t>(-1));
  CHECK(value_of("-8 >> 1") == static_cast<std::uint64_t>(-4));
}

TEST_CASE("masks are built with BIT and GENMASK") {
  CHECK(value_of("BIT(3) | BIT_ULL(40)") == ((1ULL << 40) | 8));
  CHECK(value_of("GENMASK(7, 4)") == 0xF0);
  CHECK(value_of("GENMASK_ULL(63, 0)") == ~0ULL);
}

TEST_CASE("control flow") {
  CHECK(result_of(
            "u64 x = 0; for (int i = 0; i < 5; i++) { if (i == 3) continue; x += i; } return x;") ==
        7);
  CHECK(result_of("int i = 0; while (1) { if (++i > 9) break; } return i;") == 10);
  CHECK(result_of("int i = 0; do i += 3; while (i < 7); return i;") == 9);
  CHECK(result_of("int i = 0; again: i++; if (i < 4) goto again; return i;") == 4);
  CHECK(result_of("goto out; return 1; out: return 2;") == 2);
  CHECK(result_of("int x = 0; switch (2) { case 1: x += 1; case 2: x += 2; case 3: x += 4; break; "
                  "default: x = 99; } return x;") == 6);
  CHECK(result_of("switch (7) { case 1: return 1; default: return 5; case 2: return 2; }") == 5);
  CHECK(result_of("return (1, 2) + (0 ? 10 : 20);") == 22);
}

TEST_CASE("symbolic branches") {
  World world(
      "u64 g; u64 f(void) { u64 x = 3; if (g > 5) x = 4; else if (g == 2) x = 5; return x; }");
  auto state = world.initial();
  const auto g = *world.system.find_variable("g");
  for (const std::uint64_t v : {0, 2, 5, 6, 100}) {
    state[g] = v;
    CHECK(world.evaluate_run("f", state).result == (v > 5 ? 4U : v == 2 ? 5U : 3U));
  }
}
