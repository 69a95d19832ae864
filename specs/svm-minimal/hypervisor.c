/*
 * The smallest hypervisor on AMD SVM: one vCPU, one world switch. It gives the guest the debug
 * registers outright, keeps its DebugCtl in the VMCB, and intercepts only what the host must see.
 * Make it yours: docs/language.md has the C and every intrinsic.
 */
#include <airlock/svm.h>

/* 1 if the CPU has LBR virtualisation, CPUID Fn8000_000A_EDX[LbrVirt]. */
const bool cpu_has_lbrv = true;

/* The DebugCtl bits that the guest's virtual CPU implements. */
const u64 guest_debugctl_bits = DEBUGCTLMSR_LBR | DEBUGCTLMSR_BTF | DEBUGCTLMSR_BUS_LOCK_DETECT;

/* The guest's VMCB before it first runs. A fix may do more here: see fixes/lbrv.c. */
void vcpu_create(void)
{
	set_intercept(INTERCEPT_INTR);
	set_intercept(INTERCEPT_NMI);
	vmcb.control.msrpm_debugctl = BIT(MSRPM_READ) | BIT(MSRPM_WRITE);
	vmcb.control.int_ctl = V_INTR_MASKING_MASK;
	vmcb.save.dr6 = DR6_ACTIVE_LOW;
	vmcb_mark_all_dirty();
}

/*
 * An instruction that always exits has been emulated. Whoever single-steps (and not by branches)
 * gets a #DB after it, as on bare metal.
 */
static void complete_instruction(u64 result)
{
	bool stepping = (vmcb.save.rflags & X86_EFLAGS_TF) && !(vmcb.save.dbgctl & DEBUGCTLMSR_BTF);

	guest_instruction_completes(result);
	if (stepping) {
		vmcb.save.dr6 |= DR6_BS;
		vmcb_mark_dirty(VMCB_DR);
		vmcb.control.event_inj = SVM_EVTINJ_VALID | SVM_EVTINJ_TYPE_EXEPT | DB_VECTOR;
	}
}

/* RDMSR and WRMSR of DebugCtl. A bit that no CPU has is a fault. */
static void msr_exit(void)
{
	u64 data;

	if (!vmcb.control.exit_info_1) {
		complete_instruction(vmcb.save.dbgctl);
		return;
	}
	data = guest_operand();
	if (data & ~GENMASK(5, 0)) {
		guest_takes_gp();
		return;
	}
	complete_instruction(0); /* whether a single step traps is decided before BTF changes */
	vmcb.save.dbgctl = data & guest_debugctl_bits;
	vmcb_mark_dirty(VMCB_LBR);
}

/* The vCPU's thread: into the guest and out again, for ever. */
void vcpu_run(void)
{
	local_irq_disable();
	clgi();
	local_irq_enable(); /* with GIF=0 none is taken before VMRUN */
	vmrun();
	local_irq_disable();
	stgi();
	vmcb_mark_all_clean();
	local_irq_enable();

	if (vmcb.control.exit_code == SVM_EXIT_MSR)
		msr_exit();
	else if (vmcb.control.exit_code == SVM_EXIT_CPUID)
		complete_instruction(0);
}
