/*
 * Give the host its DR6 back after the guest has run.
 *
 * Nobody posted this. It answers docs/findings.md, "The host's DR6", and is stacked on a fix:
 * `airlock compare specs/kvm --feature host_dr6 --fix merged+specs/kvm/ideas/reset-host-dr6.c`.
 * After #VMEXIT the VMCB has the guest's DR6, which is still in the register, too: it is written only
 * if it differs from "nothing pending", so that an ordinary exit costs a comparison.
 */
#include "../kvm.h"

/* vcpu.c, step 7: what the guest did to DR6 on the hardware; here interrupts are off still. */
void take_dr6_back(void)
{
	if (vcpu.wont_exit) {
		vcpu.dr6 = vmcb.save.dr6;
		vcpu.wont_exit = false;
		set_intercept(INTERCEPT_DR6_READ);
		set_intercept(INTERCEPT_DR6_WRITE);
	}
	if (vmcb.save.dr6 != DR6_ACTIVE_LOW)
		set_debugreg(DR6_ACTIVE_LOW, 6);
}
