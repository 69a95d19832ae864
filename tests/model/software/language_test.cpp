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

TEST_CASE("structures, members and pointers to them") {
  const std::string types =
      "struct arch { u64 dr6; u32 switches; };\n"
      "struct vcpu { struct arch arch; bool guest_debug; };\n"
      "struct vmcb_ { u64 dbgctl; };\n"
      "struct vcpu_svm { struct vcpu vcpu; struct vmcb_ *vmcb; u64 host; };\n"
      "struct vmcb_ the_vmcb = { .dbgctl = 5 };\n"
      "struct vcpu_svm svm = { .vmcb = &the_vmcb, .vcpu.arch.dr6 = 7, .host = 9 };\n"
      "static inline void set(struct vcpu_svm *s, u64 v) { s->vcpu.arch.dr6 = v; s->vmcb->dbgctl "
      "|= v; }\n";
  CHECK(result_of("return svm.vcpu.arch.dr6 + svm.vmcb->dbgctl + svm.host;", types) == 21);
  CHECK(result_of("set(&svm, 8); return svm.vcpu.arch.dr6 + the_vmcb.dbgctl;", types) == 21);
  CHECK(result_of("struct vcpu_svm *s = &svm; struct vcpu *v = &s->vcpu; v->arch.dr6++; return "
                  "s->vcpu.arch.dr6;",
                  types) == 8);
  CHECK(result_of("struct arch a = { 1, .switches = 2 }, b; b = a; b.dr6 += 1; return b.dr6 * 10 + "
                  "b.switches + a.dr6;",
                  types) == 23);
  CHECK(result_of("struct arch *p = NULL; if (!p) p = &svm.vcpu.arch; return p != NULL && p == "
                  "&svm.vcpu.arch;",
                  types) == 1);
  CHECK(result_of("struct arch *p = cpu.quiet ? &svm.vcpu.arch : NULL; return p == 0;", types) ==
        1);
  CHECK(result_of("u64 x = 1; u64 *p = &x; *p = 4; return x;", types) == 4);
  CHECK(result_of("struct arch a = {0}; return a.dr6 + a.switches;", types) == 0);
}

TEST_CASE("arrays with constant and symbolic indices") {
  const std::string globals =
      "u64 a[4] = { 10, 20, [3] = 40 }; u64 i = 1; const u8 table[] = { 3, 1, 4 };\n";
  CHECK(result_of("return a[0] + a[1] + a[2] + a[3];", globals) == 70);
  CHECK(result_of("a[i] = 7; return a[1] + a[i + 2];", globals) == 47);
  CHECK(result_of(
            "u64 sum = 0; for (unsigned k = 0; k < 3; k++) sum = sum * 10 + table[k]; return sum;",
            globals) == 314);
  CHECK(result_of("return table[i] + sizeof(table);", globals) == 4);
  CHECK(result_of("u64 b[2][3] = { { 1, 2, 3 }, { 4, 5, 6 } }; return b[i][2] * 10 + b[0][i];",
                  globals) == 62);
}

TEST_CASE("functions are called by value and their results used") {
  const std::string functions =
      "static u64 twice(u64 x) { x += x; return x; }\n"
      "static bool is_small(int x) { if (x < 10) return true; return false; }\n"
      "u64 calls; static bool touch(bool r) { calls++; return r; }\n";
  CHECK(result_of("u64 y = 3; return twice(y) + twice(twice(y)) + y;", functions) == 21);
  CHECK(result_of("return is_small(3) + is_small(30);", functions) == 1);
  CHECK(result_of("touch(false) && touch(true); touch(true) || touch(true); return calls;",
                  functions) == 2);
  CHECK(result_of("touch(true) ? touch(true) : touch(false); return calls;", functions) == 2);
}

TEST_CASE("compound assignment, increment and the comma keep C's values") {
  CHECK(result_of("u8 x = 250; x += 10; return x;") == 4);
  CHECK(result_of("int x = 5; int y = x++ * 10; return y + x;") == 56);
  CHECK(result_of("int x = 5; int y = ++x * 10; return y + x;") == 66);
  CHECK(result_of("int x = 1; x <<= 4; x |= 3; x ^= 1; x %= 7; return x;") == 4);
  CHECK(result_of("int x, y; x = y = 3; return x + y;") == 6);
  CHECK(result_of("bool b = 4; b |= 2; return b;") == 1);
}

TEST_CASE("macros: constants, functions and statements") {
  CHECK(result_of("return A + B;", "#define A 3\n#define B (A << 2) // comment\n") == 15);
  CHECK(result_of("u64 v; rdreg(1, v); return v + 1;",
                  "#define rdreg(msr, val) ((val) = rd())\n") == 1);
  CHECK(result_of("u64 v; set(v, MAX(3, 4)); return v;",
                  "#define MAX(a, b) ((a) > (b) ? (a) : (b))\n"
                  "#define set(p, v) do { (p) = (v); } while (0)\n") == 4);
  CHECK(result_of("u64 x = 3; WRITE_ONCE(x, READ_ONCE(x) + 1); return likely(x) && unlikely(!0) ? "
                  "x : 0;") == 4);
  CHECK(result_of("return BIT(BIT(1));") == 4);
}

TEST_CASE("static locals, typedefs, enumerations and shadowing") {
  CHECK(result_of("return next() * 10 + next();",
                  "static u64 next(void) { static u64 n = 4; return n++; }\n") == 45);
  CHECK(result_of("word w = 3; enum colour c = GREEN; return w * 100 + c * 10 + BLUE;",
                  "typedef unsigned long word;\nenum colour { RED, GREEN = 5, BLUE };\n") == 356);
  CHECK(result_of("u64 x = 1; { u64 x = 2; x++; } return x;") == 1);
}

TEST_CASE("machine objects are read and written in C's types") {
  CHECK(result_of("cpu.flag = 2; return cpu.flag;") == 1);
  CHECK(result_of("cpu.narrow = 7; return cpu.narrow + 1;") == 8);
  CHECK(result_of("struct cpu *c = (struct cpu *)&cpu; c->reg = 3; return rd();") == 3);
}

TEST_CASE("an intrinsic may fork the path") {
  World world("int f(void) { return either() * 10; }");
  const auto paths = world.run("f");
  REQUIRE(paths.size() == 2);
  CHECK(paths[0].result.is_value(20));
  CHECK(paths[1].result.is_value(10));
}

TEST_CASE("a property over many conditions is one expression") {
  World world(
      "u64 a, b, c, d;\n"
      "bool always_x(void) { return !a || (b & ~c) == 0 || (d && a != b) ? c > d : d; }");
  const auto paths = world.run("always_x");
  REQUIRE(paths.size() == 1);
  CHECK(paths[0].step.feasible());
}

TEST_CASE("casts that look like binary operators are casts or errors, never something else") {
  CHECK(result_of("return (word) -1;", "typedef u8 word;\n") == 255);
  CHECK(result_of("return (word) ~g;", "typedef u8 word; u64 g;\n") == 255);
  CHECK(result_of("return (word) +g;", "typedef u8 word; u64 g = 3;\n") == 3);
  CHECK(result_of("return (word)(g);", "typedef u8 word; u64 g = 259;\n") == 3);
  CHECK(result_of("u64 x = 259; u64 *p = &x; return (word) *p;", "typedef u8 word;\n") == 3);
  CHECK(result_of("return (word) -g * 2;", "typedef u8 word; u64 g = 1;\n") == 510);
}

TEST_CASE("a name in parentheses is a cast where it is a type, and an operand where it is not") {
  const std::string g =
      "typedef u8 B; u8 x = 3, y = 2; u8 p[2] = {1, 2}; "
      "struct S { u8 a[2]; int m; } s = {{4, 5}, 6}; "
      "static int six(void) { return 6; } ";
  const auto is = [&](const std::string& expression, std::int64_t expected) {
    CHECK_MESSAGE(value_of(expression, g) == static_cast<std::uint64_t>(expected), expression);
  };
  is("(u16)(u8)(x)", 3);
  is("(u8)(x, y)", 2);
  is("(u64)(s32)-1", -1);
  is("(u16)(u8)-(x)", 253);
  is("(u8)-x * 2", 506);
  is("(B)-1", 255);
  is("(B)+(x)", 3);
  is("(B)~x & 15", 12);
  is("(unsigned long)(B)(int)-x", 253);
  is("(x)-y*2", -1);
  is("(x)+y*2-1", 6);
  is("(x)*y+1", 7);
  is("(x)&y|4", 6);
  is("(x)-(y)-(x)", -2);
  is("(p[0])-1", 0);
  is("(p[1])*(p[1])+1", 5);
  is("(s.a[1])-1", 4);
  is("((&s)->m)-1", 5);
  is("(six())-1", 5);
  is("(six()) & 3", 2);
  is("(six())*x+1", 19);
  is("(x * (y)) + 1", 7);
  is("(x * (int)(y)) - 1", 5);
  is("-(x)-(y)", -5);
  is("sizeof (x)-1", 0);
  is("sizeof(B)-1", 0);
  is("sizeof(x)*2", 2);
  is("sizeof x - 1", 0);
  is("sizeof -x", 4);
  is("sizeof(struct S)+1", 9);
  is("!(x)-1", -1);
  is("~(x)&(y)", 0);
  is("(x)<(y)", 0);
  is("(x) ? (y)-1 : (B)-1", 1);
  is("*(&x)-1", 2);
  is("(*(&x))-1", 2);
  is("(u8) /* a comment */ - /* and another */ x", 253);
  is("six() - -1", 7);
  is("1-1", 0);
  is("x-1-1", 1);
  is("x- -1", 4);
}

TEST_CASE("a local hides a type: the same words then read as an operand") {
  const std::string g = "typedef u8 B; ";
  CHECK(result_of("int B = 7; return (B)-1;", g) == 6);
  CHECK(result_of("{ int B = 7; B++; } return (B)-1;", g) == 255);
  CHECK(result_of("for (int B = 7; B < 8; B++) return (B)-1; return 0;", g) == 6);
  CHECK(result_of("int u8 = 3; return (u8)-1;") == 2);
  CHECK(result_of("typedef u16 B; return (B)-1;", g) == 65535);
  CHECK(result_of("enum { B = 4 }; return (B)-1;", g) == 3);
  CHECK(result_of("return h(9);", g + "static int h(int B) { return (B)-1; }") == 8);
  CHECK(result_of("return (B)-h(9);", g + "static int h(int B) { return (B)-1; }") == 248);
  CHECK(result_of("int x = 3, y = 4; x * y; return x;") == 3);
}

TEST_CASE("what comes behind an operand binds tighter than what stands before it") {
  CHECK(result_of("int a = 5; int b = -a--; return b * 100 - a;") ==
        static_cast<std::uint64_t>(-504));
  CHECK(result_of("int a = 5; int b = -a++ - -a; return b + a;") == 7);
  CHECK(result_of("int a = 5; int b = ~a--; return b + a;") == static_cast<std::uint64_t>(-2));
  CHECK(result_of("int a = 5; int b = !a--; return b + a;") == 4);
  CHECK(result_of("int a[2] = {5, 6}; int b = -a[1]--; return b + a[1];") ==
        static_cast<std::uint64_t>(-1));
  CHECK(result_of("int a = 5; int *q = &a; (*q)--; int b = -(*q)--; return b + a;") ==
        static_cast<std::uint64_t>(-1));
  CHECK(result_of("u8 a = 5; u64 b = (u8)-a--; return b + a;") == 255);
  CHECK(result_of("int a = 5; return a---1;") == 4);
  CHECK(result_of("int a = 5; return - -a + - - -a;") == 0);
}

TEST_CASE("macros in macros, however deep, and a macro's name in its own body") {
  std::string deep = "#define N0 1\n";
  for (int i = 1; i <= 120; ++i) {
    deep += "#define N" + std::to_string(i) + " (N" + std::to_string(i - 1) + " + 1)\n";
  }
  CHECK(value_of("N120", deep) == 121);
  // C11 6.10.3.4p2: not expanded again.
  CHECK(result_of("int v = 3; return v + 1;", "#define v v\n") == 4);
  CHECK(result_of("return f1(2);",
                  "static int f1(int a) { return a; }\n"
                  "#define f1(a) f1((a) + 1)\n") == 3);
  CHECK(value_of("M(M(1))", "#define M(a) ((a) + 1)\n") == 3);
  CHECK(value_of("M(1)", "#define M(a) (a * 2 - T)\n#define T (1 + 1)\n") == 0);
  CHECK(value_of("M((1, 2), T)", "#define M(a, b) ((a) - (b))\n#define T 1\n") == 1);
  CHECK(value_of("M(1 + 1)", "#define M(a) (a * 2)\n") == 3);  // as text
}

TEST_CASE("an initialiser without inner braces fills what is inside, and goes on behind it") {
  const std::string g = "struct S { u8 a[2]; u8 b; }; struct T { struct S s; u8 c; }; ";
  const auto both = [&](const std::string& declared, const std::string& value, std::uint64_t is) {
    CHECK_MESSAGE(result_of(declared + "; return " + value + ";", g) == is, declared);
    CHECK_MESSAGE(result_of("return " + value + ";", g + declared + ";\n") == is, declared);
  };
  both("struct S z = {0}", "z.a[0] + z.a[1] + z.b", 0);
  both("struct S z = {1, 2, 3}", "z.a[0] * 100 + z.a[1] * 10 + z.b", 123);
  both("struct S z = {{1}, 3}", "z.a[0] * 100 + z.a[1] * 10 + z.b", 103);
  both("struct T z = {1, 2, 3, 4}", "z.s.a[1] * 100 + z.s.b * 10 + z.c", 234);
  both("struct T z = {{1, 2, 3}, 4}", "z.s.a[1] * 100 + z.s.b * 10 + z.c", 234);
  both("struct T z = {.s.a[1] = 2, 3, 4}", "z.s.a[1] * 100 + z.s.b * 10 + z.c", 234);
  both("struct T z = {.c = 4, .s = {1, 2, 3}}", "z.s.a[1] * 100 + z.s.b * 10 + z.c", 234);
  both("u8 m[2][2] = {1, 2, 3, 4}", "m[0][1] * 100 + m[1][0] * 10 + m[1][1]", 234);
  both("u8 m[2][2] = {[1] = {3}, [0][1] = 2}", "m[0][1] * 100 + m[1][0] * 10 + m[1][1]", 230);
  both("struct S y[] = {{1, 2, 3}, {.b = 4}}", "y[0].b * 10 + y[1].b", 34);
  CHECK(result_of("struct S s = {1, 2, 3}; struct T t = {s, 4}; return t.s.b * 10 + t.c;", g) ==
        34);
}
