// A system shaped like a world switch: a program loop over many locations that moves a register
// through several locals, interrupts that flip its bits between any two steps, and a reference that
// must agree with it at the end of the loop.
#pragma once

#include "model/system/system.hpp"

namespace airlock::test {

struct LockstepOptions {
  unsigned locations = 40;
  unsigned width = 5;       ///< of the register
  unsigned locals = 6;      ///< copies that the program makes on its way
  unsigned interrupts = 5;  ///< actors; each flips one bit of both registers, anywhere
  unsigned counter = 0;     ///< bits of a loop counter that the seeded bug waits for
  bool bug = false;         ///< one location forgets one bit
};

struct Lockstep {
  TransitionSystem system;
  Expr target;  ///< the register differs from the reference where it must not
};

Lockstep lockstep(const LockstepOptions& options);

}  // namespace airlock::test
