/*
 * The host's own #DB handler, as of Linux v6.12 (arch/x86/kernel/traps.c, debug_read_clear_dr6(),
 * exc_debug_user()): it reads DR6, writes "nothing pending", and goes by what it has read. Nobody
 * writes DR6 between two #DBs, so that what it reads is what this #DB has added to what was there.
 * Read together with a model, for worlds with the feature host_dr6.
 */
#include <airlock/svm.h>

/* What the handler took the last #DB for. */
bool db_was_a_step;
bool db_was_a_bus_lock;

/*
 * Another task hits a watchpoint: a #DB of which neither BS nor BLD=0 is a cause. (B3..B0 are not
 * modelled.) It is only asked what the handler makes of the bits that were there before.
 */
void task_switch_watchpoint(void)
{
	u64 dr6;

	get_debugreg(dr6, 6);
	set_debugreg(DR6_ACTIVE_LOW, 6);
	db_was_a_step = dr6 & DR6_BS;
	db_was_a_bus_lock = !(dr6 & DR6_BUS_LOCK);
}

/*
 * A watchpoint of a host task is taken for a single step: its debugger is told TRAP_TRACE, and reads
 * BS in the task's DR6.
 *
 * Trace: The handler of a host task's watchpoint found BS, which no step of the host's has set.
 */
bool symptom_watchpoint_taken_for_a_step(void)
{
	return db_was_a_step;
}

/*
 * A watchpoint of a host task is taken for a bus lock: with split_lock_detect=fatal the task is
 * killed by SIGBUS for what a guest did.
 *
 * Trace: The handler of a host task's watchpoint found BLD=0, though the task has locked no bus.
 */
bool symptom_watchpoint_taken_for_a_bus_lock(void)
{
	return db_was_a_bus_lock;
}
