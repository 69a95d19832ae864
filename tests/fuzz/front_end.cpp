// The C front end, from bytes to rules: parse, check, flatten, lower and compose, as `airlock prove
// FILE.c` does before any engine runs.
#include <algorithm>
#include <set>

#include "model/software/program.hpp"
#include "model/world/compose.hpp"
#include "model/world/layout.hpp"
#include "model/world/platform.hpp"
#include "tests/fuzz/target.hpp"

namespace airlock {
namespace {

void read(const std::string& text) {
  TransitionSystem system;
  const Layout layout = add_layout(system, {});
  const MachinePlatform platform(layout);
  const std::vector<SourceFile> base{{"input.c", text}};
  const Program program = Program::check(base, {}, platform);
  std::set<std::string> actors;
  for (const ActorEntry& actor : entries_by_name(program).actors) {
    actors.insert(actor.function);
  }
  compose(system, layout, {program, actors});
  validate(system);
}

}  // namespace
}  // namespace airlock

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  airlock::fuzz::expect_answer([&] { airlock::read(airlock::fuzz::text_of(data, size)); });
  return 0;
}

#ifdef AIRLOCK_LIBFUZZER

namespace {

const std::vector<std::string_view> vocabulary{"int",
                                               "u64",
                                               "u32",
                                               "bool",
                                               "void",
                                               "unsigned",
                                               "long",
                                               "char",
                                               "short",
                                               "signed",
                                               "const",
                                               "static",
                                               "struct",
                                               "enum",
                                               "union",
                                               "typedef",
                                               "if",
                                               "else",
                                               "while",
                                               "for",
                                               "do",
                                               "switch",
                                               "case",
                                               "default",
                                               "break",
                                               "continue",
                                               "return",
                                               "goto",
                                               "sizeof",
                                               "extern",
                                               "inline",
                                               "&&",
                                               "||",
                                               "==",
                                               "!=",
                                               "<=",
                                               ">=",
                                               "<<",
                                               ">>",
                                               "->",
                                               "++",
                                               "--",
                                               "+=",
                                               "|=",
                                               "&=",
                                               "<<=",
                                               ">>=",
                                               "~",
                                               "!",
                                               "&",
                                               "*",
                                               "(",
                                               ")",
                                               "{",
                                               "}",
                                               "[",
                                               "]",
                                               ";",
                                               ":",
                                               "?",
                                               ",",
                                               ".",
                                               "=",
                                               "-",
                                               "+",
                                               "/",
                                               "%",
                                               "^",
                                               "|",
                                               "0",
                                               "1",
                                               "-1",
                                               "63",
                                               "64",
                                               "0x7fffffff",
                                               "0x80000000",
                                               "0xffffffffffffffff",
                                               "2147483647",
                                               "18446744073709551615",
                                               "'a'",
                                               "\"s\"",
                                               "#include <airlock/svm.h>\n",
                                               "#define X 1\n",
                                               "#define F(a) (a)\n",
                                               "#ifdef X\n",
                                               "#if 0\n",
                                               "#else\n",
                                               "#endif\n",
                                               "#include \"x.h\"\n",
                                               "/*",
                                               "*/",
                                               "//",
                                               "\\\n",
                                               "##",
                                               "#",
                                               "vcpu_run",
                                               "boot",
                                               "vcpu_create",
                                               "vcpu_load",
                                               "guest_dr6",
                                               "irq_a",
                                               "nmi_a",
                                               "task_switch_a",
                                               "always_p",
                                               "never_p",
                                               "reachable_p",
                                               "rdmsrl",
                                               "wrmsrl",
                                               "MSR_IA32_DEBUGCTLMSR",
                                               "get_debugctlmsr",
                                               "update_debugctlmsr",
                                               "local_irq_disable()",
                                               "local_irq_enable()",
                                               "preempt_disable()",
                                               "preempt_enable()",
                                               "clgi()",
                                               "stgi()",
                                               "vmrun()",
                                               "vmcb_mark_dirty",
                                               "any_bits",
                                               "any_bool()",
                                               "assume",
                                               "assert",
                                               "cpu",
                                               "cpu.debugctl",
                                               "cpu.guest_mode",
                                               "vmcb",
                                               "vmcb.save",
                                               "vmcb.control",
                                               "guest_view",
                                               "reference_guest",
                                               "reference_host",
                                               "guest_saw",
                                               "BIT",
                                               "BIT_ULL",
                                               "GENMASK",
                                               "true",
                                               "false",
                                               "NULL",
                                               "__attribute__((unused))",
                                               "u64 f(u64 x) { return x; }\n",
                                               "x",
                                               "y",
                                               "f",
                                               "s.a",
                                               "p->a",
                                               "a[1]"};

}  // namespace

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

/// Half of the time whole words are changed: bytes alone seldom get past the parser.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned seed) {
  if (seed % 4 == 0) {
    return LLVMFuzzerMutate(data, size, max_size);
  }
  const std::string changed =
      airlock::fuzz::mutate_words(airlock::fuzz::text_of(data, size), max_size, seed, vocabulary);
  std::copy(changed.begin(), changed.end(), data);
  return changed.size();
}

#endif
