/*
 * A step over an instruction that always exits, right after a read of DR6, is seen in DR6.
 *
 * docs/findings.md, surprise 1, which is reproduced on Debian's kernels: the guest's half of it.
 * Model: ../kvm
 */
#include <airlock/guest.h>

u64 stepped;

void db_handler(void)
{
	stepped = read_dr6();
	db_frame.tf = false;
}

/* Expect:
 *	forall stepped == (DR6_ACTIVE_LOW | DR6_BS)
 *	under none, suppress-db, virtualize-bld, mask-bld, v1-early-snapshot: exists stepped == DR6_ACTIVE_LOW
 *	under v1, v2-as-posted, v2, merged, always-lbrv: exists stepped == DR6_ACTIVE_LOW
 */
void guest(void)
{
	(void)read_dr6();
	popf(X86_EFLAGS_TF);
	cpuid();
	nop();
}
