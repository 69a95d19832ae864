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

/*
 * Prints nothing. Airlock evaluates arguments that may be undefined, and refuses those that do
 * something (a call, an assignment): whether a kernel evaluates them depends on its configuration,
 * and on whether it is the first time.
 */
#define airlock_print(...) ((void)0)
#define printk(...) airlock_print(__VA_ARGS__)
#define printk_once(...) airlock_print(__VA_ARGS__)
#define pr_emerg(...) airlock_print(__VA_ARGS__)
#define pr_alert(...) airlock_print(__VA_ARGS__)
#define pr_crit(...) airlock_print(__VA_ARGS__)
#define pr_err(...) airlock_print(__VA_ARGS__)
#define pr_err_once(...) airlock_print(__VA_ARGS__)
#define pr_err_ratelimited(...) airlock_print(__VA_ARGS__)
#define pr_warn(...) airlock_print(__VA_ARGS__)
#define pr_warn_once(...) airlock_print(__VA_ARGS__)
#define pr_warn_ratelimited(...) airlock_print(__VA_ARGS__)
#define pr_notice(...) airlock_print(__VA_ARGS__)
#define pr_info(...) airlock_print(__VA_ARGS__)
#define pr_info_once(...) airlock_print(__VA_ARGS__)
#define pr_debug(...) airlock_print(__VA_ARGS__)
#define pr_debug_ratelimited(...) airlock_print(__VA_ARGS__)

/* The condition's truth. What must not be true at all is an assert(). */
#define WARN_ON(condition) (!!(condition))
#define WARN_ON_ONCE(condition) (!!(condition))
#define WARN(condition, ...) ((condition) ? (airlock_print(__VA_ARGS__), 1) : 0)
#define WARN_ONCE(condition, ...) ((condition) ? (airlock_print(__VA_ARGS__), 1) : 0)
#define BUG_ON(condition) assert(!(condition))

/*
 * Whether an option is on: #define CONFIG_X 1 (built in), #define CONFIG_X_MODULE 1 (a module) or
 * #undef CONFIG_X (neither) must have said so. Airlock knows these by name, in #if and elsewhere;
 * the bodies are for a C compiler, to which a name that is no macro is off.
 */
#define AIRLOCK_BEFORE_1 0,
#define AIRLOCK_SECOND(first, second, ...) second
#define AIRLOCK_IS_1_LATER(before) AIRLOCK_SECOND(before 1, 0, 0)
#define AIRLOCK_IS_1_NOW(value) AIRLOCK_IS_1_LATER(AIRLOCK_BEFORE_##value)
#define AIRLOCK_IS_1(value) AIRLOCK_IS_1_NOW(value)
#define IS_BUILTIN(option) AIRLOCK_IS_1(option)
#define IS_MODULE(option) AIRLOCK_IS_1(option##_MODULE)
#define IS_ENABLED(option) (IS_BUILTIN(option) || IS_MODULE(option))

#endif
