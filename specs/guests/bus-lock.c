/*
 * A guest that has not asked for bus lock traps gets none, at CPL 0 and at CPL 3.
 *
 * Asks what bus_lock_test of kvm-unit-tests' x86/debug.c asks (ml
 * 20250221204148.2171418-3-seanjc@google.com); the report is bugzilla 219787.
 * Model: ../kvm
 */
#include <airlock/guest.h>

/* Expect:
 *	forall dbs == 0
 *	under none, virtualize-bld: exists dbs == 1
 */
void guest(void)
{
	bus_lock();
	iret(0, 3);
	bus_lock();
	syscall();
	bus_lock();
}
