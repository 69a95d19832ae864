/*
 * Words of the kernel's that need no machine: a spec file that has them may stay as it is.
 *
 * What they stand for is said beside each. `cc -fsyntax-only -I specs/include` reads them alike.
 */
#ifndef AIRLOCK_KERNEL_H
#define AIRLOCK_KERNEL_H

#include <airlock/svm.h>

/* RDMSR and WRMSR by their names since Linux v6.16. */
#define rdmsrq(msr, val) ((val) = __rdmsrl(msr))
#define wrmsrq(msr, val) wrmsrl(msr, val)

/*
 * Whether the CPU has a feature. Features are parameters, so that --set decides: X86_FEATURE_LBRV is
 * `cpu_has_lbrv`, which the model declares (const bool cpu_has_lbrv = true;). Another one is bound
 * by a macro of its own: #define X86_FEATURE_BUS_LOCK_DETECT cpu_has_bus_lock_detect
 */
#define X86_FEATURE_LBRV cpu_has_lbrv
#define boot_cpu_has(feature) ((feature) != 0)
#define static_cpu_has(feature) ((feature) != 0)
#define this_cpu_has(feature) ((feature) != 0)
#define cpu_feature_enabled(feature) ((feature) != 0)
#define kvm_cpu_cap_has(feature) ((feature) != 0)

/* Prints nothing, and does nothing that its arguments would do. */
#define printk(...) ((void)0)
#define printk_once(...) ((void)0)
#define pr_emerg(...) ((void)0)
#define pr_alert(...) ((void)0)
#define pr_crit(...) ((void)0)
#define pr_err(...) ((void)0)
#define pr_err_once(...) ((void)0)
#define pr_err_ratelimited(...) ((void)0)
#define pr_warn(...) ((void)0)
#define pr_warn_once(...) ((void)0)
#define pr_warn_ratelimited(...) ((void)0)
#define pr_notice(...) ((void)0)
#define pr_info(...) ((void)0)
#define pr_info_once(...) ((void)0)
#define pr_debug(...) ((void)0)
#define pr_debug_ratelimited(...) ((void)0)

/* The condition's truth. What must not be true at all is an assert(). */
#define WARN_ON(condition) (!!(condition))
#define WARN_ON_ONCE(condition) (!!(condition))
#define WARN(condition, ...) (!!(condition))
#define WARN_ONCE(condition, ...) (!!(condition))
#define BUG_ON(condition) assert(!(condition))

#endif
