// The machine on concrete values: its operations are functions over expressions, so with constants
// in every register they fold to constants, which the interpreter reads.
#pragma once

#include "model/machine/choices.hpp"
#include "model/machine/debugctl.hpp"
#include "model/machine/dr6.hpp"
#include "model/machine/instructions.hpp"
#include "model/machine/registers.hpp"
#include "model/machine/svm.hpp"
#include "model/system/interpreter.hpp"

namespace airlock::test {

inline constexpr std::uint64_t LBR = 1U << machine::debugctl::LBR;
inline constexpr std::uint64_t BTF = 1U << machine::debugctl::BTF;
inline constexpr std::uint64_t BLCKDB = 1U << machine::debugctl::BLCKDB;
inline constexpr std::uint64_t FLBRI = 1U << machine::debugctl::FLBRI;
inline constexpr std::uint64_t FPMCI = 1U << machine::debugctl::FPMCI;
inline constexpr std::uint64_t BLD = 1U << machine::dr6::BLD;
inline constexpr std::uint64_t BS = 1U << machine::dr6::BS;
inline constexpr std::uint64_t TF = 1U << machine::rflags::TF;
inline constexpr std::uint64_t IF = 1U << machine::rflags::IF;
inline constexpr std::uint64_t idle_dr6 = 0xFFFF0FF0;  ///< nothing pending

inline std::uint64_t value(Expr e) {
  return evaluate(e, {});
}

/// One choice per question, as a CPU might answer it; the defaults are HARDWARE.md's.
struct Answers {
  bool clears_at_intercept = true;
  bool clears_at_injection = true;
  bool bld_write_ignored = true;
  bool bld_one_after_trap_off = true;
  bool bld_load_forced = true;
  bool lbr_group_cached_while_off = false;
  bool may_use_cache = true;
  bool must_use_cache = false;
};

/// Constants, and structs of them.
class Concrete {
 public:
  Expr bits(std::uint64_t v, unsigned width = 64) { return pool_.bits(width, v); }
  Expr yes(bool v = true) { return pool_.boolean(v); }
  Expr no() { return pool_.boolean(false); }

  machine::Choices choices(const Answers& a = {}) {
    return {yes(a.clears_at_intercept), yes(a.clears_at_injection),
            yes(a.bld_write_ignored),   yes(a.bld_one_after_trap_off),
            yes(a.bld_load_forced),     yes(a.lbr_group_cached_while_off),
            yes(a.may_use_cache),       yes(a.must_use_cache)};
  }
  machine::DbCauses causes(bool single_step, bool bus_lock) {
    return {yes(single_step), yes(bus_lock)};
  }
  /// What a register has at reset, whatever registers there are.
  template <template <typename> typename S>
  S<Expr> at_reset(S<VarId> machine::Registers::*which) {
    TransitionSystem system;
    const machine::Registers registers = machine::add_registers(system);
    S<Expr> result;
    machine::zip(result, registers.*which, [&](Expr& field, VarId id) {
      const Expr initial = system.variables[id].initial;
      field = pool_.constant(initial.sort(), initial.value());
    });
    return result;
  }
  machine::GuestRegisters guest(std::uint64_t debugctl, std::uint64_t dr6, std::uint64_t rflags,
                                std::uint64_t cpl) {
    return {bits(debugctl), bits(dr6), bits(rflags), bits(cpl, 2)};
  }

 private:
  ExprPool pool_;
};

}  // namespace airlock::test
