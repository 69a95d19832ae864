/*
 * v1 with its late snapshot: the guest runs with DebugCtl 0; the snapshot is taken with interrupts off.
 *
 * ml 20250224181315.2376869-1-seanjc@google.com, patches 1 to 3. Once per entry, before the inner
 * loop; not retaken on fast-path re-entries.
 */
#include "../kvm.h"

u64 host_debugctl;

static bool must_switch(void)
{
	return host_debugctl && !(vmcb.control.virt_ext & LBR_CTL_ENABLE_MASK);
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
