/*
 * Block stepping: switching to a thread that a debugger steps by blocks sets BTF, switching to
 * another clears it (SOFTWARE.md, "Who else writes DebugCtl on a host").
 */
#include <airlock/svm.h>

/* The thread that runs next is block-stepped or not; vcpu_load follows when the vCPU is back. */
void task_switch_block_step(void)
{
	u64 debugctl = get_debugctlmsr() & ~DEBUGCTLMSR_BTF;

	if (any_bool())
		debugctl |= DEBUGCTLMSR_BTF;
	update_debugctlmsr(debugctl);
}
