/*
 * The machine as a guest's program sees it (--guest FILE.c; docs/guests.md).
 *
 * Each function below is one instruction. Everything between two of them (arithmetic, branches of
 * the C, calls, the memory of the program) takes no instruction and no time. Constants are those of
 * <airlock/svm.h>.
 */
#ifndef AIRLOCK_GUEST_H
#define AIRLOCK_GUEST_H

#include <airlock/svm.h>

void nop(void);          /* an instruction that does nothing special */
void taken_branch(void); /* a jump that is taken, to what comes next in the text */
void bus_lock(void);     /* a locked access that needs the bus: across a cache line */
void cpuid(void);        /* stands for every instruction that always exits */

/* rFLAGS: of `flags` X86_EFLAGS_TF counts, the rest is not modelled. */
void popf(u64 flags);
void syscall(void);            /* to CPL 0 */
void sysret(u64 flags);        /* to CPL 3; at CPL 0 alone */
void iret(u64 flags, u8 cpl);  /* to CPL 0 or 3; at CPL 0 alone */

/* At CPL 0 alone. */
u64 read_dr6(void);
void write_dr6(u64 value);
u64 rdmsr(u32 msr);              /* of MSR_IA32_DEBUGCTLMSR */
void wrmsr(u32 msr, u64 value);  /* likewise */

/* What the #DB handler returns to with IRET. */
struct db_frame {
	bool tf; /* rFLAGS.TF of the image: cleared, the guest is not stepped on */
	u8 cpl;  /* that was interrupted */
};
extern struct db_frame db_frame;

/* How many #DBs the guest has taken. */
extern const u32 dbs;

#endif
