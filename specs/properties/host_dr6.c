/*
 * The host's DR6, for worlds with the feature host_dr6. #VMEXIT does not reload DR6 (APM volume 2,
 * 15.6): until the host writes it, it is the guest's.
 */
#include <airlock/svm.h>

/*
 * Wherever the host runs with GIF=1 and interrupts on, outside the world switch, DR6 is what it would
 * be had no guest ever run: another task may be switched in there, user space may run, and a #DB
 * handler may look at it.
 *
 * Trace: The host runs with DR6={cpu.dr6}; had no guest run it would be {reference_host.dr6}.
 */
bool always_host_runs_with_its_own_dr6(void)
{
	return cpu.guest_mode || !cpu.gif || !(cpu.rflags & X86_EFLAGS_IF) ||
	       cpu.dr6 == reference_host.dr6;
}
