// A machine's words, for what changes C text.
#pragma once

#include "model/software/machine_words.hpp"

namespace airlock::test {

inline const MachineWords some_words{
    {{"DEBUGCTLMSR_LBR", "DEBUGCTLMSR_BTF", "DEBUGCTLMSR_BUS_LOCK_DETECT"},
     {"INTERCEPT_DB", "INTERCEPT_DR6_READ"},
     {"VMCB_INTERCEPTS", "VMCB_DR", "VMCB_LBR"}},
    {"vmcb.save.dbgctl", "vmcb.save.dr6"},
    {"local_irq_disable", "local_irq_enable", "clgi", "stgi", "preempt_disable", "preempt_enable"},
    0x183f};

}  // namespace airlock::test
