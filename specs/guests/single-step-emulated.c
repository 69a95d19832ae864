/*
 * Single steps over instructions that the hypervisor completes: seven, and every one of them is a step.
 *
 * Asks what kvm-unit-tests' x86/debug.c asks with singlestep_emulated_instructions, in our own words.
 * Model: ../kvm
 */
#include <airlock/guest.h>

#define STEP (DR6_ACTIVE_LOW | DR6_BS)

u32 came;
u64 dr6[10];

/* Keeps what it reads and leaves DR6 and TF as they are, up to the tenth. */
void db_handler(void)
{
	dr6[came] = read_dr6();
	if (++came == 10)
		db_frame.tf = false;
}

/* Expect:
 *	forall came == 7 && dr6[0] == STEP && dr6[3] == STEP && dr6[5] == STEP && dr6[6] == STEP
 *	under none, suppress-db, virtualize-bld, mask-bld: exists came == 2
 */
void guest(void)
{
	write_dr6(0);
	popf(X86_EFLAGS_TF);
	nop();
	nop();
	nop();
	cpuid();
	nop();
	cpuid();
	popf(0);
	nop();
}
