/*
 * LBR virtualisation is on from the start: hardware switches DebugCtl at VMRUN and #VMEXIT.
 */
#include <airlock/svm.h>

void vcpu_create(void)
{
	set_intercept(INTERCEPT_INTR);
	set_intercept(INTERCEPT_NMI);
	vmcb.control.msrpm_debugctl = BIT(MSRPM_READ) | BIT(MSRPM_WRITE);
	vmcb.control.int_ctl = V_INTR_MASKING_MASK;
	vmcb.save.dr6 = DR6_ACTIVE_LOW;
	vmcb.control.virt_ext = LBR_CTL_ENABLE_MASK;
	vmcb_mark_all_dirty();
}
