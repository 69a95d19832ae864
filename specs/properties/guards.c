/*
 * Guards against vacuity: a world in which one of these cannot happen proves little.
 */
#include <airlock/svm.h>

/* The guest runs. */
bool reachable_guest_runs(void)
{
	return cpu.guest_mode;
}

/* The guest takes a #DB that was injected. */
bool reachable_guest_takes_db(void)
{
	return cpu.guest_mode && (vmcb.control.event_inj & SVM_EVTINJ_VALID);
}

/* The guest runs with LBR virtualisation on, and has LBR set. */
bool reachable_guest_runs_with_lbr_virtualization(void)
{
	return cpu.guest_mode && (vmcb.control.virt_ext & LBR_CTL_ENABLE_MASK) &&
	       (cpu.debugctl & DEBUGCTLMSR_LBR);
}

/* The guest runs user code while the host would trap bus locks. */
bool reachable_guest_user_code_under_a_host_with_blckdb(void)
{
	return cpu.guest_mode && cpu.cpl == 3 &&
	       (reference_host.debugctl & DEBUGCTLMSR_BUS_LOCK_DETECT);
}

/*
 * The bug report's story (bugzilla 219787): the guest takes a #DB for a bus lock (BLD=0) that its
 * own CPU does not raise. A fix makes this unreachable.
 *
 * Trace: The guest takes a #DB with {guest_saw.db_dr6} in DR6 that its own CPU did not raise.
 */
bool symptom_spurious_bus_lock_db(void)
{
	return guest_saw.spurious_db && !(guest_saw.db_dr6 & DR6_BUS_LOCK);
}
