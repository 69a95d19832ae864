/*
 * v2 as posted: switch when the guest's value differs from the host's, but write 0.
 *
 * ml 20250227011321.3229622-1-seanjc@google.com. The condition compares the snapshot with the
 * guest's VMCB DBGCTL; the value written is still 0, which the review caught. Bits 5:2 are dropped
 * from the guest's value.
 */
#include "../kvm.h"

u64 host_debugctl;

static bool must_switch(void)
{
	return host_debugctl != vmcb.save.dbgctl &&
	       !(vmcb.control.virt_ext & LBR_CTL_ENABLE_MASK);
}

void snapshot_host_debugctl(void)
{
	host_debugctl = get_debugctlmsr();
}

void load_guest_debugctl(void)
{
	if (must_switch())
		update_debugctlmsr(0);
}

void load_host_debugctl(void)
{
	if (must_switch())
		update_debugctlmsr(host_debugctl);
}

u64 guest_debugctl_bits_kept(u64 data)
{
	return data & ~GENMASK(5, 2);
}
