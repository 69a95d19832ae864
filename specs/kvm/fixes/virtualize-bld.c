/*
 * Virtualise bus lock detect: advertise BusLockTrap and give the guest the bit.
 *
 * ml 20240808062937.1149-5-ravi.bangoria@amd.com; answered in bugzilla 219787, comment 13: a guest
 * that does not use the bit still runs with the host's.
 */
#include "../kvm.h"

/* 1 if the guest's CPUID has BusLockTrap; where it has not, a write of BLCKDB gets #GP. */
const bool guest_has_bus_lock_trap = true;

bool guest_debugctl_is_valid(u64 data)
{
	if ((data & DEBUGCTLMSR_BUS_LOCK_DETECT) && !guest_has_bus_lock_trap)
		return false;
	return !(data & ~GENMASK(5, 0));
}

bool wants_lbr_virtualization(u64 dbgctl)
{
	return dbgctl & (DEBUGCTLMSR_LBR | DEBUGCTLMSR_BUS_LOCK_DETECT);
}
