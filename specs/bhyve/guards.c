/*
 * Guards against vacuity, for a hypervisor that does not intercept #DB and need not inject one.
 */
#include <airlock/svm.h>

/* The guest runs. */
bool reachable_guest_runs(void)
{
	return cpu.guest_mode;
}

/* The guest is in its #DB handler after a single step. */
bool reachable_guest_traps_a_single_step(void)
{
	return cpu.guest_mode && (cpu.dr6 & DR6_BS) && !(cpu.rflags & X86_EFLAGS_TF) && cpu.cpl == 0;
}

/* The guest steps over an instruction that is emulated. */
bool reachable_guest_steps_over_an_exit(void)
{
	return !cpu.guest_mode && vmcb.control.exit_code == SVM_EXIT_CPUID &&
	       (vmcb.save.rflags & X86_EFLAGS_TF);
}

/* The guest runs user code while the host would trap bus locks. */
bool reachable_guest_user_code_under_a_host_with_blckdb(void)
{
	return cpu.guest_mode && cpu.cpl == 3 &&
	       (reference_host.debugctl & DEBUGCTLMSR_BUS_LOCK_DETECT);
}
