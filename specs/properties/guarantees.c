/*
 * The guarantees of a world switch, for the guest and for the host. `cpu` is the physical CPU; the
 * references and what the guest saw are explained in <airlock/svm.h> and docs/architecture.md.
 */
#include <airlock/svm.h>

/*
 * No bit of the host's DebugCtl, nor any other foreign bit, is in effect while the guest runs.
 *
 * Trace: The guest runs with DEBUGCTL={cpu.debugctl}; of these bits its own are
 * {guest_view.debugctl}.
 */
bool always_guest_runs_with_no_foreign_debugctl_bits(void)
{
	return !cpu.guest_mode || (cpu.debugctl & ~guest_view.debugctl) == 0;
}

/*
 * Whenever the host runs with GIF=1, whoever runs and whatever IF is, DebugCtl is what it would be
 * had no guest ever run.
 *
 * Trace: The host runs with DEBUGCTL={cpu.debugctl}; had no guest run it would be
 * {reference_host.debugctl}.
 */
bool always_host_runs_with_its_own_debugctl(void)
{
	return cpu.guest_mode || !cpu.gif || cpu.debugctl == reference_host.debugctl;
}

/*
 * The guest takes a #DB exactly when its CPU, run as bare metal would, raises one.
 *
 * Trace: The guest {?guest_saw.spurious_db: takes a #DB that its own CPU does not raise; its handler
 * will read DR6={guest_saw.db_dr6}}{?guest_saw.lost_db: goes on without the #DB that its own CPU
 * raises}.
 */
bool always_debug_exceptions_are_the_guests(void)
{
	return !guest_saw.spurious_db && !guest_saw.lost_db;
}

/*
 * MOV from DR6 returns to the guest what bare metal would.
 *
 * Trace: The guest read DR6 as {guest_saw.dr6_read}; it should have read {guest_saw.dr6_expected}.
 */
bool always_dr6_is_the_guests(void)
{
	return !guest_saw.wrong_dr6;
}

/*
 * While the guest runs, DebugCtl is what bare metal would hold, and so is what RDMSR returns.
 *
 * Trace: {!guest_saw.wrong_debugctl: The guest runs with DEBUGCTL={cpu.debugctl}; it should be
 * {reference_guest.debugctl}.}{?guest_saw.wrong_debugctl: RDMSR returned
 * DEBUGCTL={guest_saw.debugctl_read} to the guest; it should have been
 * {guest_saw.debugctl_expected}.}
 */
bool always_debugctl_is_the_guests(void)
{
	return (!cpu.guest_mode || cpu.debugctl == reference_guest.debugctl) &&
	       !guest_saw.wrong_debugctl;
}
