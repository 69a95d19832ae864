/*
 * Mask only the bus lock bit: the guest runs with the host's DebugCtl without BLCKDB.
 *
 * The narrow reading of bugzilla 219787, comment 12: it stops the #DBs of the report and leaves the
 * host's other bits in effect in the guest.
 */
#include "../kvm.h"

u64 host_debugctl;

static bool must_switch(void)
{
	return (host_debugctl & DEBUGCTLMSR_BUS_LOCK_DETECT) &&
	       !(vmcb.control.virt_ext & LBR_CTL_ENABLE_MASK);
}

void snapshot_host_debugctl(void)
{
	host_debugctl = get_debugctlmsr();
}

void load_guest_debugctl(void)
{
	if (must_switch())
		update_debugctlmsr(host_debugctl & ~DEBUGCTLMSR_BUS_LOCK_DETECT);
}

void load_host_debugctl(void)
{
	if (must_switch())
		update_debugctlmsr(host_debugctl);
}
