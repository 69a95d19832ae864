/*
 * The guest's DebugCtl begins with its value at reset, 0, in place of LBR.
 */
#include <airlock/svm.h>

u64 initial_debugctl(void)
{
	return 0;
}
