/*
 * Always virtualise LBRs: keep LBR_VIRTUALIZATION_ENABLE set wherever the CPU has it.
 *
 * The obvious alternative (SOFTWARE.md, table of alternatives): the hardware then switches DebugCtl
 * at every VMRUN and #VMEXIT, and no MSR access is needed.
 */
#include "../kvm.h"

void update_lbr_virtualization(void)
{
	if (cpu_has_lbrv)
		vmcb.control.virt_ext |= LBR_CTL_ENABLE_MASK;
}
