/*
 * One vCPU thread: KVM_RUN's loop around the world switch, as of Linux v6.13 (SOFTWARE.md, "KVM on
 * SVM, Linux v6.13", steps 1 to 9). Reduced to what touches debug state, and told in our own words.
 */
#include "kvm.h"

struct kvm_vcpu vcpu = { .dr6 = DR6_ACTIVE_LOW };

/* 1 if the CPU has LBR virtualisation, CPUID Fn8000_000A_EDX[LbrVirt]. */
const bool cpu_has_lbrv = true;

/*
 * The DebugCtl bits that the guest's virtual CPU implements: what the guest may expect. It belongs
 * to the reference guest alone; no code below reads it. LBR is what merged KVM gives; LBR|BTF is a
 * CPU without BusLockTrap; LBR|BTF|BLCKDB one with it; 0 a host without LbrVirt.
 */
const u64 guest_debugctl_bits = DEBUGCTLMSR_LBR;

/*
 * The VMCB as a new vCPU has it. KVM always intercepts #DB, INTR and NMI, runs with V_INTR_MASKING,
 * and keeps the debug registers and DebugCtl to itself.
 */
void vcpu_create(void)
{
	set_intercept(INTERCEPT_INTR);
	set_intercept(INTERCEPT_NMI);
	set_intercept(INTERCEPT_DB);
	set_intercept(INTERCEPT_DR6_READ);
	set_intercept(INTERCEPT_DR6_WRITE);
	vmcb.control.msrpm_debugctl = BIT(MSRPM_READ) | BIT(MSRPM_WRITE);
	vmcb.control.int_ctl = V_INTR_MASKING_MASK;
	vmcb.save.dr6 = DR6_ACTIVE_LOW;
	update_lbr_virtualization();
	vmcb_mark_all_dirty();
}

/* Step 1. Runs when KVM_RUN begins, and again whenever the thread is switched in (step 9). */
void vcpu_load(void)
{
}

/*
 * A #DB for the guest. In v6.13 its DR6 changes here, when the #DB is queued (step 8): the trap bits
 * are cleared, the active-low bits set, then the payload goes in, where an active-low bit of the
 * payload means that the bit becomes 0. So BLD goes back to 1 at every other #DB, although the
 * processor would leave it alone (APM volume 2, 13.1.3.6).
 */
void kvm_queue_db(u64 payload)
{
	u64 idle = (vcpu.dr6 & ~DR_TRAP_BITS) | DR6_ACTIVE_LOW;

	vcpu.dr6 = (idle | payload) ^ (payload & DR6_ACTIVE_LOW);
	vcpu.dr6 &= ~BIT(12);
	vcpu.db_queued = true;
}

/*
 * KVM has done an instruction's work for the guest. If the guest was single-stepping, KVM queues the
 * #DB itself, whatever BTF says, and leaves LBR and BTF alone (step 8; ml
 * Z8Cm_68F16TGQeZd@google.com).
 */
void kvm_complete_instruction(u64 result)
{
	bool stepping = vmcb.save.rflags & X86_EFLAGS_TF;

	guest_instruction_completes(result);
	if (stepping)
		kvm_queue_db(DR6_BS);
}

/* The DR6 that the guest would read if it exited to KVM for it. For the checker's reference. */
u64 guest_dr6(void)
{
	return vcpu.dr6;
}

/* Step 2: a queued #DB goes into EVENTINJ. */
static void inject_pending_events(void)
{
	if (vcpu.db_queued) {
		vmcb.control.event_inj = SVM_EVTINJ_VALID | SVM_EVTINJ_TYPE_EXEPT | DB_VECTOR;
		vcpu.db_queued = false;
	}
}

/*
 * Step 3: the guest's DR6 goes to the hardware only if the guest may touch it there. Otherwise the
 * VMCB gets "nothing pending", so that after a #DB its DR6 tells the exact cause.
 */
static void prepare_dr6(void)
{
	u64 value = vcpu.wont_exit ? vcpu.dr6 : DR6_ACTIVE_LOW;

	if (vmcb.save.dr6 != value) {
		vmcb.save.dr6 = value;
		vmcb_mark_dirty(VMCB_DR);
	}
}

/* Step 7: what the guest did to DR6 on the hardware becomes KVM's copy again. */
static void take_dr6_back(void)
{
	if (vcpu.wont_exit) {
		vcpu.dr6 = vmcb.save.dr6;
		vcpu.wont_exit = false;
		set_intercept(INTERCEPT_DR6_READ);
		set_intercept(INTERCEPT_DR6_WRITE);
	}
}

/*
 * Step 6: some exits are handled at once, with interrupts off. Here any instruction that always
 * exits may be one of them, or not.
 */
static bool handled_in_fastpath(void)
{
	if (vmcb.control.exit_code != SVM_EXIT_CPUID || !any_bool())
		return false;
	kvm_complete_instruction(0);
	return true;
}

/*
 * Steps 2 to 8. (KVM also disables preemption from before step 3 until after step 7; a task switch
 * in those moments with interrupts on changes nothing that one just before or after would not.)
 */
void vcpu_enter_guest(void)
{
	bool handled;

	inject_pending_events();
	local_irq_disable();
	snapshot_host_debugctl();
	prepare_dr6();
	do {
		svm_vcpu_run();
		handled = handled_in_fastpath();
		/* A queued #DB is a request to leave the inner loop: it needs step 2. */
	} while (handled && !vcpu.db_queued);
	take_dr6_back();
	local_irq_enable();
	svm_handle_exit(handled);
}

/* KVM_RUN: any number of turns, then back to user space and in again. */
void vcpu_run(void)
{
	vcpu_load();
	do {
		vcpu_enter_guest();
	} while (any_bool());
}
