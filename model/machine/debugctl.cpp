#include "model/machine/debugctl.hpp"

namespace airlock::machine {

const Format& debugctl::format() {
  static const Format format{.kind = Display::Kind::flags,
                             .names = {{LBR, "LBR", "DEBUGCTLMSR_LBR"},
                                       {BTF, "BTF", "DEBUGCTLMSR_BTF"},
                                       {BLCKDB, "BLCKDB", "DEBUGCTLMSR_BUS_LOCK_DETECT"},
                                       {FLBRI, "FLBRI", "DEBUGCTLMSR_FREEZE_LBRS_ON_PMI"},
                                       {FPMCI, "FPMCI", "DEBUGCTLMSR_FREEZE_PERFMON_ON_PMI"}},
                             .masks_in_c = true,
                             .in_parameters = true,
                             .copies_are_called = {"debugctl", "dbgctl"}};
  return format;
}

Expr implemented_bits(Expr value) {
  return value & same_sort(value, debugctl::implemented);
}

Expr cleared_by_db(Expr value) {
  const std::uint64_t cleared = (1U << debugctl::LBR) | (1U << debugctl::BTF);
  return value & same_sort(value, ~cleared);
}

}  // namespace airlock::machine
