/*
 * What a random tree and its slice are run on: <airlock/svm.h> for a C compiler. Included as
 * <airlock/svm.h> by the slice, and first by the whole program; engine.c has the other half.
 */
#ifndef AIRLOCK_ENGINE_H
#define AIRLOCK_ENGINE_H
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;
typedef signed char s8;
typedef short s16;
typedef int s32;
typedef long s64;
typedef unsigned char uint8_t;
typedef unsigned short uint16_t;
typedef unsigned int uint32_t;
typedef unsigned long uint64_t;
#define bool _Bool
#define true 1
#define false 0
#define NULL ((void *)0)
#define BIT(n) (1UL << (n))
#define likely(x) (x)
#define unlikely(x) (x)
#define READ_ONCE(x) (x)
#define MSR_IA32_DEBUGCTLMSR 0x1d9

/* A choice among 0 to n - 1: the whole program's inputs, the slice's free choices. */
unsigned engine_choose(unsigned n);
void engine_event(int kind, u64 value);
void engine_assert(int good);
void engine_irqs(int on);
extern u64 engine_debugctl;

/* The values of random trees are 0 to 3. */
static inline u64 engine_bits(u64 mask)
{
	u64 few[4], n = 0;

	for (u64 v = 0; v < 4; v++)
		if ((v & mask) == v)
			few[n++] = v;
	return few[engine_choose(n)];
}
#define any_bits(mask) engine_bits(mask)
#define any_bool() ((bool)engine_choose(2))
#define assert(c) engine_assert(c)
#define vmrun() engine_event(1, 0)
#define clgi() engine_event(2, 0)
#define local_irq_disable() engine_irqs(0)
#define local_irq_enable() engine_irqs(1)
static inline void wrmsrl(unsigned msr, u64 value)
{
	if (msr == MSR_IA32_DEBUGCTLMSR) {
		engine_debugctl = value;
		engine_event(3, value);
	}
}
#define update_debugctlmsr(value) wrmsrl(MSR_IA32_DEBUGCTLMSR, value)
#define get_debugctlmsr() (engine_debugctl)
#endif
