/*
 * Boot sets or clears BLCKDB by the command line's split_lock_detect= (Linux v6.13 added this for
 * AMD: commit 408eb7417a92).
 */
#include <airlock/svm.h>

void boot(void)
{
	u64 debugctl = get_debugctlmsr();

	if (any_bool())
		debugctl |= DEBUGCTLMSR_BUS_LOCK_DETECT;
	else
		debugctl &= ~DEBUGCTLMSR_BUS_LOCK_DETECT;
	update_debugctlmsr(debugctl);
}
