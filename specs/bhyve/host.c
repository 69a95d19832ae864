/*
 * The host beside bhyve. What writes DebugCtl on a FreeBSD host we have not surveyed, so this one
 * does more than any is known to: the guarantees are about bhyve's own switch, whoever the host is.
 */
#include <airlock/svm.h>

/* The machine may have come up with bus locks trapped, or with branches recorded. */
void boot(void)
{
	update_debugctlmsr(any_bits(DEBUGCTLMSR_BUS_LOCK_DETECT | DEBUGCTLMSR_LBR));
}

/* An interrupt that turns the recording of branches on and off. */
void irq_branch_records(void)
{
	update_debugctlmsr(get_debugctlmsr() ^ DEBUGCTLMSR_FREEZE_LBRS_ON_PMI);
}

/* The same from an NMI: GIF=0 keeps it away from the switch. */
void nmi_branch_records(void)
{
	update_debugctlmsr(get_debugctlmsr() ^ DEBUGCTLMSR_FREEZE_PERFMON_ON_PMI);
}
