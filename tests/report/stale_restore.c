/* A host that restores what DebugCtl was before an interrupt changed it. */
#include <airlock/svm.h>

static u64 saved;

void irq_change(void)
{
	update_debugctlmsr(DEBUGCTLMSR_BTF);
}

void vcpu_run(void)
{
	saved = get_debugctlmsr();
	clgi();
	update_debugctlmsr(0);
	vmrun();
	update_debugctlmsr(saved); /* the stale value */
	stgi();
}

/* DebugCtl is what it would be had no guest ever run. */
bool always_host_runs_with_its_own_debugctl(void)
{
	return cpu.guest_mode || !cpu.gif || cpu.debugctl == reference_host.debugctl;
}
