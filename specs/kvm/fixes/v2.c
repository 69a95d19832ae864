/*
 * v2 as meant: switch when the guest's value differs from the host's, and write the guest's.
 *
 * ml 20250227011321.3229622-1-seanjc@google.com with its review's correction. Bits 5:2 are dropped
 * from the guest's value; BTF is kept, and so is in effect without LBR virtualisation too.
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
		update_debugctlmsr(vmcb.save.dbgctl);
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
