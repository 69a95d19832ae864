// Hardware inputs: the points on which the manual is silent, each a named choice with every
// option that the text allows (HARDWARE.md, "Where the manual is silent"). "Holds" means holds on
// every choice, or says which pin it needs.
#pragma once

#include "model/system/system.hpp"

namespace airlock::machine {

/// The choices of one CPU make, as conditions. The reference guest's CPU is of the same make.
struct Choices {
  // db_clears_debugctl_at: intercept, injection or both.
  Expr db_clears_at_intercept;
  Expr db_clears_at_injection;
  // bld_write_while_trap_off: is a MOV of BLD=0 to DR6 ignored while BLCKDB=0?
  Expr bld_write_ignored;
  // bld_when_trap_turns_off: BLD=0 while BLCKDB goes 1 to 0: does BLD read 1 after?
  Expr bld_reads_one_after_trap_off;
  // bld_loaded_by_vmrun: VMCB.DR6.BLD=0 loaded while BLCKDB=0: forced to 1?
  Expr bld_load_forced_to_one;
  // lbr_group_cached_while_off: does the cached copy of the LBR group follow the VMCB while LBR
  // virtualisation is off?
  Expr lbr_group_cached_while_off;
  // use_clean_cache: at a VMRUN, whether a cached copy may be used, and whether it must be.
  Expr may_use_cache;
  Expr must_use_cache;
};

/// Adds the choices' variables to `system`, with their defaults and sources, all free.
Choices add_choices(TransitionSystem& system);

}  // namespace airlock::machine
