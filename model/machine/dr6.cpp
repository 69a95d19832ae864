#include "model/machine/dr6.hpp"

#include "model/machine/debugctl.hpp"

namespace airlock::machine {
namespace {

Expr trap_on(Expr debugctl) {
  return bit(debugctl, debugctl::BLCKDB);
}

}  // namespace

const Format& dr6::format() {
  static const Format format{.kind = Display::Kind::flags,
                             .names = {{BLD, "BLD", "DR6_BUS_LOCK", true}, {BS, "BS", "DR6_BS"}},
                             .masks_in_c = true,
                             .in_parameters = true,
                             .copies_are_called = {"dr6"}};
  return format;
}

Expr make_dr6(Expr bld, Expr bs) {
  const Expr base = bld.pool().bits(64, dr6::nothing_pending);
  return with_bit(with_bit(base, dr6::BLD, bld), dr6::BS, bs);
}

Expr dr6_after_db(Expr value, const DbCauses& causes) {
  return make_dr6(bit(value, dr6::BLD) && !causes.bus_lock,
                  bit(value, dr6::BS) || causes.single_step);
}

Expr dr6_written(Expr old, Expr value, Expr debugctl, const Choices& choices) {
  const Expr ignored = !trap_on(debugctl) && choices.bld_write_ignored;
  const Expr bld = bit(value, dr6::BLD) || (ignored && bit(old, dr6::BLD));
  return make_dr6(bld, bit(value, dr6::BS));
}

Expr dr6_after_debugctl_change(Expr value, Expr before, Expr after, const Choices& choices) {
  const Expr turned_off = trap_on(before) && !trap_on(after);
  const Expr forced = turned_off && choices.bld_reads_one_after_trap_off;
  return make_dr6(bit(value, dr6::BLD) || forced, bit(value, dr6::BS));
}

Expr dr6_loaded_by_vmrun(Expr value, Expr debugctl, const Choices& choices) {
  const Expr forced = !trap_on(debugctl) && choices.bld_load_forced_to_one;
  return make_dr6(bit(value, dr6::BLD) || forced, bit(value, dr6::BS));
}

}  // namespace airlock::machine
