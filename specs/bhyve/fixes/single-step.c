/*
 * Who single-steps over an instruction that was emulated gets the #DB after it, with BS in DR6.
 */
#include <airlock/svm.h>

void instruction_emulated(u64 result)
{
	bool stepping = vmcb.save.rflags & X86_EFLAGS_TF;

	guest_instruction_completes(result);
	if (stepping) {
		vmcb.save.dr6 |= DR6_BS;
		vmcb_mark_dirty(VMCB_DR);
		vmcb.control.event_inj = SVM_EVTINJ_VALID | SVM_EVTINJ_TYPE_EXEPT | DB_VECTOR;
	}
}
