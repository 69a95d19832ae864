#include "model/kernel/slice.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>

#include "model/kernel/tree.hpp"
#include "model/system/input_error.hpp"
#include "tests/cli/command.hpp"

namespace airlock::kernel {
namespace {

using test::Scratch;

constexpr const char* types = R"(
struct vmcb_save_area { u64 dbgctl; u64 rax; };
struct vmcb { struct vmcb_save_area save; };
struct ops { void (*go)(struct vcpu *v); int (*absent)(struct vcpu *v); };
struct vcpu { u64 host; u64 other; u64 flags; int mode; struct vmcb *vmcb; };
)";

constexpr const char* toml = R"toml([tree]
files = ["arch/*.c"]
bodies = ["body.c"]
[entry]
vcpu_run = "run"
[singletons]
"struct vcpu" = "airlock_vcpu"
"struct vmcb" = "vmcb"
[tracked]
"struct vcpu" = ["host", "flags & 4", "vmcb"]
"struct vmcb" = ["save"]
"struct vmcb_save_area" = ["dbgctl"]
[machine]
tighten = ["local_irq_disable"]
loosen = ["local_irq_enable"]
[machine.when]
wrmsrl = { argument = 0, is = "MSR_IA32_DEBUGCTLMSR" }
[tables]
"call_op(*)" = "the_ops"
"handlers[]" = { only = ["1", "2"] }
)toml";

/// A tree of one file under a lens of its own; line 1 of `text` is line 6 of the file.
struct Mini {
  explicit Mini(const std::string& text, const std::string& more = {}) {
    scratch.write("lens/words.txt", test::slurp(AIRLOCK_SOURCE_DIR "/specs/lens/words.txt"));
    scratch.write("lens/mini/lens.toml", toml + more);
    scratch.write("lens/mini/body.c",
                  "#include <airlock/svm.h>\nstruct vcpu airlock_vcpu = { .vmcb = &vmcb };\n");
    files.push_back({"arch/mini.c", types + text});
  }
  /// More of what is tracked: a line of [tracked].
  Mini& track(const std::string& line, const std::string& table = "[tracked]") {
    std::string lens = test::slurp(scratch.path("lens/mini/lens.toml"));
    lens.insert(lens.find(table) + table.size(), "\n" + line);
    scratch.write("lens/mini/lens.toml", lens);
    return *this;
  }
  Slice run() const { return slice(files, read_lens(scratch.path("lens/mini"))); }
  std::string text() const {
    const Slice made = run();
    CHECK(verify(made, files).empty());
    for (const SourceFile& file : made.files) {
      if (file.path == "arch/mini.c") {
        return file.text;
      }
    }
    return {};
  }
  std::string error() const {
    try {
      run();
    } catch (const InputError& error) {
      return error.what();
    }
    return "no error";
  }
  Scratch scratch;
  std::vector<SourceFile> files;
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("a slice keeps what writes tracked state, on its own line, and drops the rest") {
  const std::string text =
      Mini("void run(struct vcpu *v)\n{\n\tv->other = 1;\n\tv->host = 2;\n}\n").text();
  CHECK(has(text, "v->host = 2;"));
  CHECK_FALSE(has(text, "other"));
  CHECK(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(text.find("v->host")),
                   '\n') == 8);
}

TEST_CASE("slice rule 1: what is assumed in one function is not assumed in another") {
  const Mini mini(
      "static void one(struct vcpu *v)\n{\n\tif (v->mode)\n\t\tv->host = 1;\n}\n"
      "static void two(struct vcpu *v)\n{\n\tif (v->mode)\n\t\tv->host = 2;\n}\n"
      "void run(struct vcpu *v)\n{\n\tone(v);\n\ttwo(v);\n}\n",
      "[assume]\n\"struct vcpu.mode\" = { in = \"one\", is = \"0\", why = \"never\" }\n");
  CHECK_FALSE(has(mini.text(), "v->host = 1;"));
  CHECK(has(mini.text(), "v->host = 2;"));
  const Slice made = mini.run();
  CHECK(has(receipt_text(made.receipt), "struct vcpu.mode in one is 0"));
}

TEST_CASE("slice rule 1: a condition that the lens decides is gone, and what it guards") {
  const Mini mini(
      "int nested(struct vcpu *v);\nvoid run(struct vcpu *v)\n{\n\tif (nested(v))\n\t\t"
      "v->host = 1;\n\tv->host = 2;\n}\n",
      "[assume]\n\"nested()\" = { is = \"0\", why = \"none runs\" }\n");
  CHECK_FALSE(has(mini.text(), "v->host = 1;"));
  const auto facts = mini.run().receipt.facts;
  CHECK(std::any_of(facts.begin(), facts.end(), [](const Fact& fact) {
    return fact.kind == Fact::Kind::assumed && fact.reason == "none runs";
  }));
}

TEST_CASE("slice rule 1: a condition may be what a function of the lens chooses") {
  Mini mini(
      "int active(void);\nvoid run(struct vcpu *v)\n{\n\tif (active())\n\t\tv->host = 1;\n"
      "\telse\n\t\tv->host = 2;\n}\n",
      "[assume]\n\"active()\" = { is = \"airlock_active()\", why = \"up to others\" }\n");
  const std::string body = mini.scratch.path("lens/mini/body.c");
  mini.scratch.write("lens/mini/body.c",
                     test::slurp(body) + "bool airlock_active(void) { return any_bool(); }\n");
  CHECK(has(mini.text(), "if ((airlock_active()))"));
}

TEST_CASE("slice rule 2: a write behind a vendor operation, a table or a parameter is found") {
  CHECK(has(Mini("static void deep(struct vcpu *v)\n{\n\tv->host = 1;\n}\n"
                 "struct ops the_ops = { .go = deep };\n"
                 "void run(struct vcpu *v)\n{\n\tcall_op(go)(v);\n}\n")
                .text(),
            "deep(v);"));
  CHECK(has(Mini("static void deep(struct vcpu *v)\n{\n\tv->host = 1;\n}\n"
                 "static void other(struct vcpu *v)\n{\n}\n"
                 "void (*handlers[])(struct vcpu *v) = { [1] = deep, [2] = other };\n"
                 "void run(struct vcpu *v)\n{\n\thandlers[v->host](v);\n}\n")
                .text(),
            "airlock_handlers(v->host, v);"));
  CHECK(has(Mini("typedef void (*fn_t)(struct vcpu *v);\n"
                 "static void deep(struct vcpu *v)\n{\n\tv->host = 1;\n}\n"
                 "static void call(struct vcpu *v, fn_t fn)\n{\n\tfn(v);\n}\n"
                 "void run(struct vcpu *v)\n{\n\tcall(v, deep);\n}\n")
                .text(),
            "v->host = 1;"));
}

TEST_CASE("slice rule 2: a write of a whole struct is a write of what is tracked in it") {
  CHECK(has(
      Mini("void run(struct vcpu *v, struct vmcb *w)\n{\n\tv->vmcb->save = w->save;\n}\n").text(),
      "save = "));
  CHECK(has(Mini("void run(struct vcpu *v)\n{\n\tmemset(&v->vmcb->save, 0, 8);\n}\n").error(),
            "'memset' is not in the files read"));
}

TEST_CASE("slice rule 2: a write through the address of what is tracked is a write of it") {
  CHECK(
      has(Mini("void run(struct vcpu *v)\n{\n\t*(&v->host) = 7;\n}\n").text(), "*(&v->host) = 7;"));
  const std::string local =
      Mini("void run(struct vcpu *v)\n{\n\tu64 *p = &v->host;\n\n\t*p = 7;\n}\n").text();
  CHECK(has(local, "u64 *p = &v->host;"));
  CHECK(has(local, "*p = 7;"));
  CHECK(has(Mini("void run(struct vcpu *v)\n{\n\tu64 x = 1;\n\tu64 *p = &x;\n\n\t*p = 7;\n"
                 "\tv->host = x;\n}\n")
                .text(),
            "*p = 7;"));
  CHECK(has(Mini("static void fill(struct vcpu *v, u64 *out)\n{\n\t*out = 7;\n}\n"
                 "void run(struct vcpu *v)\n{\n\tfill(v, &v->host);\n}\n")
                .text(),
            "fill(&v->host);"));
}

TEST_CASE("slice rule 2: a pointer from elsewhere may point to a tracked field that leaked") {
  const std::string text =
      "struct keeper { u64 *place; };\n"
      "void run(struct vcpu *v, struct keeper *k)\n{\n\tv->host = 1;\n\tk->place = &v->host;\n"
      "\t*k->place = 7;\n}\n";
  CHECK(has(Mini(text).error(), "error: tracked state is reached through a pointer that is not"));
}

TEST_CASE("slice rule 2: a write beside a tracked member of a union is no silence") {
  CHECK(has(Mini("struct pair { union { u64 one; u64 two; }; };\nstruct pair the_pair;\n"
                 "void run(struct pair *p, struct vcpu *v)\n{\n\tp->two = 7;\n\tv->host = 1;\n}\n")
                .text(),
            "v->host = 1;"));
  Mini mini(
      "struct pair { union { u64 one; u64 two; }; };\n"
      "void run(struct pair *p, struct vcpu *v)\n{\n\tp->two = 7;\n\tv->host = p->one;\n}\n");
  mini.track("\"struct pair\" = [\"one\"]");
  CHECK(has(mini.error(), "this write may change tracked state, and the slice cannot say how"));
}

TEST_CASE("slice rule 3: branches that wait for each other around a loop are kept") {
  // The end of run() is its beginning: which of the writes comes next is decided by the first
  // condition, and it must not wait for the second.
  const std::string text =
      Mini(
          "void run(struct vcpu *v)\n{\n\tif (v->mode)\n\t\tgoto out;\n\tif (v->other)\n"
          "\t\treturn;\n\tv->host = 1;\nout:\n\tv->host = 2;\n}\n")
          .text();
  CHECK_FALSE(has(text, "if (1)"));
  CHECK(has(text, "if (any_bool())\n\t\tgoto out;"));
}

TEST_CASE("slice rule 3: a case without anything kept is no default") {
  const std::string text =
      Mini(
          "void run(struct vcpu *v)\n{\n\tswitch (v->host) {\n\tcase 1:\n\t\tv->other = 1;\n"
          "\t\tbreak;\n\tdefault:\n\t\tv->host = 2;\n\t}\n\tv->host = 3;\n}\n")
          .text();
  CHECK(has(text, "case 1:"));
  CHECK(has(text, "break;"));
}

TEST_CASE("an initialiser says of each followed field what it is, and nothing of others") {
  Mini mini(
      "struct msg { u64 index; u64 data; u64 spare; };\n"
      "static void take(struct vcpu *v, struct msg *m)\n{\n\tv->host = m->data;\n}\n"
      "void run(struct vcpu *v)\n{\n\tstruct msg m = { .data = v->host, .spare = 3 };\n\n"
      "\ttake(v, &m);\n\tm.data = 2;\n}\n");
  const std::string text = mini.track("\"struct msg\" = [\"data\"]").text();
  CHECK(has(text, "{ .data = v->host, }"));
  CHECK(has(text, "v->host = m->data;"));
}

TEST_CASE("slice rule 3: a jump that skips a kept statement stays, with its condition") {
  const std::string text =
      Mini(
          "void run(struct vcpu *v)\n{\n\tv->host = 1;\n\tif (v->mode)\n\t\tgoto out;\n"
          "\tv->host = 2;\nout:\n\tv->host = 3;\n}\n")
          .text();
  CHECK(has(text, "if (any_bool())"));
  CHECK(has(text, "goto out;"));
}

TEST_CASE("slice rule 4: of a mixed condition the tracked part stays") {
  const std::string text = Mini(
                               "void run(struct vcpu *v)\n{\n\tv->host = 1;\n"
                               "\tif (v->host == 5 && v->mode)\n\t\tv->host = 2;\n}\n")
                               .text();
  CHECK(has(text, "if (v->host == 5 && any_bool())"));
}

TEST_CASE("slice rule 4: of a field with a mask nothing but the masked bits is read") {
  const auto under = [](const std::string& condition) {
    return Mini("void run(struct vcpu *v)\n{\n\tif (" + condition +
                    ")\n\t\tv->host = 2;\n\tv->host = 3;\n}\n",
                "[macros]\ntransparent = [\"unlikely\"]\n")
        .text();
  };
  CHECK(has(under("v->flags & 4"), "if (v->flags & 4)"));
  CHECK(has(under("v->flags & 2"), "if (any_bool())"));
  CHECK(has(under("v->flags & 6"), "if ((v->flags & 0x4UL | any_bits(0xfffffffffffffffbUL)) & 6)"));
  // Where a tracked bit is set, the whole is not 0: what a free choice instead would lose.
  CHECK(has(under("v->flags"), "if (((v->flags & 0x4UL) || any_bool()))"));
  CHECK(has(under("unlikely(v->flags)"), "if (unlikely(((v->flags & 0x4UL) || any_bool())))"));
  CHECK(has(Mini("void run(struct vcpu *v)\n{\n\tv->host = v->flags;\n}\n").text(),
            "v->host = (v->flags & 0x4UL | any_bits(0xfffffffffffffffbUL));"));
}

TEST_CASE(
    "slice rule 3: a label of a switch stays where the switch does, nothing behind it or not") {
  const std::string text = Mini(
                               "void run(struct vcpu *v)\n{\n\tswitch (v->host) {\n\tcase 1:\n"
                               "\tcase 2:\n\t\tv->host = 5;\n\t\tbreak;\n\tcase 3:\n"
                               "\t\tv->other = 1;\n\t\tbreak;\n\tdefault:\n"
                               "\t\tv->host = 6;\n\t}\n}\n")
                               .text();
  CHECK(has(text, "case 1:;\n\tcase 2:\n\t\tv->host = 5;"));
  CHECK(has(text, "case 3:"));
}

TEST_CASE("slice rule 7: a free choice that the next one makes, too, is none") {
  const std::string ladder =
      "void run(struct vcpu *v)\n{\n\tif (v->mode == 1)\n\t\tgoto out;\n"
      "\tif (v->mode == 2) {\n\t\tif (v->other)\n\t\t\tgoto out;\n\t}\n"
      "\tif (v->mode == 3)\n\t\tgoto out;\n";
  const std::string text = Mini(ladder + "\tv->host = 1;\nout:\n\tv->host = 2;\n}\n").text();
  CHECK(has(text, "if (0)\n\t\tgoto out;\n\tif (1) {\n\t\tif (0)"));
  CHECK(has(text, "if (any_bool())\n\t\tgoto out;\n\tv->host = 1;"));
  // Where something that is kept stands between two of them, both may jump.
  const std::string apart =
      Mini(
          "void run(struct vcpu *v)\n{\n\tif (v->mode == 1)\n\t\tgoto out;\n\tv->host = 3;\n"
          "\tif (v->mode == 3)\n\t\tgoto out;\n\tv->host = 1;\nout:\n\tv->host = 2;\n}\n")
          .text();
  CHECK(has(apart, "if (any_bool())\n\t\tgoto out;\n\tv->host = 3;"));
}

TEST_CASE("slice rule 7: a boundary stands where a function begins, and is a rewriting") {
  std::string lens = toml;
  const std::string loosen = "loosen = [\"local_irq_enable\"]\n";
  lens.insert(lens.find(loosen), "boundaries = [\"inner\"]\n");
  Mini mini(
      "static void inner(struct vcpu *v)\n{\n\tv->host = 1;\n}\n"
      "void run(struct vcpu *v)\n{\n\tinner(v);\n\tv->host = 2;\n}\n");
  mini.scratch.write("lens/mini/lens.toml", lens);
  CHECK(has(mini.text(), "\n{ boundary();\n\tv->host = 1;"));
  lens.replace(lens.find("\"inner\""), 7, "\"gone\"");
  mini.scratch.write("lens/mini/lens.toml", lens);
  CHECK(has(mini.error(), "nothing that can run asks for 'gone'"));
}

TEST_CASE("an argument on a line of its own stays there") {
  CHECK(has(Mini("static void put(struct vcpu *v,\n\t\tu64 what)\n{\n\tv->host = what;\n}\n"
                 "void run(struct vcpu *v)\n{\n\tput(v,\n\t    v->host);\n}\n")
                .text(),
            "put(v,\nv->host);"));
}

TEST_CASE("slice rule 5: a callee that is not known and can reach tracked state is an error") {
  const std::string text = "void run(struct vcpu *v)\n{\n\tv->host = 1;\n\tmystery(v);\n}\n";
  CHECK(has(Mini(text).error(), "arch/mini.c:9: 'mystery' is not in the files read"));
  CHECK(has(Mini(text, "[harmless]\nmystery = \"prints\"\n").text(), "v->host = 1;"));
  CHECK(has(Mini("void run(struct vcpu *v)\n{\n\tmystery(&v->host);\n}\n").error(),
            "its argument 1 points to struct vcpu.host"));
  CHECK(has(Mini("void run(struct vcpu *v)\n{\n\tu64 *p = &v->host;\n\n\tmystery(p);\n}\n").error(),
            "its argument 1 points to struct vcpu.host"));
}

TEST_CASE("slice rule 5: what a callee that is not known may write is anything") {
  const std::string text = Mini(
                               "void run(struct vcpu *v)\n{\n\tu64 x = 1;\n\n\tmystery(&x);\n"
                               "\tv->host = x;\n}\n")
                               .text();
  CHECK(has(text, "x = any_bits(~0UL)"));
}

TEST_CASE("slice rule 2: what a callee writes through a pointer is kept if its caller reads it") {
  const std::string text =
      Mini(
          "static void fill(struct vcpu *v, u64 *out)\n{\n\tif (v->host == 1)\n\t\t*out = 7;\n}\n"
          "void run(struct vcpu *v)\n{\n\tu64 x = 3;\n\n\tfill(v, &x);\n\tv->host = x;\n}\n")
          .text();
  CHECK(has(text, "*out = 7;"));
  CHECK(has(text, "fill(v, &x);"));
}

TEST_CASE("an access that the lens guards counts for its argument alone") {
  const std::string text =
      Mini(
          "void run(struct vcpu *v)\n{\n\twrmsrl(0x10, 1);\n\twrmsrl(MSR_IA32_DEBUGCTLMSR, 2);\n"
          "\tv->host = 1;\n}\n")
          .text();
  CHECK_FALSE(has(text, "0x10"));
  CHECK(has(text, "wrmsrl(MSR_IA32_DEBUGCTLMSR, 2);"));
}

TEST_CASE("slice rule 5: assembly that is not bound is an error") {
  CHECK(has(
      Mini("void run(struct vcpu *v)\n{\n\tasm volatile(\"nop\" : : : \"memory\");\n}\n").error(),
      "asm in run is not bound"));
}

TEST_CASE("slice rule 6: a function that lets interrupts in is kept, a balanced one is not") {
  CHECK(has(Mini("static void window(void)\n{\n\tlocal_irq_enable();\n\tlocal_irq_disable();\n}\n"
                 "void run(struct vcpu *v)\n{\n\tv->host = 1;\n\twindow();\n\tv->host = 2;\n}\n")
                .text(),
            "local_irq_enable();"));
  CHECK_FALSE(
      has(Mini("static void quiet(void)\n{\n\tlocal_irq_disable();\n\tlocal_irq_enable();\n}\n"
               "void run(struct vcpu *v)\n{\n\tv->host = 1;\n\tquiet();\n\tv->host = 2;\n}\n")
              .text(),
          "quiet"));
}

TEST_CASE("slice rule 6: a function that comes back otherwise by one of its ways is kept") {
  const std::string run =
      "void run(struct vcpu *v)\n{\n\tv->host = 1;\n\twindow(v);\n\tv->host = 2;\n}\n";
  std::string lens = toml;
  lens.replace(lens.find("[\"local_irq_disable\"]"), 21,
               "[\"local_irq_disable\", \"preempt_disable\"]");
  lens.replace(lens.find("[\"local_irq_enable\"]"), 20,
               "[\"local_irq_enable\", \"preempt_enable\"]");
  const auto kept = [&](const std::string& body) {
    Mini mini("static void window(struct vcpu *v)\n{\n" + body + "}\n" + run);
    mini.scratch.write("lens/mini/lens.toml", lens);
    return has(mini.text(), "window(");
  };
  CHECK(kept("\tlocal_irq_disable();\n\tif (v->other)\n\t\treturn;\n\tlocal_irq_enable();\n"));
  CHECK(kept("\tlocal_irq_disable();\n\tif (!v->other)\n\t\tlocal_irq_enable();\n"));
  // Preemption does not make up for interrupts.
  CHECK(kept("\tlocal_irq_disable();\n\tpreempt_enable();\n"));
  CHECK_FALSE(
      kept("\tpreempt_disable();\n\tif (v->other)\n\t\tpreempt_enable();\n\telse\n"
           "\t\tpreempt_enable();\n"));
}

TEST_CASE("slice rule 6: a pair that switches interrupts on whatever was before opens a window") {
  CHECK(has(Mini("static void quiet(void)\n{\n\tlocal_irq_disable();\n\tlocal_irq_enable();\n}\n"
                 "void run(struct vcpu *v)\n{\n\tlocal_irq_disable();\n\tquiet();\n\tv->host = 2;\n"
                 "\tlocal_irq_enable();\n}\n")
                .text(),
            "quiet();"));
  // Not behind the end of the stretch.
  CHECK_FALSE(
      has(Mini("static void quiet(void)\n{\n\tlocal_irq_disable();\n\tlocal_irq_enable();\n}\n"
               "void run(struct vcpu *v)\n{\n\tlocal_irq_disable();\n\tv->host = 2;\n"
               "\tlocal_irq_enable();\n\tquiet();\n}\n")
              .text(),
          "quiet"));
}

TEST_CASE(
    "slice rule 6: the thread's next round begins with interrupts as the last has left them") {
  const std::string quiet =
      "static void quiet(void)\n{\n\tlocal_irq_disable();\n\tlocal_irq_enable();\n}\n";
  CHECK(has(
      Mini(quiet +
           "void run(struct vcpu *v)\n{\n\tquiet();\n\tv->host = 2;\n\tlocal_irq_disable();\n}\n")
          .text(),
      "quiet();"));
  CHECK_FALSE(
      has(Mini(quiet +
               "void run(struct vcpu *v)\n{\n\tquiet();\n\tv->host = 2;\n\tlocal_irq_disable();\n"
               "\tlocal_irq_enable();\n}\n")
              .text(),
          "quiet"));
}

TEST_CASE("the receipt tells of conditions that are always the same, and of lines that never run") {
  const Mini mini(
      "enum { no, yes };\n"                                          // 6
      "static bool never(struct vcpu *v)\n{\n\treturn no;\n}\n"      // 7
      "void run(struct vcpu *v)\n{\n\tif (never(v)) {\n"             // 11
      "\t\tv->host = 3 +\n\t\t\tv->mode;\n\t\tv->other = 1;\n\t}\n"  // 14
      "\tv->host = yes && v->mode ? 1 : 2;\n"                        // 18
      "\tv->host = no ? v->mode : v->other;\n}\n");                  // 19
  std::string told;
  for (const Fact& fact : mini.run().receipt.facts) {
    if (fact.kind == Fact::Kind::decided) {
      told += fact.place + " " + fact.what + ": " + fact.reason + "\n";
    }
  }
  CHECK(told ==
        "arch/mini.c:13 never(v): never\n"
        "arch/mini.c:19 no: never\n"
        "arch/mini.c:11 run: never run: arch/mini.c:14-16\n");
  CHECK(mini.run().receipt.decided == 1);
}

TEST_CASE("slice rule 5: what assembly may write is not known when it is read") {
  const auto kept = [](const std::string& body) {
    Mini mini("static int found(struct vcpu *v)\n{\n" + body +
              "}\n"
              "void run(struct vcpu *v)\n{\n\tint n = found(v);\n\tif (n)\n\t\tv->host = "
              "1;\n\tv->other = n;\n}\n");
    mini.scratch.write("lens/mini/lens.toml",
                       std::string(toml) + "[harmless]\n\"asm in found\" = \"arithmetic\"\n");
    return has(mini.text(), "v->host = 1");
  };
  CHECK(
      kept("\tint r = 0;\n\tasm volatile(\"bsf %1,%0\" : \"+r\" (r) : \"r\" (v->mode));\n\treturn "
           "r;\n"));
  CHECK(kept(
      "\tint r = -1;\n\tasm(\"bsf %1,%0\" : \"+r\" (r) : \"r\" (v->mode));\n\treturn r + 1;\n"));
  CHECK(kept("\tint r;\n\tasm(\"bsf %1,%0\" : \"=r\" (r) : \"r\" (v->mode));\n\treturn r;\n"));
  CHECK(
      kept("\tint r = 0;\n\tasm volatile(LOCK_PREFIX \"bsf %1,%0\" : \"+r\" (r));\n\treturn r;\n"));
  // Nor what was tracked in it before.
  Mini told(
      "static int found(struct vcpu *v)\n{\n\tint r = v->host;\n\tasm(\"bsf %1,%0\" : \"+r\" (r) : "
      "\"r\" (v->mode));\n\treturn r;\n}\n"
      "void run(struct vcpu *v)\n{\n\tv->host = found(v) ? 1 : 2;\n}\n");
  told.scratch.write("lens/mini/lens.toml",
                     std::string(toml) + "[harmless]\n\"asm in found\" = \"arithmetic\"\n");
  CHECK_FALSE(has(told.text(), "return r;"));
  // What it does not name it does not write.
  CHECK_THROWS_WITH(
      kept("\tint r = 0, q;\n\tasm(\"bsf %1,%0\" : \"=r\" (q) : \"r\" (v->mode));\n\treturn r;\n"),
      doctest::Contains("'run' does nothing to what is tracked"));
}

TEST_CASE("slice rule 3: a jump stays where only a jump that cannot run stands behind it") {
  const std::string text =
      Mini(
          "static void set(struct vcpu *v, int n)\n{\n\tswitch (v->mode) "
          "{\n\tdefault:\n\t\tv->host = 1;\n"
          "\t\tif (!(n & 1))\n\t\t\tgoto out;\n\t\tbreak;\n\tcase 1:\n\t\tv->host = 2;\n\t}\nout:\n"
          "\tv->other = 1;\n}\n"
          "void run(struct vcpu *v)\n{\n\tset(v, 0);\n}\n")
          .text();
  CHECK(has(text, "goto out;"));
}

TEST_CASE("slice rule 4: a free choice is as wide as what C makes of both sides") {
  CHECK(has(Mini("static bool yes(struct vcpu *v)\n{\n\treturn v->mode;\n}\n"
                 "void run(struct vcpu *v)\n{\n\tv->host = v->mode ? yes(v) : v->other;\n}\n")
                .text(),
            "v->host = any_bits(~0UL);"));
  CHECK(has(Mini("static u8 low(struct vcpu *v)\n{\n\treturn v->mode;\n}\n"
                 "void run(struct vcpu *v)\n{\n\tv->host = low(v) + low(v);\n}\n")
                .text(),
            "v->host = any_bits(0xffffffff);"));
}

TEST_CASE("a cast of a dereferenced pointer is no product, and one in parentheses no call") {
  const std::string text =
      Mini(
          "static void put(struct vcpu *v, u64 *p)\n{\n\tv->host = (u8)*p;\n}\n"
          "void run(struct vcpu *v)\n{\n\tput(v, &v->host);\n\tv->host = (u64)(v->other);\n}\n")
          .text();
  CHECK(has(text, "v->host = (u8)*p;"));
  CHECK(has(text, "v->host = any_bits(~0UL);"));
  CHECK(has(Mini("void run(struct vcpu *v)\n{\n\tv->host = &v->other - &v->host;\n}\n").text(),
            "any_bits(~0UL)"));
}

TEST_CASE("text that the parser does not know and that names a function is no silence") {
  CHECK(has(Mini("static int f(struct vcpu *v)\n{\n\tv->host = 1;\n\treturn 1;\n}\n"
                 "void run(struct vcpu *v)\n{\n\tif ((!(f(v)) && 3 & BIT(1)))\n\t\tv->other = 2;\n"
                 "\tv->host = 2;\n}\n")
                .error(),
            "not C as the parser knows it, and names 'f'"));
}

TEST_CASE("slice rule 7: of a branch that is no choice the side that gets somewhere is taken") {
  const std::string text =
      Mini(
          "void run(struct vcpu *v)\n{\n\tif (v->mode) {\n\t\tif (v->other || 1)\n\t\t\treturn;\n"
          "\t\tv->host = 5;\n\t}\n\tv->host = 2;\n}\n")
          .text();
  CHECK_FALSE(has(text, "if (1) {"));
  // What cannot run is blank: a return before it that comes to the same goes, too.
  CHECK_FALSE(
      has(Mini("void run(struct vcpu *v)\n{\n\tif (v->mode)\n\t\tgoto out;\n\tif (v->other || 1)\n"
               "\t\treturn;\n\tv->other = 2;\nout:\n\tv->host = 2;\n}\n")
              .text(),
          "return"));
  // What such a switch looks at is not kept.
  CHECK(has(Mini("static void f(struct vcpu *v, int c)\n{\n\tswitch (c) {\n\tcase 1:\n\tdefault:\n"
                 "\t\tv->host = 1;\n\t}\n}\n"
                 "void run(struct vcpu *v)\n{\n\tf(v, v->host);\n\tf(v, v->mode);\n}\n")
                .text(),
            "switch (any_bits(0xffffffff)) {"));
}

TEST_CASE("slice rule 7: a branch whose sides come to the same is no choice") {
  const std::string text =
      Mini(
          "void run(struct vcpu *v)\n{\n\tint r = 0;\n\n\tif (v->mode == 1) {\n\t\tr = 1;\n"
          "\t\tgoto out;\n\t}\n\tif (v->mode == 2)\n\t\tr = 2;\nout:\n\tv->host = 1;\n}\n")
          .text();
  CHECK_FALSE(has(text, "any_bool"));
  CHECK_FALSE(has(text, "goto"));
}

TEST_CASE("slice rule 8: recursion is cut by an assertion") {
  const Mini mini(
      "static void down(struct vcpu *v)\n{\n\tv->host = 1;\n\tif (v->host == 2)\n"
      "\t\tdown(v);\n}\nvoid run(struct vcpu *v)\n{\n\tdown(v);\n}\n");
  CHECK(has(mini.text(), "assert(0)"));
  const auto facts = mini.run().receipt.facts;
  CHECK(std::any_of(facts.begin(), facts.end(),
                    [](const Fact& fact) { return fact.kind == Fact::Kind::cut; }));
}

TEST_CASE("a writer of the machine that no entry reaches is an error until it is excused") {
  const std::string text =
      "void elsewhere(void)\n{\n\twrmsrl(MSR_IA32_DEBUGCTLMSR, 0);\n}\n"
      "void run(struct vcpu *v)\n{\n\tv->host = 1;\n}\n";
  CHECK(has(Mini(text).error(), "'elsewhere' writes MSR_IA32_DEBUGCTLMSR"));
  CHECK(has(Mini(text, "[writers]\nelsewhere = \"another vendor's\"\n").text(), "v->host = 1;"));
}

TEST_CASE("who calls an actor's writer from elsewhere, or keeps its address, is an error") {
  const std::string actor =
      "void actor(void)\n{\n\twrmsrl(MSR_IA32_DEBUGCTLMSR, 0);\n}\n"
      "void run(struct vcpu *v)\n{\n\tv->host = 1;\n}\n";
  Mini alone(actor);
  CHECK(has(alone.track("irq_perf = \"actor\"", "[entry]").text(), "v->host = 1;"));
  Mini called(actor + "void snapshot(void)\n{\n\tactor();\n}\n");
  CHECK(has(called.track("irq_perf = \"actor\"", "[entry]").error(),
            "'snapshot' calls or passes on actor(), which an actor runs"));
  Mini excused(actor + "void snapshot(void)\n{\n\tactor();\n}\n",
               "[writers]\nsnapshot = \"puts back what was\"\n");
  CHECK(has(excused.track("irq_perf = \"actor\"", "[entry]").text(), "v->host = 1;"));
  Mini held(actor + "struct pmu { void (*off)(void); };\nstruct pmu the_pmu = { .off = actor };\n");
  CHECK(has(held.track("irq_perf = \"actor\"", "[entry]").error(),
            "'the_pmu' holds actor(), which an actor runs"));
}

TEST_CASE("an access to the machine below what is bound is an error, wherever it is") {
  const std::string raw =
      "[machine.raw]\nwrmsr = { argument = 0, is = \"MSR_IA32_DEBUGCTLMSR\" }\n";
  const auto run = [](const std::string& what) {
    return "void run(struct vcpu *v)\n{\n\tv->host = 1;\n\twrmsr(" + what + ", 0, 0);\n}\n";
  };
  CHECK(has(Mini(run("MSR_IA32_DEBUGCTLMSR"), raw).error(),
            "'wrmsr' accesses the machine, may be about MSR_IA32_DEBUGCTLMSR, and is not bound"));
  CHECK(has(Mini(run("v->other"), raw).error(), "'wrmsr' accesses the machine"));
  CHECK(has(Mini(run("0x10"), raw).text(), "v->host = 1;"));
  CHECK(
      has(Mini("void elsewhere(void)\n{\n\twrmsr(MSR_IA32_DEBUGCTLMSR, 0, 0);\n}\n" + run("1"), raw)
              .error(),
          "'elsewhere' writes MSR_IA32_DEBUGCTLMSR"));
  CHECK(
      has(Mini("void elsewhere(void)\n{\n\tasm volatile(\"wrmsr\");\n}\n" + run("1"), raw).error(),
          "'elsewhere' has WRMSR in assembly"));
}

TEST_CASE("a lens that speaks of what is not there is an error at its line") {
  const std::string text = "void run(struct vcpu *v)\n{\n\tv->host = 1;\n}\n";
  CHECK(has(Mini(text, "[opaque]\nghost = \"gone\"\n").error(),
            "error: nothing that can run asks for 'ghost'"));
  CHECK(has(Mini(text, "[opaque]\n\"ghost?\" = \"gone\"\n").text(), "v->host"));
  CHECK(has(Mini("void run(struct vcpu *v)\n{\n}\n").error(),
            "'run' does nothing to what is tracked"));
}

TEST_CASE("the second check finds a line that has moved and one that was invented") {
  const Mini mini("void run(struct vcpu *v)\n{\n\tv->host = 1;\n}\n");
  Slice made = mini.run();
  for (SourceFile& file : made.files) {
    if (file.path == "arch/mini.c") {
      file.text.insert(file.text.find("\tv->host"), "\n");
    }
  }
  CHECK_FALSE(verify(made, mini.files).empty());
}

/// Debian's sources where scripts/kernel-sources or the environment has them.
std::string debian(const std::string& version) {
  const char* folder = std::getenv("AIRLOCK_KERNELS");
  return folder == nullptr ? "" : std::string(folder) + "/linux-source-" + version;
}

TEST_CASE("Debian's kernels: the manual switch of DEBUGCTL is in 6.12 and not in 6.1") {
  for (const std::string version : {"6.1", "6.12"}) {
    const std::string path = debian(version);
    if (path.empty() || !std::filesystem::exists(path)) {
      MESSAGE("skipped: set AIRLOCK_KERNELS to a folder with linux-source-" << version);
      continue;
    }
    const Tree tree = Tree::open(path);
    const Lens lens = read_lens(AIRLOCK_SOURCE_DIR "/specs/lens/kvm-svm");
    std::vector<std::string> globs;
    for (const Named& each : lens.files) {
      globs.push_back(each.names[0]);
    }
    std::vector<SourceFile> files;
    for (const std::string& each : tree.files(globs)) {
      files.push_back(tree.read(each));
    }
    const Slice made = slice(files, lens);
    CHECK(verify(made, files).empty());
    bool switches = false;
    for (const SourceFile& file : made.files) {
      if (file.path == "arch/x86/kvm/svm/svm.c") {
        switches = has(file.text, "update_debugctlmsr(vcpu->arch.host_debugctl);");
      }
    }
    CHECK(switches == (version == "6.12"));
  }
}

}  // namespace
}  // namespace airlock::kernel
