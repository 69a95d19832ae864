/*
 * What was merged (v3): v2 as meant, and BTF is dropped from the guest's value too.
 *
 * ml 20250227222411.3490595-1-seanjc@google.com; Linux commits ee89e8013383, d0eac42f5cec,
 * fb71c7959356, 433265870ab3 and 189ecdb3e112. KVM does not virtualise BTF: its emulator would have
 * to honour it.
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
	return data & ~(GENMASK(5, 2) | DEBUGCTLMSR_BTF);
}
