/*
 * Suppress the bus-lock #DB: an intercepted #DB whose DR6 says "bus lock" is not injected.
 *
 * Rejected in ml 20250224181315.2376869-1-seanjc@google.com. BLD is sticky and one #DB can have
 * several causes, so the test throws away #DBs that are the guest's own.
 */
#include "../kvm.h"

void db_interception(void)
{
	if (!(vmcb.save.dr6 & DR6_BUS_LOCK))
		return;
	kvm_queue_db(vmcb.save.dr6 ^ DR6_ACTIVE_LOW);
}
