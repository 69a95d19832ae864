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
 * Trace: Spurious #DB: {guest_saw.spurious_db}; lost #DB: {guest_saw.lost_db} (1 is yes). Its
 * handler would read DR6 as {guest_saw.db_dr6}; the guest should have gone on undisturbed if
 * spurious, and should have taken its #DB if lost.
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
 * Trace: The guest has DEBUGCTL={cpu.debugctl} and should have {reference_guest.debugctl}. (A wrong
 * RDMSR: {guest_saw.wrong_debugctl}; it returned {guest_saw.debugctl_read} instead of
 * {guest_saw.debugctl_expected}.)
 */
bool always_debugctl_is_the_guests(void)
{
	return (!cpu.guest_mode || cpu.debugctl == reference_guest.debugctl) &&
	       !guest_saw.wrong_debugctl;
}
