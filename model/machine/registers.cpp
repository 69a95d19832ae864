#include "model/machine/registers.hpp"

#include "model/machine/register_table.hpp"

namespace airlock::machine {

const Format& rflags::format() {
  static const Format format{.kind = Display::Kind::flags,
                             .names = {{TF, "TF", "X86_EFLAGS_TF"}, {IF, "IF", "X86_EFLAGS_IF"}},
                             .masks_in_c = true,
                             .in_parameters = true,
                             .copies_are_called = {"rflags"}};
  return format;
}

Registers add_registers(TransitionSystem& system) {
  Registers registers;
  for (const Register& each : registers_declared()) {
    at(registers, each.field) =
        add_variable(system, each, std::string(each.name), each.reset, each.role);
  }
  return registers;
}

}  // namespace airlock::machine
