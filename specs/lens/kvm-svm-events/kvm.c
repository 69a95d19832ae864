/*
 * The C half of the lens for KVM on SVM: objects, and functions that stand for the tree's of the
 * same name. `airlock_NAME` stands for the tree's NAME where the machine has a NAME of its own.
 */
#include <airlock/svm.h>

/* 1 if the CPU has LBR virtualisation, CPUID Fn8000_000A_EDX[LbrVirt]. */
const bool cpu_has_lbrv = true;

/* The DebugCtl bits that the guest's virtual CPU implements: what the guest may expect. */
const u64 guest_debugctl_bits = DEBUGCTLMSR_LBR;

/* One vCPU; both pointers to its VMCB point to the one that the machine has. */
struct vcpu_svm airlock_svm = { .vmcb = &vmcb, .vmcb01 = { .ptr = &vmcb }, .vcpu.arch.dr6 = DR6_ACTIVE_LOW };

/* A container_of() of the vcpu. */
struct vcpu_svm *to_svm(struct kvm_vcpu *vcpu)
{
	return &airlock_svm;
}

void raw_local_irq_enable(void)
{
	local_irq_enable();
}

void raw_local_irq_disable(void)
{
	local_irq_disable();
}

/* EXITINTINFO: the machine delivers what is injected, so #VMEXIT leaves nothing in it. */
u32 airlock_exit_int_info;

/* vmenter.S */
void __svm_vcpu_run(struct vcpu_svm *svm, bool spec_ctrl_intercepted)
{
	airlock_exit_int_info = 0;
	vmrun();
}

/*
 * KVM_REQ_EVENT, as KVM's exception queue raises it. Interrupts and others raise it, too, at any
 * time: "pending" may be true without having been raised here. No other request is followed.
 */
void kvm_make_request(int req, struct kvm_vcpu *vcpu)
{
	if (req == KVM_REQ_EVENT)
		vcpu->requests |= BIT(KVM_REQ_EVENT);
}

bool kvm_test_request(int req, struct kvm_vcpu *vcpu)
{
	return any_bool() || (req == KVM_REQ_EVENT && (vcpu->requests & BIT(KVM_REQ_EVENT)));
}

void kvm_clear_request(int req, struct kvm_vcpu *vcpu)
{
	if (req == KVM_REQ_EVENT)
		vcpu->requests &= ~BIT(KVM_REQ_EVENT);
}

bool kvm_check_request(int req, struct kvm_vcpu *vcpu)
{
	if (!kvm_test_request(req, vcpu))
		return false;
	kvm_clear_request(req, vcpu);
	return true;
}

/* When the guest may take an interrupt is not followed. */
int svm_interrupt_allowed(struct kvm_vcpu *vcpu, bool for_injection)
{
	return any_bool() ? 0 : any_bool() ? 1 : -EBUSY;
}

/* No interrupt for the guest: runs in which one would be injected are not looked at. */
void svm_inject_irq(struct kvm_vcpu *vcpu, bool reinjected)
{
	assume(0);
}

/* The machine has the intercepts of DR6 alone, and KVM sets and clears those of all DRs together. */
void set_dr_intercepts(struct vcpu_svm *svm)
{
	set_intercept(INTERCEPT_DR6_READ);
	set_intercept(INTERCEPT_DR6_WRITE);
}

void clr_dr_intercepts(struct vcpu_svm *svm)
{
	clr_intercept(INTERCEPT_DR6_READ);
	clr_intercept(INTERCEPT_DR6_WRITE);
}

/*
 * arch/x86/kernel/hw_breakpoint.c: where the host has breakpoints of its own in force after an exit,
 * which is up to the tasks that run there, it writes all debug registers anew, DR6 with "nothing
 * pending".
 */
bool airlock_host_has_breakpoints(void)
{
	return any_bool();
}

void hw_breakpoint_restore(void)
{
	set_debugreg(DR6_ACTIVE_LOW, 6);
}

/* The DR6 that the guest would read through an intercept. */
u64 guest_dr6(void)
{
	return airlock_svm.vcpu.arch.dr6;
}

void airlock_vmcb_mark_dirty(struct vmcb *unused, int bit)
{
	vmcb_mark_dirty(bit);
}

void airlock_vmcb_mark_all_dirty(struct vmcb *unused)
{
	vmcb_mark_all_dirty();
}

void airlock_vmcb_mark_all_clean(struct vmcb *unused)
{
	vmcb_mark_all_clean();
}

/* The machine's MSR exits are of DebugCtl. */
unsigned long kvm_rcx_read(struct kvm_vcpu *vcpu)
{
	return MSR_IA32_DEBUGCTLMSR;
}

/* What the guest's WRMSR would write. */
u64 kvm_read_edx_eax(struct kvm_vcpu *vcpu)
{
	return guest_operand();
}

int wrmsrl_safe(u32 msr, u64 value)
{
	wrmsrl(msr, value);
	return 0;
}

/* CPUID stands for every instruction that always exits: it is completed, and does nothing more. */
int kvm_emulate_cpuid(struct kvm_vcpu *vcpu)
{
	return kvm_skip_emulated_instruction(vcpu);
}

/*
 * To the fast path that exit may have been HLT, or WRMSR of any MSR but DebugCtl (the x2APIC's ICR
 * among them): what it completes there is the instruction that always exits. What it leaves alone is
 * completed as CPUID is.
 */
u64 airlock_fastpath_exit(void)
{
	if (vmcb.control.exit_code != SVM_EXIT_CPUID)
		return vmcb.control.exit_code;
	return any_bool() ? SVM_EXIT_CPUID : any_bool() ? SVM_EXIT_HLT : SVM_EXIT_MSR;
}

u64 airlock_fastpath_info(void)
{
	return vmcb.control.exit_code == SVM_EXIT_MSR ? vmcb.control.exit_info_1 : 1;
}

unsigned long airlock_fastpath_msr(void)
{
	unsigned long msr = any_bits(0xffffffff);

	if (vmcb.control.exit_code == SVM_EXIT_MSR)
		return MSR_IA32_DEBUGCTLMSR;
	assume(msr != MSR_IA32_DEBUGCTLMSR);
	return msr;
}

/* What RDMSR gives the guest, in two halves. */
u64 airlock_rax, airlock_rdx;

void kvm_rax_write(struct kvm_vcpu *vcpu, unsigned long value)
{
	airlock_rax = value;
}

void kvm_rdx_write(struct kvm_vcpu *vcpu, unsigned long value)
{
	airlock_rdx = value;
}

/* The instruction pointer moves on; in a step of its own where many ways lead here. */
int svm_skip_emulated_instruction(struct kvm_vcpu *vcpu)
{
	if (vmcb.control.exit_code == SVM_EXIT_CPUID)
		boundary();
	guest_instruction_completes(airlock_rax | airlock_rdx << 32);
	airlock_rax = 0;
	airlock_rdx = 0;
	return 1;
}

/* The model's guest has #GP only from an instruction that exited. */
void kvm_inject_gp(struct kvm_vcpu *vcpu, u32 error_code)
{
	guest_takes_gp();
}

/*
 * The VMCB as init_vmcb() leaves it: #DB, INTR and NMI are always intercepted, V_INTR_MASKING is on,
 * and the debug registers and DebugCtl are KVM's until the guest asks.
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
	vmcb_mark_all_dirty();
}

void alternative_msr_write(unsigned int msr, u64 value, unsigned int feature)
{
	wrmsrl(msr, value);
}

/* get_cpu() switches preemption off. The machine has one CPU. */
int get_cpu(void)
{
	preempt_disable();
	return 0;
}

void put_cpu(void)
{
	preempt_enable();
}
