/*
 * Read DR6 back from the VMCB before the fast path may queue a #DB.
 *
 * Nobody posted this. It answers docs/findings.md, surprise 1, and is stacked on a fix:
 * `airlock prove specs/kvm --fix merged+specs/kvm/ideas/dr6-read-back.c`.
 */
#include "../kvm.h"

/* vcpu.c, step 7; it also ends the "won't exit" run, so the inner loop goes on with intercepts. */
void take_dr6_back(void);

bool handled_in_fastpath(void)
{
	if (vmcb.control.exit_code != SVM_EXIT_CPUID || !any_bool())
		return false;
	take_dr6_back();
	kvm_complete_instruction(0);
	return true;
}
