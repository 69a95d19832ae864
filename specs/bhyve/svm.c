/*
 * bhyve's world switch on AMD SVM, reduced to what touches debug state and told in our own words.
 *
 * After FreeBSD's sys/amd64/vmm/amd/svm.c and svm_msr.c, and usr.sbin/bhyve's xmsr.c, as they were at
 * commits 4beb16137ddf, 03a7808d6399 and 0ce6abda3bf7 of the freebsd-src repository: how a VMCB
 * begins, what is done around VMRUN, which MSRs are emulated and where, and what an exit that has
 * been handled leaves behind.
 */
#include <airlock/svm.h>

/* 1 if the CPU has LBR virtualisation, CPUID Fn8000_000A_EDX[LbrVirt]. bhyve takes it for granted. */
const bool cpu_has_lbrv = true;

/*
 * What the guest's DebugCtl has. Nobody in bhyve emulates that MSR, so every access faults, and the
 * guest may count on a register that is 0 for good.
 */
const u64 guest_debugctl_bits = 0;

/*
 * bhyve's x86.strictmsr. An access to an MSR that nobody emulates is #GP; without it (bhyve -w) it
 * reads 0 and ignores writes.
 */
const bool strict_msr = true;

/* What the host has while the guest runs. */
u64 host_debugctl;
u64 host_dr6;

/*
 * The VMCB of a new vCPU. INTR and NMI are intercepted, #DB is not, and neither are the debug
 * registers: the hardware switches DR6 and DR7 with the VMCB, and with LBR virtualisation, which is
 * always on, DebugCtl too.
 */
u64 initial_debugctl(void)
{
	return DEBUGCTLMSR_LBR;
}

void vcpu_create(void)
{
	set_intercept(INTERCEPT_INTR);
	set_intercept(INTERCEPT_NMI);
	vmcb.control.msrpm_debugctl = BIT(MSRPM_READ) | BIT(MSRPM_WRITE);
	vmcb.control.int_ctl = V_INTR_MASKING_MASK;
	vmcb.control.virt_ext = LBR_CTL_ENABLE_MASK;
	vmcb.save.dbgctl = initial_debugctl();
	vmcb.save.dr6 = DR6_ACTIVE_LOW;
	vmcb_mark_all_dirty();
}

/*
 * Before VMRUN, with GIF=0: the host's DebugCtl is put by and cleared, so that nothing of what the
 * guest has in its debug registers can trap in the host.
 */
static void enter_debug_state(void)
{
	host_debugctl = get_debugctlmsr();
	update_debugctlmsr(0);
	get_debugreg(host_dr6, 6);
}

/* After #VMEXIT, with GIF=0 still: what was put by comes back, DebugCtl last. */
static void leave_debug_state(void)
{
	set_debugreg(host_dr6, 6);
	update_debugctlmsr(host_debugctl);
}

/*
 * What the exited instruction would have done has been done: the guest goes on behind it. Whether it
 * was stepping is not asked.
 */
void instruction_emulated(u64 result)
{
	guest_instruction_completes(result);
}

/* In user space: an MSR that the kernel does not know. */
static void emulate_msr(void)
{
	if (strict_msr)
		guest_takes_gp();
	else
		instruction_emulated(0);
}

/* Whether the guest may go on at once, or user space has to see to the exit first. */
static bool handle_exit(void)
{
	if (vmcb.control.exit_code == SVM_EXIT_CPUID && any_bool()) {
		instruction_emulated(0); /* CPUID and whatever else the kernel emulates */
		return true;
	}
	return vmcb.control.exit_code == SVM_EXIT_INTR || vmcb.control.exit_code == SVM_EXIT_NMI;
}

/* What user space does with an exit that it has been given. */
static void handle_in_user_space(void)
{
	if (vmcb.control.exit_code == SVM_EXIT_MSR)
		emulate_msr();
	else
		instruction_emulated(0);
}

/*
 * One VM_RUN: into the guest until an exit is user space's. Preemption is off from before the loop
 * until after it. With GIF=0 the thread looks whether somebody wants something of it (suspend,
 * rendezvous, the scheduler), and then does not enter.
 */
void vcpu_run(void)
{
	bool handled;
	bool entered = false;

	preempt_disable();
	do {
		clgi();
		if (any_bool()) {
			stgi();
			break;
		}
		enter_debug_state();
		vmrun();
		leave_debug_state();
		stgi();
		entered = true;
		vmcb_mark_all_clean();
		vmcb_mark_dirty(VMCB_LBR); /* bhyve never calls this group clean */
		handled = handle_exit();
		if (handled)
			entered = false;
	} while (handled);
	preempt_enable();
	if (entered)
		handle_in_user_space();
}
