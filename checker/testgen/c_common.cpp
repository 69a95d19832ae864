// The part of a C test that is the same whatever the program: helpers, the #DB handler, and the
// comparison with what bare metal shows.
#include <algorithm>
#include <initializer_list>

#include "checker/testgen/c_program.hpp"

namespace airlock {
namespace {

bool uses(const GuestTest& test, std::initializer_list<GuestOp> ops) {
  const auto in = [&](const GuestProgram& program) {
    return std::any_of(program.begin(), program.end(), [&](const GuestStep& step) {
      return std::find(ops.begin(), ops.end(), step.op) != ops.end();
    });
  };
  return in(test.program) || std::any_of(test.controls.begin(), test.controls.end(),
                                         [&](const Control& each) { return in(each.program); });
}

}  // namespace

std::string c_common(const GuestTest& test) {
  std::string text;
  if (uses(test, {GuestOp::always_exits})) {
    text +=
        "/*\n"
        " * An instruction that KVM always intercepts: WRMSR of the x2APIC's ICR, vector 40h to "
        "APIC 0.\n"
        " * Which ones it completes in its fast path depends on the kernel; HLT is another.\n"
        " */\n"
        "#define EXITS \"wrmsr\"\n"
        "#define EXITS_EAX \"0x40\"\n"
        "#define EXITS_ECX \"0x830\"\n\n";
  }
  if (uses(test, {GuestOp::bus_lock})) {
    text +=
        "/* Eight bytes from 60 on cross a cache line's end. */\n"
        "__attribute__((used, aligned(64))) char split_line[128];\n\n";
  }
  text +=
      "struct expected {\n\tint db;\n\tint reads;\n\tuint64_t value;\n};\n\n"
      "static inline uint64_t get_dr6(void)\n{\n\tuint64_t value;\n\n"
      "\tasm volatile(\"mov %%dr6, %0\" : \"=r\"(value));\n\treturn value;\n}\n\n"
      "static inline void set_dr6(uint64_t value)\n{\n"
      "\tasm volatile(\"mov %0, %%dr6\" : : \"r\"(value));\n}\n\n";
  if (uses(test, {GuestOp::rdmsr_debugctl, GuestOp::wrmsr_debugctl})) {
    text +=
        "static inline uint64_t get_debugctl(void)\n{\n\tuint32_t low, high;\n\n"
        "\tasm volatile(\"rdmsr\" : \"=a\"(low), \"=d\"(high) : \"c\"(0x1d9));\n"
        "\treturn low | (uint64_t)high << 32;\n}\n\n"
        "static inline void set_debugctl(uint64_t value)\n{\n"
        "\tasm volatile(\"wrmsr\" : : \"a\"((uint32_t)value), \"d\"((uint32_t)(value >> 32)), "
        "\"c\"(0x1d9));\n}\n\n";
  }
  return text +
         "/* The variant that runs. */\n"
         "static const uint64_t *ends;\n"
         "static unsigned int handler_after;\n"
         "static void (*handler)(uint64_t *reads);\n"
         "static uint64_t reads[32];\n"
         "static unsigned int dbs[32];\n\n"
         "static void handle_db(struct ex_regs *regs)\n{\n\tunsigned int after = 0;\n\n"
         "\twhile (ends[after] && ends[after] != regs->rip)\n\t\tafter++;\n"
         "\tregs->rflags &= ~0x100ul;\n"
         "\tafter = ends[after] ? after + 1 : 0;\n"
         "\tdbs[after]++;\n"
         "\tif (after && after == handler_after)\n\t\thandler(reads);\n"
         "}\n\n"
         "/* The number of the first instruction after which something else is seen; 0: there is "
         "none. */\n"
         "static unsigned int run(void (*line)(uint64_t *), const uint64_t *its_ends, unsigned int "
         "after,\n"
         "\t\t\tvoid (*its_handler)(uint64_t *), const struct expected *expected,\n"
         "\t\t\tunsigned int instructions, unsigned int strays)\n{\n\tunsigned int i;\n\n"
         "\tends = its_ends;\n\thandler_after = after;\n\thandler = its_handler;\n"
         "\tfor (i = 0; i < 32; i++) {\n\t\treads[i] = 0;\n\t\tdbs[i] = 0;\n\t}\n"
         "\tset_dr6(0xffff0ff0);\n" +
         std::string(uses(test, {GuestOp::wrmsr_debugctl}) ? "\tset_debugctl(0);\n" : "") +
         "\tline(reads);\n"
         "\tif (after && !dbs[after])\n\t\thandler(reads);\n"
         "\tfor (i = 1; i <= instructions; i++) {\n"
         "\t\tif (dbs[i] != (unsigned int)expected[i - 1].db ||\n"
         "\t\t    (expected[i - 1].reads && reads[i] != expected[i - 1].value))\n\t\t\treturn "
         "i;\n\t}\n"
         "\treturn dbs[0] != strays ? instructions + 1 : 0;\n}\n\n";
}

}  // namespace airlock
