// Every error names file, line and column, shows the line and says what was expected.
#include <doctest/doctest.h>

#include "fake_platform.hpp"

using airlock::testing::error_of;

namespace {
bool has(const std::string& text, const std::string& part) {
  const std::string message = error_of(text);
  CHECK_MESSAGE(message.find(part) != std::string::npos,
                "'" << part << "' in: " << message.substr(0, 300));
  return message.find(part) != std::string::npos;
}
}  // namespace

TEST_CASE("an error shows its place, its line and what was expected") {
  CHECK(error_of("void f(void)\n{\n\tfoo = 1;\n}\n") ==
        "t.c:3:2: error: unknown identifier 'foo'\n"
        "  3 |  foo = 1;\n"
        "    |  ^\n"
        "expected: a local variable, a global, a parameter, an enumerator or a macro");
}

TEST_CASE("syntax errors say where") {
  CHECK(error_of("void f(void) { int x = 1 }\n") ==
        "t.c:1:25: error: syntax error: ';' is missing\n"
        "  1 | void f(void) { int x = 1 }\n"
        "    |                         ^\n"
        "expected: ';'");
  CHECK_MESSAGE(error_of("void f(void) { x = = 2; }").find("t.c:1:") == 0, "position");
  CHECK(has("void f(void) { x = = 2; }", "syntax error"));
  CHECK(has("void f(void) { if (1 { } }", "syntax error"));
  CHECK(has("void f(void) {", "syntax error"));
  CHECK(has("int 5;", "error"));
}

TEST_CASE("what is no expression is an error where it stops being one") {
  CHECK(has("u8 x; int f(void) { return (u8) + ; }", "syntax error"));
  CHECK(has("typedef u8 B; int f(void) { return B - 1; }", "'B' is a type, not a value"));
  CHECK(has("int f(void) { return u8; }", "'u8' is a type, not a value"));
  CHECK(has("int f(void) { return ((u8)) - 1; }", "error"));
  CHECK(has("int f(void) { return (u8)(); }", "error"));
  CHECK(has("#define T u8\nint f(int x) { return (T)(x); }", "'u8' is a type, not a value"));
  CHECK(has("int f(int x) { return (struct nothing)x; }", "error"));
  CHECK(has("int f(int x) { return (u8){x}; }", "a compound literal is not supported"));
  CHECK(has("int f(int x) { return sizeof(u8){x}; }", "a compound literal is not supported"));
  CHECK(has("int f(int x) { return x ?: 1; }", "without its middle operand is not supported"));
  CHECK(has("int f(int x) { return ({ x; }); }", "a statement expression is not supported"));
  CHECK(has("int f(int x) { return (x)(1); }", "a call through a pointer is not supported"));
  CHECK(has("#define M(a) ((a) +)\nint f(int x) { return M(x); }", "is not an expression"));
  CHECK(has("#define M(a) (a)\nint f(int x) { return M(u8); }", "is not an expression"));
  CHECK(has("#define A B\n#define B A\nint f(void) { return A; }", "unknown identifier 'A'"));
  CHECK(has("#define A(x) A(x)\nint f(void) { return A(1); }", "unknown function 'A'"));
}

TEST_CASE("an initialiser that gives a place two values, or has none for one, is an error") {
  const std::string g = "struct S { u8 a[2]; u8 b; }; ";
  CHECK(has(g + "struct S s = {1, 2, 3, 4};", "more initialisers"));
  CHECK(has(g + "struct S s = {{1, 2, 3}};", "more initialisers"));
  CHECK(has(g + "struct S s = {.b = 1, .b = 2};", "initialised twice"));
  CHECK(has(g + "struct S s = {.a = {1, 2}, .a = {3}};", "initialised twice"));
  CHECK(has(g + "void f(void) { struct S s = {.a[1] = 2, .a = {1}}; }", "initialised twice"));
  CHECK(has(g + "struct S s[] = {1, 2, 3};", "without braces"));
  CHECK(has(g + "u8 m[][2] = {1, 2};", "without braces"));
  CHECK(has(g + "struct S s = {.b.c = 1};", "a designator inside"));
  CHECK(has(g + "u8 x = {{1}};", "a list initialises one value"));
}

TEST_CASE("unknown names are errors") {
  CHECK(has("void f(void) { foo(1); }", "unknown function 'foo'"));
  CHECK(has("void f(void) { foo_t x; }", "unknown type 'foo_t'"));
  CHECK(has("void f(void) { struct nope s; }", "incomplete type 'struct nope'"));
  CHECK(has("struct s { int a; } g; void f(void) { g.b = 1; }", "'struct s' has no member 'b'"));
  CHECK(has("void f(void) { goto out; }", "unknown label 'out'"));
  CHECK(has("void f(void) { cpu.nothing = 1; }", "has no member 'nothing'"));
  CHECK(has("struct m { int a; }; extern struct m m; int f(void) { return m.a; }",
            "the machine has no 'm.a'"));
  CHECK(has("void missing(void); void f(void) { missing(); }",
            "declared but not defined, and the machine has no intrinsic"));
  CHECK(has("void f(void) { enum nope e; }", "unknown enumeration 'enum nope'"));
}

TEST_CASE("wrong arguments are errors") {
  CHECK(has("void g(int a) {} void f(void) { g(); }", "'g' takes 1 arguments, not 0"));
  CHECK(has("void f(void) { wr(1, 2); }", "'wr' takes 1 arguments, not 2"));
  CHECK(has("struct s { int a; } g; void f(void) { wr(g); }", "parameter 1 of 'wr'"));
  CHECK(has("struct s { int a; } g; void h(struct s *p) {} void f(void) { h(g); }",
            "has type 'struct s *'"));
  CHECK(has("struct s { int a; } g; void f(void) { wr(&g); }", "parameter 1 of 'wr'"));
  CHECK(has("void f(void) { u64 x = any_bits(); }", "'any_bits' takes one argument"));
  CHECK(has("#define TWICE(x) ((x) + (x))\nint f(void) { return TWICE(1, 2); }",
            "macro 'TWICE' takes 1 arguments, not 2"));
}

TEST_CASE("assignments must go to places that may change") {
  CHECK(has("const int c = 1; void f(void) { c = 2; }", "assignment to 'c', which is const"));
  CHECK(has("void f(void) { const int c = 1; c++; }", "which is const"));
  CHECK(has("void f(void) { (3) = 4; }", "not a place in memory"));
  CHECK(has("int g(void) { return 1; } void f(void) { g() = 4; }", "not a place in memory"));
  CHECK(has("void f(void) { cpu.fixed = 1; }", "const"));
  CHECK(has("void g(const struct cpu *p) { p->reg = 1; }", "const"));
  CHECK(has("struct s { int *p; } g; int x; void f(void) { g.p = &x; }",
            "a pointer in a global cannot be changed"));
  CHECK(has("int a[2]; int b[2]; void f(void) { a = b; }", "array"));
}

TEST_CASE("recursion names its cycle") {
  CHECK(has("void b(void); void a(void) { b(); } void b(void) { a(); }", "recursion: b -> a -> b"));
  CHECK(has("void a(void) { a(); }", "recursion: a -> a"));
}

TEST_CASE("functions return what they say") {
  CHECK(has("int f(void) { }", "function 'f' never returns a value"));
  CHECK(has("int f(void) { if (1) return; return 2; }", "returns no value here"));
  CHECK(has("void f(void) { return 1; }", "is void but returns a value"));
}

TEST_CASE("a second definition is an error that names the first") {
  CHECK(has("void f(void) {}\nvoid f(void) {}", "function 'f' is already defined at t.c:1"));
  CHECK(has("int g = 1;\nint g = 2;", "'g' is already defined at t.c:1"));
  CHECK(has("int g;\nbool g;", "'g' is already declared differently at t.c:1"));
  CHECK(has("struct s { int a; };\nstruct s { int a; };", "already defined at t.c:1"));
  CHECK(has("void f(void) { int a; int a; }", "'a' is already declared"));
  CHECK(has("enum { A }; enum { A };", "'A' is already declared"));
  CHECK(has("void f(int x);\nvoid f(void) {}", "is declared as"));
  CHECK(has("void f(void) { a: ; a: ; }", "label 'a' is already at"));
  CHECK(has("#define N 1\n#define N 2\n", "macro 'N' is already defined differently"));
  CHECK(has("int f(int x) { switch (x) { case 1: case 1: return 1; } return 0; }",
            "two cases with the value 1"));
}

TEST_CASE("what the subset does not have is named") {
  CHECK(has("float x;", "floating point (float) is not supported"));
  CHECK(has("u64 f(void) { return 1.5; }", "floating point (1.5) is not supported"));
  CHECK(has("union u { int a; };", "union is not supported"));
  CHECK(has("struct s { int a : 3; };", "a bit-field is not supported"));
  CHECK(has("void (*p)(void);", "a function pointer is not supported"));
  CHECK(has("void f(void) { asm(\"cli\"); }", "not supported"));
  CHECK(has("int f(int a, ...) { return a; }", "a variadic function is not supported"));
  CHECK(has("void f(int n) { int a[n]; }", "the size of an array is not constant"));
  CHECK(has("void f(void) { const char *s = \"x\"; }", "a string is not supported"));
  CHECK(has("struct s { int a; }; struct s f(void) { struct s x; return x; }",
            "a function that returns 'struct s' is not supported"));
  CHECK(has("struct s { int a; }; void f(struct s x) {}",
            "a parameter of type 'struct s' is not supported"));
  CHECK(has("#ifdef CONFIG_X\nint x;\n#endif\n", "nothing says whether CONFIG_X is defined"));
  CHECK(has("#if FOO\nint x;\n#endif\n", "nothing says whether FOO is defined"));

  CHECK(has("#define SUM 1 + 2\nint f(void) { return SUM * 2; }", "is not in parentheses"));
  CHECK(has("void f(int *p) { p++; }", "arithmetic on pointers is not supported"));
  CHECK(has("void f(int *p) { p[1] = 2; }", "indexing a pointer is not supported"));
  CHECK(has("void g(void) {} void f(void) { int x = g; }", "function pointers"));
  CHECK(has("int f(void) { return ({ 1; }); }", "statement expression is not supported"));
  CHECK(has("enum e { A = -1 };", "negative"));
  CHECK(has("#error no\n", "#error"));
}

TEST_CASE("constants must be constant") {
  CHECK(has("int g; int h = g;", "the initialiser of a global is not constant"));
  CHECK(has("int g; int f(int x) { switch (x) { case g: return 1; } return 0; }",
            "a case label is not constant"));
  CHECK(has("int x = 1 / 0;", "division by zero"));
  CHECK(has("int x = 2147483647 + 1;", "signed overflow"));
  CHECK(has("int a[2] = {1, 2, 3};", "more initialisers"));
}

TEST_CASE("statements must be where they belong") {
  CHECK(has("void f(void) { break; }", "'break' outside"));
  CHECK(has("void f(void) { continue; }", "'continue' outside"));
  CHECK(has("void f(int x) { switch (x) { default: ; default: ; } }", "two 'default'"));
}

TEST_CASE("a range of case labels, which is GNU's, is refused and not read as its first value") {
  CHECK(has("int f(int x)\n{\n\tswitch (x) {\n\tcase 1 ... 3: return 1;\n\t}\n\treturn 0;\n}",
            "t.c:4:"));
  CHECK(has("void f(int x) { switch (x) { case 1 ... 3: ; } }", "syntax error"));
  CHECK(has("void f(int x) { switch (x) { case 1...3: ; } }", "syntax error"));
  CHECK(error_of("void f(int x) { switch (x) { case 1: case 2: case 3: ; } }") == "");
}

TEST_CASE("an empty file is a program without functions") {
  CHECK(error_of("") == "");
  CHECK(error_of("/* nothing */\n") == "");
}

TEST_CASE("files that are not text are refused") {
  CHECK(has(std::string("int x;\n\0int y;", 15),
            "t.c:2:1: error: the file is not text: it contains a NUL byte"));
  CHECK(has("int x; /* \xff */", "t.c:1:11: error: the file is not text: invalid UTF-8"));
  CHECK(has("/* caf\xc3\xa9 */ int x = y;", "unknown identifier 'y'"));
}

TEST_CASE("a file of more than 1 MiB is refused") {
  CHECK(has(std::string(10000000, ' '), "t.c:1:1: error: the file has 10000000 bytes"));
}

TEST_CASE("deep nesting is an error and not a crash") {
  const std::string open(10000, '(');
  const std::string close(10000, ')');
  CHECK(has("int f(void) { return " + open + "1" + close + "; }", "nested too deeply"));
  std::string sum = "1";
  for (int i = 0; i < 10000; ++i) {
    sum += " + 1";
  }
  CHECK(has("int f(void) { return " + sum + "; }", "nested too deeply"));
  CHECK(has("void f(void) { " + std::string(10000, '{') + std::string(10000, '}') + " }",
            "nested too deeply"));
  std::string chain = "void f(int x) { ";
  for (int i = 0; i < 3000; ++i) {
    chain += "if (x == " + std::to_string(i) + ") ; else ";
  }
  CHECK(has(chain + "; }", "nested too deeply"));
}

TEST_CASE("headers that are missing or include themselves are errors") {
  CHECK(has("#include \"nowhere.h\"\n", "t.c:1:1: error: cannot open 'nowhere.h'"));
  CHECK(has("#include <nowhere.h>\n", "there is no header <nowhere.h>"));
  CHECK(has("#include NAME\n", "must be written out"));
}
