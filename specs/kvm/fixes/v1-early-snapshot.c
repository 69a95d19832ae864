/*
 * v1, patches 1 and 2: the guest runs with DebugCtl 0; the host's value is snapshotted at vcpu_load.
 *
 * ml 20250224181315.2376869-1-seanjc@google.com. Between vcpu_load and the world switch interrupts
 * are on, and a perf IPI may change FLBRI: the snapshot is then stale (its patch 3 moves it).
 */
#include "../kvm.h"

u64 host_debugctl;

static bool must_switch(void)
{
	return host_debugctl && !(vmcb.control.virt_ext & LBR_CTL_ENABLE_MASK);
}

/* vcpu_load pins itself to its CPU (get_cpu), or runs in the scheduler: no task switch inside. */
void vcpu_load(void)
{
	preempt_disable();
	host_debugctl = get_debugctlmsr();
	preempt_enable();
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
