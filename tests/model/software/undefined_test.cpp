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

TEST_CASE("a pointer to a local must not be used once the local's block has been left") {
  const std::string gone = "a pointer to 'k' outlives its block";
  const std::string g = "int one = 1, zero; ";
  for (const char* body : {
           "int *q = 0; { int k = 3; q = &k; } return *q;",
           "int *q = 0; { { int k = 3; q = &k; } } *q = 1;",
           "int *q = 0; { int k[2] = {1, 2}; q = &k[1]; } return *q;",
           "int *q = 0; { struct { int a, b; } k = {1, 2}; q = &k.b; } return *q;",
           "int *q = 0; if (one) { int k = 3; q = &k; } return *q;",
           "int *q = 0; if (zero) { } else { int k = 3; q = &k; } return *q;",
           // Each round of a body is an object of its own.
           "int *q = 0; for (int i = 0; i < 2; i++) { int k = i; if (q) *q = 1; q = &k; }",
           "int *q = 0; int i = 0; while (i < 2) { int k = i++; if (q != 0) return *q; q = &k; }",
           "int *q = 0; int i = 0; do { int k; if (i) return *q; q = &k; k = 1; } while (i++ < 2);",
           "int *q = 0; for (int i = 0; i < 3; i++) { int k = 1; q = &k; continue; } return *q;",
           "int *q = 0; for (;;) { int k = 1; q = &k; break; } return *q;",
           "int *q = 0; for (int k = 0; k < 2; k++) q = &k; return *q;",
           "int *q = 0; switch (one) { int k; case 1: k = 2; q = &k; } return *q;",
           "int *q = 0; { int k = 1; q = &k; goto out; } out: return *q;",
           "int *q = 0; int n = 0; again: { int k = 1; if (n) return *q; q = &k; n = 1; "
           "goto again; }",
           // Back into the block: another object, though the same place in the text.
           "int *q = 0; int n = 0; { int k = 1; in: if (n) return *q; q = &k; } n = 1; goto in;",
           // Comparing one is no better (C11 J.2).
           "int *q = 0; { int k = 3; q = &k; } return q == 0;",
           "int *q = 0; { int k = 3; q = &k; } return q ? 1 : 2;",
           "int *q = 0, *r; { int k = 3; q = &k; r = q; } return r != q;",
       }) {
    CHECK_MESSAGE(reason_of(body, g) == gone, body);
  }
  CHECK(reason_of("return *in(0);",
                  "static int *in(int *p) { if (!p) { int k = 1; p = &k; } "
                  "return p; }") == gone);
  const std::string of_function = "a pointer to 'k' outlives its function";
  // The second call's k is not the first one's.
  CHECK(reason_of("int *q = f1(0); f1(q);",
                  "static int *f1(int *p) { int k = 1; if (p) k = *p; p = &k; return p; }") ==
        of_function);
  CHECK(reason_of("struct s s; f1(&s); return *s.p;",
                  "struct s { int *p; }; static void f1(struct s *s) { int k = 1; s->p = &k; }") ==
        of_function);
}

TEST_CASE("a pointer to a local is good as long as the local's block") {
  const std::string g = "int one = 1; ";
  for (const char* body : {
           "int *q = 0; { int k = 3; q = &k; *q = 4; { int n = *q; assert(n == 4); } }",
           "int *q = 0; int k = 3; { q = &k; } assert(*q == 3);",
           "int k = 1; int *q = &k; for (int i = 0; i < 3; i++) { int n = *q; *q = n + 1; } "
           "assert(k == 4);",
           "for (int k = 0, *q = &k; k < 2; k++) { assert(*q == k); }",
           "int n = 0; { int k = 1; int *q = 0; again: if (n++) { assert(*q == 1); } "
           "else { q = &k; goto again; } }",
           "int *q = 0; { int k = 3; q = &k; } q = 0; assert(!q);",
           "int *q = 0; { int k = 3; q = &k; } int n; q = &n; *q = 1; assert(n == 1);",
           "switch (one) { int k; case 1: k = 2; int *q = &k; case 2: assert(*q == 2); }",
           "static int k = 1; int *q; { static int n = 5; q = &n; } assert(*q == 5);",
           "int k = 5; assert(*pass(&k) == 5);",
       }) {
    CHECK_MESSAGE(
        reason_of(body, g + "static int *pass(int *p) { int n = *p; { n++; } return p; }").empty(),
        body);
  }
}

TEST_CASE("a local has no value when its block is entered again past its declaration") {
  const std::string body =
      "int n = 0; { goto in; int k = 7; in: if (n) return k; k = 1; } n = 1; "
      "goto back; back: { goto there; int k; there: return k == 7 || k != 7; }";
  CHECK(reason_of(body).empty());
  World world(
      "u64 f(void) { for (int i = 0; i < 2; i++) { goto in; int k; in: if (i == 1) return "
      "k; k = 5; } return 0; }");
  world.evaluate_run("f");
  CHECK(world.system.inputs.size() == 1);
}

TEST_CASE("one past the end of an array may be pointed to, not further, and not into") {
  const std::string g =
      "int a[3] = {1, 2, 3}, b[3], m[2][2]; const int i = 3, one = 1; "
      "struct s { int v; int w[2]; } s[2]; "
      "int *end = &a[3]; struct s *last = &s[2]; ";
  for (const char* body : {
           "int *p = &a[3]; assert(p != 0); assert(p == &a[3]); assert(p != &a[2]); assert(p);",
           "int *p = &a[0]; assert(p != &a[3]); assert(end == &a[3]);",
           "int *p = &a[2 + one]; assert(p == end);",
           "int *p = &a[i]; assert(p == end && p != &b[1]);",
           "int *p = &m[1][2]; assert(p != &m[1][1] && p != &m[0][0]);",
           "struct s *p = &s[2]; assert(p == last && p != &s[1]);",
           "int *p = &s[1].w[2]; assert(p != &s[1].w[1]);",
           "int *p = &a[3]; int *q = &*p; assert(p == q);",
           "int *p = 0; int *q = &*p; assert(!q);",
           "int l[2]; int *p = &l[2]; assert(p != &l[1]);",
       }) {
    CHECK_MESSAGE(reason_of(body, g) == "", body);
  }
  const std::string range = "array index out of range";
  CHECK(reason_of("int *p = &a[4]; return p == 0;", g) == range);
  CHECK(reason_of("int *p = &a[i + 1]; return p == 0;", g) == range);
  CHECK(reason_of("int *p = &a[-one]; return p == 0;", g) == range);
  CHECK(reason_of("int *p = &s[2].v; return p == 0;", g) == range);
  CHECK(reason_of("int *p = &m[1][3]; return p == 0;", g) == range);
  CHECK(reason_of("int *p = &m[2][0]; return p == 0;", g) == range);
  CHECK(reason_of("int *p = &s[2].w[0]; return p == 0;", g) == range);
  CHECK(reason_of("a[3] = 1;", g) == range);
  CHECK(reason_of("return a[3];", g) == range);
  const std::string past = "a pointer one past the end of an array in 'a' is dereferenced";
  CHECK(reason_of("int *p = &a[3]; return *p;", g) == past);
  CHECK(reason_of("int *p = &a[3]; *p = 1;", g) == past);
  CHECK(reason_of("return *end;", g) == past);
  CHECK(reason_of("return *&a[3];", g) == past);
  CHECK(reason_of("return last->v;", g).find("in 's' is dereferenced") != std::string::npos);
  CHECK(reason_of("int *p = &last->v; return p == 0;", g).find("in 's' is dereferenced") !=
        std::string::npos);
  // m[0][2] is where m[1][0] is, but not a way to it.
  CHECK(reason_of("int *p = &m[0][2]; return *p;", g).find("in 'm' is dereferenced") !=
        std::string::npos);
}

TEST_CASE("whether something begins where an array ends is the compiler's choice") {
  World world("int a[2], b; u64 f(void) { int *p = &a[2]; int *q = &b; return p == q; }");
  world.evaluate_run("f");
  CHECK(world.system.inputs.size() == 1);
  CHECK_THROWS(World("int a[2]; int *p = &a[3];"));
  CHECK_THROWS(World("int a[2][2]; int *p = &a[2][0];"));
}
