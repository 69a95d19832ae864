/*
 * What the parts of this reduced KVM share: the vCPU, and the functions that fixes replace.
 */
#ifndef AIRLOCK_SPECS_KVM_H
#define AIRLOCK_SPECS_KVM_H

#include <airlock/svm.h>

struct kvm_vcpu {
	u64 dr6;        /* the guest's DR6 while KVM holds it */
	bool db_queued; /* a #DB waits to be injected */
	bool wont_exit; /* KVM_DEBUGREG_WONT_EXIT: the guest has the debug registers */
};

extern struct kvm_vcpu vcpu;

/* CPUID Fn8000_000A_EDX[LbrVirt]: the CPU can virtualise DebugCtl and the LBRs. */
extern const bool cpu_has_lbrv;

/* vcpu.c: the vCPU loop. */
void vcpu_load(void);
void vcpu_enter_guest(void);
void kvm_queue_db(u64 payload);
void kvm_complete_instruction(u64 result);

/* svm.c: one world switch, and the exits. */
void svm_vcpu_run(void);
void svm_handle_exit(bool handled_in_fastpath);
void db_interception(void);

/* debugctl.c: DebugCtl, the guest's and the host's. This is what the fixes are about. */
void snapshot_host_debugctl(void);
void load_guest_debugctl(void);
void load_host_debugctl(void);
bool guest_debugctl_is_valid(u64 data);
u64 guest_debugctl_bits_kept(u64 data);
bool wants_lbr_virtualization(u64 dbgctl);
void update_lbr_virtualization(void);

#endif
