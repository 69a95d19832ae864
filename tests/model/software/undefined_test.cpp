// Undefined behaviour and failed assertions end a path; what C defines does not.
#include <doctest/doctest.h>

#include "fake_platform.hpp"

using namespace airlock;
using airlock::testing::World;

namespace {
/// Why `body` is undefined in the initial state; empty if it is not.
std::string reason_of(const std::string& body, const std::string& globals = {}) {
  World world(globals + "\nu64 f(void) { " + body + " return 0; }");
  const auto outcome = world.evaluate_run("f");
  return outcome.undefined ? outcome.reason : "";
}
}  // namespace

TEST_CASE("undefined arithmetic is found") {
  const std::string g =
      "int zero, one = 1, big = 2147483647, low = -2147483647 - 1; u64 w = 64; "
      "s64 wide = 9223372036854775807; u32 u;";
  CHECK(reason_of("1ULL << w;", g) == "shift by the width or more");
  CHECK(reason_of("one << w;", g).find("shift by the width or more, or signed") == 0);
  CHECK(reason_of("u >> -one;", g) == "shift by the width or more");
  CHECK(reason_of("low << one;", g).find("signed left shift") != std::string::npos);
  CHECK(reason_of("big << one;", g).find("signed left shift") != std::string::npos);
  CHECK(reason_of("big + one;", g) == "signed overflow in '+'");
  CHECK(reason_of("low - one;", g) == "signed overflow in '-'");
  CHECK(reason_of("-low;", g) == "signed overflow in '-'");
  CHECK(reason_of("big * 2;", g) == "signed overflow in '*'");
  CHECK(reason_of("wide * 2;", g) == "signed overflow in '*'");
  CHECK(reason_of("big++;", g) == "signed overflow in '+'");
  CHECK(reason_of("one / zero;", g).find("division by zero") == 0);
  CHECK(reason_of("low / -one;", g).find("division by zero or signed overflow") == 0);
  CHECK(reason_of("low % -one;", g).find("division by zero or signed overflow") == 0);
}

TEST_CASE("what C defines is not undefined") {
  const std::string g = "u32 u = 4294967295; u8 b = 255; u64 w = 63; int minus = -1;";
  CHECK(reason_of("u + 1; u = u * u; u << 31; b++; 1ULL << w; minus >> 1; u64 x = minus; -u;", g) ==
        "");
}

TEST_CASE("undefined memory accesses are found") {
  const std::string g = "u64 a[3]; u64 i = 3; int k = -1; struct s { u64 v; struct s *next; } s;";
  CHECK(reason_of("a[i] = 1;", g) == "array index out of range");
  CHECK(reason_of("a[k];", g) == "array index out of range");
  CHECK(reason_of("a[3];", g) == "array index out of range");
  // No element at all is possible: nothing is read, and nothing written.
  const std::string far = g + " u32 x; ";
  CHECK(reason_of("a[0] = a[x + 0x7fL];", far) == "array index out of range");
  CHECK(reason_of("a[x + 0x7fL] = 1;", far) == "array index out of range");
  CHECK(reason_of("a[x + 0x7fL]++;", far) == "array index out of range");
  CHECK(reason_of("return a[x + 0x7fL] ? 1 : 2;", far) == "array index out of range");
  CHECK(reason_of("s.next->v = 1;", g) == "NULL is dereferenced");
  CHECK(reason_of("struct s *p; p->v = 1;", g).find("before it has a value") != std::string::npos);
  CHECK(reason_of("u64 *p = leak(); *p = 1;",
                  g + " static u64 *leak(void) { u64 local = 1; u64 *q = &local; return q; }")
            .find("outlives its function") != std::string::npos);
}

TEST_CASE("a failed assertion is undefined behaviour with its text") {
  CHECK(reason_of("\nassert(g == 1);\n", "u64 g;") == "assertion failed: assert(g == 1);");
  CHECK(reason_of("assert(g == 0);", "u64 g;") == "");
}

TEST_CASE("the value of a function that returned none must not be used") {
  const std::string g = "u64 g; static u64 half(void) { if (g) return 1; }";
  CHECK(reason_of("g = half();", g) == "the value of a function that returned none is used");
  CHECK(reason_of("half();", g) == "");
}

TEST_CASE("the path without undefined behaviour goes on knowing that there was none") {
  World world("int g; u64 f(void) { int h = g + 1; return h > g; }");
  bool defined = false;
  bool undefined = false;
  for (const AtomicPath& path : world.run("f")) {
    (path.undefined ? undefined : defined) = true;
    if (path.undefined) {
      CHECK(path.location.line == 1);
      State state = world.initial();
      state[*world.system.find_variable("g")] = 0x7FFFFFFF;
      CHECK(evaluate(path.step.guard(), state) == 1);
    }
  }
  CHECK(defined);
  CHECK(undefined);
}

TEST_CASE("code that is never reached costs nothing and may be undefined") {
  World world("u64 f(void) { if (0) return 1 / 0; return 2; }");
  CHECK(world.run("f").size() == 1);
}

TEST_CASE("assume() removes the runs in which it is false") {
  World world("u64 f(void) { bool b = any_bool(); assume(b); return b; }");
  const auto paths = world.run("f");
  REQUIRE(paths.size() == 1);
  CHECK(evaluate(paths[0].step.guard(), world.initial(), {0}) == 0);
  CHECK(evaluate(paths[0].step.guard(), world.initial(), {1}) == 1);
}

TEST_CASE("a loop that does not end is an error, not a hang") {
  World world("u64 g; void f(void) { while (g != 5) g = g; } void h(void) { for (;;) ; }");
  CHECK_THROWS_WITH_AS(world.run("f"), doctest::Contains("does not end within 256 rounds"),
                       InputError);
  CHECK_THROWS_AS(world.run("h"), InputError);
}

TEST_CASE("a loop of 256 rounds is run, one of 257 is not") {
  World world(
      "u64 f(void) { u64 n = 0; for (u64 i = 0; i < 256; i++) n++; return n; }\n"
      "u64 g(void) { u64 n = 0; for (u64 i = 0; i < 257; i++) n++; return n; }");
  CHECK(world.evaluate_run("f").result == 256);
  CHECK_THROWS_AS(world.run("g"), InputError);
}
