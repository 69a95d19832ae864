/*
 * Three single steps after POPF, the last over the POPF that ends it, at CPL 0 and at CPL 3.
 *
 * Asks what kvm-unit-tests' x86/debug.c asks with singlestep_basic (Jan Kiszka and others), in our own words.
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

void steps(void)
{
	popf(X86_EFLAGS_TF);
	nop(); /* its first #DB: POPF's TF counts from the next instruction on */
	nop();
	popf(0);
	nop();
}

/* Expect:
 *	forall came == 3 && dr6[0] == STEP && dr6[1] == STEP && dr6[2] == STEP
 *	under none, suppress-db, virtualize-bld, mask-bld: exists came == 0
 */
void guest_kernel(void)
{
	write_dr6(0);
	steps();
}

/* Expect:
 *	forall came == 3 && dr6[0] == STEP && dr6[1] == STEP && dr6[2] == STEP
 *	under none, suppress-db, virtualize-bld, mask-bld: exists came == 0
 */
void guest_user(void)
{
	write_dr6(0);
	iret(0, 3);
	steps();
}
