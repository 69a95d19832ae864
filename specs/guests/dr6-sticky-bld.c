/*
 * A guest that writes 0 to DR6 and steps later finds a step there, and no bus lock.
 *
 * The symptom of bugzilla 219787, comments 13, 16 and 18, as a program of our own.
 * Model: ../kvm
 */
#include <airlock/guest.h>

u64 written;
u64 stepped;

void db_handler(void)
{
	stepped = read_dr6();
	db_frame.tf = false;
}

/* Expect:
 *	forall written == DR6_ACTIVE_LOW && stepped == (DR6_ACTIVE_LOW | DR6_BS)
 *	under none, suppress-db, virtualize-bld, mask-bld: exists stepped == 0
 */
void guest(void)
{
	write_dr6(0);
	written = read_dr6();
	popf(X86_EFLAGS_TF);
	nop();
	nop();
}
