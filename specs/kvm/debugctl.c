/*
 * DebugCtl in KVM as of Linux v6.13: the guest's value lives in the VMCB, and reaches the hardware
 * only while LBR virtualisation is on. Nothing else is done about the host's value: that is the bug
 * (kernel bugzilla 219787). The fixes replace functions of this file.
 */
#include "kvm.h"

/* After interrupts go off, once per entry to the inner loop. */
void snapshot_host_debugctl(void)
{
}

/* Between CLGI and VMRUN. */
void load_guest_debugctl(void)
{
}

/* Between #VMEXIT and STGI. */
void load_host_debugctl(void)
{
}

/* Bits outside 5:0 get #GP (SOFTWARE.md, step 8). */
bool guest_debugctl_is_valid(u64 data)
{
	return !(data & ~GENMASK(5, 0));
}

/* Which bits of a guest's write are kept: all. */
u64 guest_debugctl_bits_kept(u64 data)
{
	return data;
}

bool wants_lbr_virtualization(u64 dbgctl)
{
	return dbgctl & DEBUGCTLMSR_LBR;
}

/*
 * LBR virtualisation follows the guest's writes, and only them: a #DB that clears LBR in the VMCB
 * does not switch it off.
 */
void update_lbr_virtualization(void)
{
	if (cpu_has_lbrv && wants_lbr_virtualization(vmcb.save.dbgctl))
		vmcb.control.virt_ext |= LBR_CTL_ENABLE_MASK;
	else
		vmcb.control.virt_ext &= ~LBR_CTL_ENABLE_MASK;
}
