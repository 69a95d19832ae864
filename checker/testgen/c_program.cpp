// As in reproduce/assemble.cpp, one instruction of the program is one of the processor's, since
// with TF=1 each of them counts: operands are in registers before TF is set, results stay in
// registers, and what POPF and IRET take lies on the stack beforehand. What stands behind
// `db_handler` is done by the framework's handler, in C: TF is clear there. If the #DB that is
// waited for does not come, it is done after the line, where it stands in the program; so the line
// must end there.
//
// Left out, with a reason: CPL 3 (frameworks differ in how they get there), #GP, and a second
// instruction that needs registers while TF is set.
#include "checker/testgen/c_program.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "checker/testgen/bare_metal.hpp"

namespace airlock {
namespace {

constexpr std::array<const char*, 6> read_registers{"r8", "r9", "r10", "r11", "r12", "r13"};
constexpr std::array<const char*, 3> write_registers{"rsi", "rdi", "rbp"};

bool needs_registers(GuestOp op) {
  return op == GuestOp::always_exits || op == GuestOp::rdmsr_debugctl ||
         op == GuestOp::wrmsr_debugctl;
}

/// "POPF: TF=1".
std::string in_words(const GuestStep& step) {
  switch (step.op) {
    case GuestOp::always_exits: return "an instruction that exits";
    case GuestOp::page_fault: return "a load from an untouched page";
    case GuestOp::db_handler: return "in the #DB handler";
    default: break;
  }
  std::string text = machine::name_of(*instruction_of(step.op));
  if (step.op == GuestOp::popf || step.op == GuestOp::iret) {
    text += step.tf ? ": TF=1" : ": TF=0";
  }
  if (step.op == GuestOp::mov_to_dr6 || step.op == GuestOp::wrmsr_debugctl) {
    text += fmt::format(": {:#x}", step.value);
  }
  return text;
}

class Maker {
 public:
  Maker(std::string name, const GuestProgram& program, const std::vector<Seen>& bare)
      : name_(std::move(name)),
        program_(program),
        bare_(bare),
        moments_(moments_on_bare_metal(program, {})) {}

  CVariant make(const std::string& says) {
    for (std::size_t i = 0; i < program_.size(); ++i) {
      const GuestStep& step = program_[i];
      if (moments_[i].user || step.user || step.op == GuestOp::sysret ||
          step.op == GuestOp::syscall) {
        throw NotInC("it goes to CPL 3");
      }
      if (step.op == GuestOp::db_handler) {
        enter_handler(i);
      } else if (in_handler_) {
        ++count_;
        handled(step);
      } else {
        ++count_;
        main_line(i);
      }
    }
    leave_handler();
    return {name_, says, words(), line(), handler(), expected(), count_};
  }

 private:
  void put(const std::string& text) { body_ += "\"\t" + text + "\\n\"\n"; }

  /// One line of a comment for each.
  [[nodiscard]] std::string words() const {
    std::string result;
    std::size_t number = 0;
    for (const GuestStep& step : program_) {
      result += step.op == GuestOp::db_handler
                    ? " *    in the #DB handler:\n"
                    : fmt::format(" * {}. {}\n", ++number, in_words(step));
    }
    return result;
  }

  // --- the line ---

  /// Fills registers: right before the instruction, or before TF was set.
  void prepare_for(std::size_t index) {
    for (std::size_t later = index; later < program_.size(); ++later) {
      if (program_[later].op == GuestOp::db_handler || (later > index && !moments_[later].tf)) {
        return;
      }
      if (!needs_registers(program_[later].op) || later < prepared_) {
        continue;
      }
      if (later > index && needs_registers(program_[index].op)) {
        throw NotInC("two instructions need the same registers while TF is set");
      }
      prepared_ = later + 1;
      load_registers(program_[later]);
      for (std::size_t more = later + 1;
           more < program_.size() && moments_[more].tf && program_[more].op != GuestOp::db_handler;
           ++more) {
        if (needs_registers(program_[more].op)) {
          throw NotInC("two instructions need the same registers while TF is set");
        }
      }
      return;
    }
  }

  void load_registers(const GuestStep& step) {
    if (step.op == GuestOp::always_exits) {
      put("mov $\" EXITS_EAX \", %eax");
      put("mov $\" EXITS_ECX \", %ecx");
      put("xor %edx, %edx");
      return;
    }
    put("mov $0x1d9, %ecx");
    if (step.op == GuestOp::wrmsr_debugctl) {
      put(fmt::format("mov ${:#x}, %eax", step.value & 0xffffffffU));
      put(fmt::format("mov ${:#x}, %edx", step.value >> 32U));
    }
  }

  void main_line(std::size_t index) {
    const GuestStep& step = program_[index];
    if (!moments_[index].tf) {
      prepare_for(index);
    }
    switch (step.op) {
      case GuestOp::nop: put("nop"); break;
      case GuestOp::taken_branch: put("jmp 1f\\n1:"); break;
      case GuestOp::bus_lock: put("lock incq split_line+60(%rip)"); break;
      case GuestOp::page_fault: touch(), put("cmpb $0, " + name_ + "_untouched(%rip)"); break;
      case GuestOp::popf:
        put("popf");
        stack_.push_back(flags(step.tf));
        break;
      case GuestOp::iret: iret(step); break;
      case GuestOp::mov_from_dr6: {
        const std::string to = read_register();
        put("mov %dr6, %" + to);
        break;
      }
      case GuestOp::mov_to_dr6: {
        if (writes_ == write_registers.size()) {
          throw NotInC("more MOVs to DR6 than there are registers for their operands");
        }
        const char* const from = write_registers[writes_++];
        first_ += fmt::format("\"\tmov ${:#x}, %{}\\n\"\n", step.value, from);
        put(fmt::format("mov %{}, %dr6", from));
        break;
      }
      case GuestOp::wrmsr_debugctl: put("wrmsr"); break;
      case GuestOp::rdmsr_debugctl: {
        if (moments_[index].tf) {
          throw NotInC("RDMSR's result is in two registers while TF is set");
        }
        put("rdmsr");
        label();
        put("shl $32, %rdx");
        put("or %rdx, %rax");
        put("mov %rax, %" + read_register());
        return;
      }
      case GuestOp::always_exits: put("\" EXITS \""); break;
      default: throw NotInC(word_of(step.op) + " has no place in the line");
    }
    label();
  }

  /// The end of instruction count_: what a trap after it pushes.
  void label() { body_ += fmt::format("\"{}_end_{}:\\n\"\n", name_, count_); }

  std::string read_register() {
    if (reads_.size() == read_registers.size()) {
      throw NotInC("more values are read than there are registers for them");
    }
    reads_.push_back(count_);
    return read_registers[reads_.size() - 1];
  }

  static std::string flags(bool tf) { return tf ? "movq $0x102, {}(%rsp)" : "movq $2, {}(%rsp)"; }

  void iret(const GuestStep& step) {
    put("iretq");
    const std::size_t after = 8 * (stack_.size() + 5);
    stack_.push_back(fmt::format("lea {}_end_{}(%rip), %rax|mov %rax, {{}}(%rsp)", name_, count_));
    stack_.emplace_back("mov %cs, %eax|mov %rax, {}(%rsp)");
    stack_.push_back(flags(step.tf));
    stack_.push_back(fmt::format("lea {}(%rsp), %rax|mov %rax, {{}}(%rsp)", after));
    stack_.emplace_back("mov %ss, %eax|mov %rax, {}(%rsp)");
  }

  void touch() { untouched_ = true; }

  [[nodiscard]] std::string line() const {
    std::string text;
    if (untouched_) {
      text =
          "/* The hypervisor has not mapped it before the guest looks. */\n"
          "__attribute__((used, aligned(4096))) char " +
          name_ + "_untouched[4096];\n\n";
    }
    text += "asm(\n\".text\\n\"\n\"" + name_ + "_line:\\n\"\n";
    const auto add = [&](const std::string& instruction) {
      text += "\"\t" + instruction + "\\n\"\n";
    };
    for (const char* saved : {"rbx", "rbp", "r12", "r13"}) {
      add(fmt::format("push %{}", saved));
    }
    add("push %rdi");  // where results go
    const std::size_t words = stack_.size();
    if (words != 0) {
      add(fmt::format("sub ${}, %rsp", 8 * words));
    }
    for (std::size_t i = 0; i < words; ++i) {
      std::string rest = stack_[i];
      for (std::size_t bar = 0; bar != std::string::npos;) {
        bar = rest.find('|');
        const std::string one = rest.substr(0, bar);
        add(one.find("{}") == std::string::npos ? one : fmt::format(fmt::runtime(one), 8 * i));
        rest = bar == std::string::npos ? "" : rest.substr(bar + 1);
      }
    }
    text += first_ + body_;
    add("pop %rdi");
    for (std::size_t i = 0; i < reads_.size(); ++i) {
      add(fmt::format("mov %{}, {}(%rdi)", read_registers[i], 8 * reads_[i]));
    }
    for (const char* saved : {"r13", "r12", "rbp", "rbx"}) {
      add(fmt::format("pop %{}", saved));
    }
    add("ret");
    text += "\".section .rodata\\n.balign 8\\n" + name_ + "_ends:\\n\"\n";
    for (std::size_t i = 1; i <= in_line_; ++i) {
      text += fmt::format("\"\t.quad {}_end_{}\\n\"\n", name_, i);
    }
    return text + "\"\t.quad 0\\n.text\\n\"\n);\n" +
           fmt::format("void {0}_line(uint64_t *reads);\nextern const uint64_t {0}_ends[];\n",
                       name_);
  }

  // --- the handler ---

  void enter_handler(std::size_t index) {
    if (in_handler_ || handler_after_ != 0) {
      throw NotInC("it takes a second #DB on purpose");
    }
    if (count_ == 0) {
      throw NotInC("a #DB comes before the first instruction");
    }
    const bool comes = std::any_of(bare_.begin(), bare_.end(), [&](const Seen& seen) {
      return seen.kind == Seen::Kind::db && seen.after == count_;
    });
    if (moments_[index].tf && !comes) {
      throw NotInC("the #DB whose handler goes on comes later");
    }
    in_handler_ = true;
    handler_after_ = count_;
    in_line_ = count_;
  }

  void handled(const GuestStep& step) {
    const auto does = [&](const std::string& text) { handler_ += "\t" + text + "\n"; };
    switch (step.op) {
      case GuestOp::nop: does("asm volatile(\"nop\");"); break;
      case GuestOp::taken_branch: does("asm volatile(\"jmp 1f\\n1:\");"); break;
      case GuestOp::bus_lock: does("asm volatile(\"lock incq split_line+60(%rip)\");"); break;
      case GuestOp::page_fault:
        touch(), does("asm volatile(\"cmpb $0, " + name_ + "_untouched(%rip)\");");
        break;
      case GuestOp::mov_from_dr6: does(fmt::format("reads[{}] = get_dr6();", count_)); break;
      case GuestOp::mov_to_dr6: does(fmt::format("set_dr6({:#x});", step.value)); break;
      case GuestOp::rdmsr_debugctl: does(fmt::format("reads[{}] = get_debugctl();", count_)); break;
      case GuestOp::wrmsr_debugctl: does(fmt::format("set_debugctl({:#x});", step.value)); break;
      case GuestOp::always_exits:
        does(
            "asm volatile(\"mov $\" EXITS_EAX \", %%eax; mov $\" EXITS_ECX \", %%ecx; xor %%edx, "
            "\"\n"
            "\t\t     \"%%edx; \" EXITS : : : \"eax\", \"ecx\", \"edx\");");
        break;
      default: throw NotInC("the #DB handler goes on with " + in_words(step));
    }
  }

  void leave_handler() {
    if (handler_after_ == 0) {
      in_line_ = count_;
    }
  }

  [[nodiscard]] std::string handler() const {
    return fmt::format("static void {}_handler({})\n{{\n{}}}\n", name_,
                       handler_.find("reads[") == std::string::npos
                           ? "__attribute__((unused)) uint64_t *reads"
                           : "uint64_t *reads",
                       handler_);
  }

  // --- what is expected ---

  [[nodiscard]] std::string expected() const {
    std::vector<bool> db(count_ + 1, false);
    std::vector<std::string> value(count_ + 1, "");
    for (const Seen& seen : bare_) {
      switch (seen.kind) {
        case Seen::Kind::db: db.at(seen.after) = true; break;
        case Seen::Kind::dr6:
        case Seen::Kind::debugctl: value.at(seen.after) = fmt::format("{:#x}", seen.value); break;
        default: throw NotInC("bare metal shows it " + to_text(seen));
      }
    }
    std::string rows;
    for (std::size_t i = 1; i <= count_; ++i) {
      rows += fmt::format("\t{{ .db = {}, .reads = {}, .value = {} }},\n", db[i] ? 1 : 0,
                          value[i].empty() ? 0 : 1, value[i].empty() ? "0" : value[i]);
    }
    return fmt::format("static const struct expected {}_expected[] = {{\n{}}};\n", name_, rows);
  }

 public:
  [[nodiscard]] std::size_t handler_after() const { return handler_after_; }
  /// Whether TF is set at the end, so that what leaves the line traps once.
  [[nodiscard]] bool steps_on() const {
    GuestProgram more = program_;
    more.push_back({GuestOp::nop});
    const std::vector<Seen> seen = on_bare_metal(more, {});
    return handler_after_ == 0 && std::any_of(seen.begin(), seen.end(), [&](const Seen& each) {
             return each.kind == Seen::Kind::db && each.after == count_ + 1;
           });
  }

 private:
  std::string name_;
  const GuestProgram& program_;
  const std::vector<Seen>& bare_;
  std::vector<BareMoment> moments_;
  std::string first_;
  std::string body_;
  std::string handler_;
  std::vector<std::string> stack_;  ///< from the lowest address; '|' between instructions
  std::vector<std::size_t> reads_;  ///< by register
  std::size_t prepared_ = 0;
  std::size_t writes_ = 0;
  std::size_t count_ = 0;
  std::size_t in_line_ = 0;
  std::size_t handler_after_ = 0;
  bool in_handler_ = false;
  bool untouched_ = false;
};

CVariant made(const std::string& name, const std::string& says, const GuestProgram& program,
              const std::vector<Seen>& bare) {
  Maker maker(name, program, bare);
  CVariant variant = maker.make(says);
  variant.handler_after = maker.handler_after();
  variant.strays = maker.steps_on() ? 1 : 0;
  return variant;
}

}  // namespace

std::vector<CVariant> c_variants(const GuestTest& test, std::vector<std::string>& left_out) {
  std::vector<CVariant> result;
  for (std::size_t i = 0; i < test.controls.size(); ++i) {
    const Control& control = test.controls[i];
    try {
      result.push_back(made(fmt::format("control_{}", i + 1), control.name, control.program,
                            control.bare_metal));
    } catch (const NotInC& why) {
      left_out.push_back(control.name + ": " + why.what());
    }
  }
  result.push_back(made("test", test.sentence, test.program, test.bare_metal));
  return result;
}

}  // namespace airlock
