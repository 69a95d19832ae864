/*
 * KVM's world switch on SVM and its exit handlers as of Linux v6.13 (SOFTWARE.md, steps 4, 5 and 8),
 * reduced to what touches debug state.
 */
#include "kvm.h"

/*
 * Steps 4 and 5. All clean bits are cleared if the VMCB last ran on another CPU; there is one CPU
 * here. rFLAGS.IF is 1 for VMRUN so that a physical interrupt ends the guest's run (V_INTR_MASKING);
 * GIF=0 keeps it from being taken before.
 */
void svm_vcpu_run(void)
{
	clgi();
	load_guest_debugctl();
	local_irq_enable();
	vmrun();
	local_irq_disable();
	load_host_debugctl();
	stgi(); /* an NMI that waited is delivered here */
	vmcb_mark_all_clean();
}

/*
 * A #DB is always intercepted, and queued for the guest: what DR6 shows against "nothing pending" is
 * the payload. After a run in which the guest had DR6 to itself, that includes what it had left there.
 */
void db_interception(void)
{
	kvm_queue_db(vmcb.save.dr6 ^ DR6_ACTIVE_LOW);
}

/*
 * MOV from or to DR6: the guest gets the debug registers for its next run, and executes the
 * instruction again, now on the hardware.
 */
static void dr_interception(void)
{
	clr_intercept(INTERCEPT_DR6_READ);
	clr_intercept(INTERCEPT_DR6_WRITE);
	vcpu.wont_exit = true;
}

static void rdmsr_interception(void)
{
	kvm_complete_instruction(vmcb.save.dbgctl);
}

/*
 * WRMSR DebugCtl. Without LbrVirt every write is ignored. VMCB_LBR is marked dirty as kernels since
 * late 2025 do: a deliberate departure from v6.13 (SOFTWARE.md, step 8).
 */
static void wrmsr_interception(void)
{
	u64 data = guest_operand();

	if (!cpu_has_lbrv) {
		kvm_complete_instruction(0);
		return;
	}
	if (!guest_debugctl_is_valid(data)) {
		guest_takes_gp();
		return;
	}
	vmcb.save.dbgctl = guest_debugctl_bits_kept(data);
	vmcb_mark_dirty(VMCB_LBR);
	update_lbr_virtualization();
	kvm_complete_instruction(0);
}

/* Step 8. INTR and NMI have been taken by the host already. */
void svm_handle_exit(bool handled_in_fastpath)
{
	if (handled_in_fastpath)
		return;

	switch (vmcb.control.exit_code) {
	case SVM_EXIT_EXCP_DB:
		db_interception();
		break;
	case SVM_EXIT_READ_DR6:
	case SVM_EXIT_WRITE_DR6:
		dr_interception();
		break;
	case SVM_EXIT_MSR:
		if (vmcb.control.exit_info_1)
			wrmsr_interception();
		else
			rdmsr_interception();
		break;
	case SVM_EXIT_CPUID:
		kvm_complete_instruction(0);
		break;
	default:
		break;
	}
}
