/*
 * The machine as C sees it: what a spec file may name.
 *
 * `cc -fsyntax-only -I specs/include` accepts every spec; Airlock reads this header too and binds
 * the objects and functions below to its model of the hardware (model/machine, docs/hardware.md).
 * Registers and bits carry the names of the AMD64 Architecture Programmer's Manual (APM) and of
 * Linux. Section numbers are of volume 2.
 */
#ifndef AIRLOCK_SVM_H
#define AIRLOCK_SVM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;

#define BIT(n) (1UL << (n))
#define BIT_ULL(n) (1ULL << (n))
#define GENMASK(h, l) ((~0UL << (l)) & (~0UL >> (63 - (h))))
#define GENMASK_ULL(h, l) ((~0ULL << (l)) & (~0ULL >> (63 - (h))))

/* ---- DebugCtl, MSR 1D9h (13.1.1.6) ---- */
#define MSR_IA32_DEBUGCTLMSR 0x1d9
#define DEBUGCTLMSR_LBR (1UL << 0)                     /* record branches */
#define DEBUGCTLMSR_BTF (1UL << 1)                     /* TF traps on branches only */
#define DEBUGCTLMSR_BUS_LOCK_DETECT (1UL << 2)         /* BLCKDB: #DB after a bus lock at CPL>0 */
#define DEBUGCTLMSR_FREEZE_LBRS_ON_PMI (1UL << 11)     /* FLBRI */
#define DEBUGCTLMSR_FREEZE_PERFMON_ON_PMI (1UL << 12)  /* FPMCI */

/* ---- DR6 (13.1.1.3) ---- */
#define DR6_BUS_LOCK (1UL << 11) /* BLD, active low: 0 says that a bus lock was trapped */
#define DR6_BS (1UL << 14)       /* a single step was trapped */
#define DR6_ACTIVE_LOW 0xffff0ff0UL
#define DR_TRAP_BITS 0xfUL

/* ---- rFLAGS ---- */
#define X86_EFLAGS_TF (1UL << 8)
#define X86_EFLAGS_IF (1UL << 9)

#define DB_VECTOR 1

/* ---- The VMCB (appendix B), reduced to what the model has ---- */

/* The intercepts, as bit numbers in `intercepts`. The APM spreads them over several words. */
enum {
	INTERCEPT_INTR = 0,
	INTERCEPT_NMI = 1,
	INTERCEPT_DB = 2,        /* exception vector 1 */
	INTERCEPT_DR6_READ = 3,
	INTERCEPT_DR6_WRITE = 4,
};

/* The permission map's two bits for DebugCtl, as bit numbers in `msrpm_debugctl`. */
enum {
	MSRPM_READ = 0,
	MSRPM_WRITE = 1,
};

/* VMCB clean bits (15.15.3). A group that the model does not have has no bit. */
enum {
	VMCB_INTERCEPTS = 0,
	VMCB_DR = 6,
	VMCB_LBR = 10,
};

#define V_INTR_MASKING_MASK (1U << 24)
#define LBR_CTL_ENABLE_MASK (1UL << 0) /* LBR_VIRTUALIZATION_ENABLE, offset 0B8h bit 0 */

#define SVM_EVTINJ_VALID (1U << 31)
#define SVM_EVTINJ_TYPE_EXEPT (3U << 8)

/* Exit codes (appendix C). */
enum svm_exit_code {
	SVM_EXIT_NONE = 0,
	SVM_EXIT_READ_DR6 = 0x26,
	SVM_EXIT_WRITE_DR6 = 0x36,
	SVM_EXIT_EXCP_DB = 0x41,
	SVM_EXIT_INTR = 0x60,
	SVM_EXIT_NMI = 0x61,
	SVM_EXIT_CPUID = 0x72, /* stands for every instruction that always exits */
	SVM_EXIT_MSR = 0x7c,   /* of DebugCtl; exit_info_1 is 0 for RDMSR, 1 for WRMSR */
};

struct vmcb_control_area {
	u32 intercepts;
	u32 msrpm_debugctl;
	u32 int_ctl;
	u32 clean;
	u32 event_inj;
	u64 virt_ext;
	enum svm_exit_code exit_code; /* written by #VMEXIT alone */
	u64 exit_info_1;              /* written by #VMEXIT alone */
};

struct vmcb_save_area {
	u64 rflags; /* TF and IF are modelled */
	u64 dr6;
	u64 dbgctl;
	u8 cpl;
};

struct vmcb {
	struct vmcb_control_area control;
	struct vmcb_save_area save;
};

/* The one VMCB. Only vcpu_run and what it calls may touch it. */
extern struct vmcb vmcb;

/* ---- The physical CPU: to be read; software writes it through the functions below ---- */
struct airlock_cpu {
	u64 debugctl;
	u64 dr6;
	u64 rflags;
	u8 cpl;
	bool gif;
	bool guest_mode; /* between VMRUN and #VMEXIT */
};
extern const struct airlock_cpu cpu;

/* ---- What properties compare with; meaningless to software ---- */

/* The DebugCtl that the VMCB held at VMRUN, evolved since as hardware would. */
struct airlock_guest_view {
	u64 debugctl;
};
extern const struct airlock_guest_view guest_view;

/* The guest's virtual CPU as bare metal would run it. */
struct airlock_reference_guest {
	u64 debugctl;
	u64 dr6;
	u64 rflags;
	u8 cpl;
	bool step_pending; /* a #DB is raised by a single step, and the guest has not taken it */
	bool lock_pending; /* likewise by a bus lock */
};
extern const struct airlock_reference_guest reference_guest;

/* The host's DebugCtl as it would be had no guest ever run. DR6 with the feature host_dr6 only. */
struct airlock_reference_host {
	u64 debugctl;
	u64 dr6;
};
extern const struct airlock_reference_host reference_host;

/* What went wrong for the guest in the step just taken; all 0 where nothing did. */
struct airlock_guest_saw {
	bool spurious_db;     /* took a #DB that the reference did not raise */
	bool lost_db;         /* went on to its next instruction without a #DB that it did raise */
	bool wrong_dr6;       /* MOV from DR6 returned dr6_read instead of dr6_expected */
	bool wrong_debugctl;  /* RDMSR returned debugctl_read instead of debugctl_expected */
	u64 db_dr6;           /* with spurious_db: the DR6 that its handler will read */
	u64 dr6_read;
	u64 dr6_expected;
	u64 debugctl_read;
	u64 debugctl_expected;
};
extern const struct airlock_guest_saw guest_saw;

/* ---- Software's access to the CPU. Each call is a step of its own. ---- */

u64 __rdmsrl(u32 msr);
#define rdmsrl(msr, val) ((val) = __rdmsrl(msr))
void wrmsrl(u32 msr, u64 value);
u64 get_debugctlmsr(void);
void update_debugctlmsr(u64 value);

u64 __get_debugreg(int reg); /* reg is 6 */
#define get_debugreg(val, reg) ((val) = __get_debugreg(reg))
void set_debugreg(u64 value, int reg); /* reg is 6 */

void local_irq_disable(void); /* rFLAGS.IF = 0 */
void local_irq_enable(void);  /* rFLAGS.IF = 1 */
void preempt_disable(void);   /* nests, up to 15 deep */
void preempt_enable(void);
void clgi(void); /* 15.17 */
void stgi(void);
void vmrun(void); /* returns after #VMEXIT (15.5, 15.6) */

/* ---- Memory: no step of their own ---- */

void vmcb_mark_dirty(int bit);
void vmcb_mark_all_dirty(void);
void vmcb_mark_all_clean(void); /* every group that the model has */
/* These two mark VMCB_INTERCEPTS dirty, as KVM's do. */
void set_intercept(int bit);
void clr_intercept(int bit);

/* ---- The guest's intercepted instruction, which software completes or not ---- */

/* The value that WRMSR or MOV to DR6 would write: the guest's choice, and the same until the
 * instruction completes or the guest runs again. */
u64 guest_operand(void);
/* The instruction that exited is done: the guest goes on with the next one. `result` is what
 * RDMSR or MOV from DR6 returns; others ignore it. */
void guest_instruction_completes(u64 result);
/* The instruction that exited raises #GP instead. */
void guest_takes_gp(void);

/* ---- The checker's own words ---- */

u64 any_bits(u64 mask); /* any value whose set bits are all in the constant `mask` */
bool any_bool(void);
void boundary(void); /* a step that does nothing: something else may come between what is around it */
void assume(bool condition); /* runs in which it is false do not exist */
#ifndef assert
void assert(bool condition); /* false violates always_well_defined */
#endif

#endif
