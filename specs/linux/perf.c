/*
 * perf on a host with the LBR stack (Fn8000_0022_EAX[2]): when an event that wants branch stacks
 * starts or stops, FLBRI is set or cleared by reading DebugCtl and writing it back (SOFTWARE.md,
 * "Who else writes DebugCtl on a host").
 */
#include <airlock/svm.h>

/* A function-call IPI or a timer: it arrives with interrupts on and runs with them off. */
void irq_perf(void)
{
	update_debugctlmsr(get_debugctlmsr() ^ DEBUGCTLMSR_FREEZE_LBRS_ON_PMI);
}

/*
 * Hypothetical on AMD: as of Linux 6.12 the PMI handler does not write DebugCtl. "I'd be very
 * surprised if we can't change DEBUGCTL from NMI context", with the caveat of not having traced it
 * (ml 20250225155656.GE34233@noisy.programming.kicks-ass.net). Off by default.
 */
void nmi_perf(void)
{
	update_debugctlmsr(get_debugctlmsr() ^ DEBUGCTLMSR_FREEZE_LBRS_ON_PMI);
}
