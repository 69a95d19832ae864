// Counting DebugCtl accesses (DESIGN.md, `cost`). A stretch runs from the start of the measured
// function to its end and counts if it saw exactly one VMRUN; the fast path's stretch runs from one
// VMRUN to the next. Counters saturate at 15.
#include "model/world/platform.hpp"

namespace airlock {
namespace {

Expr increment(Expr counter) {
  const Expr top = same_sort(counter, 15);
  return ite(eq(counter, top), top, counter + same_sort(counter, 1));
}

Expr saturating_sum(Expr a, Expr b) {
  const Expr sum = zero_extend(a, 5) + zero_extend(b, 5);
  return ite(bit(sum, 4), same_sort(a, 15), extract(sum, 3, 0));
}

void count(Step& step, const Layout& layout, VarId before, VarId since) {
  const CostVariables& cost = *layout.cost;
  const Expr active = step.get(cost.active);
  const Expr vmruns = step.get(cost.vmruns);
  const Expr first = eq(vmruns, same_sort(vmruns, 0));
  const Expr old_before = step.get(before);
  const Expr old_since = step.get(since);
  step.set(before, ite(active && first, increment(old_before), old_before));
  step.set(since, ite(active && !first, increment(old_since), old_since));
}

void reset(Step& step, const CostVariables& cost) {
  for (const VarId id :
       {cost.rdmsr_before, cost.wrmsr_before, cost.rdmsr_since, cost.wrmsr_since}) {
    step.set(id, step.pool().bits(4, 0));
  }
  step.set(cost.vmruns, step.pool().bits(2, 0));
}

void count_vmrun(Step& step, const CostVariables& cost) {
  ExprPool& pool = step.pool();
  const Expr zero = pool.bits(4, 0);
  const Expr vmruns = step.get(cost.vmruns);
  const Expr active = step.get(cost.active);
  const Expr again = active && ne(vmruns, same_sort(vmruns, 0));
  step.set(cost.fastpath_complete, again);
  step.set(cost.rdmsr, ite(again, step.get(cost.rdmsr_since), zero));
  step.set(cost.wrmsr, ite(again, step.get(cost.wrmsr_since), zero));
  for (const VarId id : {cost.rdmsr_since, cost.wrmsr_since}) {
    step.set(id, zero);
  }
  for (const VarId id : {cost.rdmsr_before, cost.wrmsr_before}) {
    step.set(id, ite(again, zero, step.get(id)));  // no longer of use: two VMRUNs
  }
  const Expr next =
      ite(eq(vmruns, same_sort(vmruns, 0)), same_sort(vmruns, 1), same_sort(vmruns, 2));
  step.set(cost.vmruns, ite(active, next, vmruns));
}

}  // namespace

void VcpuPlatform::entered(Step& step, const std::string& function) const {
  if (layout().cost && function == measured_) {
    reset(step, *layout().cost);
    step.set(layout().cost->active, step.pool().boolean(true));
  }
}

void VcpuPlatform::left(Step& step, const std::string& function) const {
  if (!layout().cost || function != measured_) {
    return;
  }
  const CostVariables& cost = *layout().cost;
  const Expr vmruns = step.get(cost.vmruns);
  const Expr complete = step.get(cost.active) && eq(vmruns, same_sort(vmruns, 1));
  const Expr zero = step.pool().bits(4, 0);
  step.set(cost.entry_complete, complete);
  const auto total = [&](VarId before, VarId since) {
    return ite(complete, saturating_sum(step.get(before), step.get(since)), zero);
  };
  const Expr rdmsr = total(cost.rdmsr_before, cost.rdmsr_since);
  const Expr wrmsr = total(cost.wrmsr_before, cost.wrmsr_since);
  step.set(cost.rdmsr, rdmsr);
  step.set(cost.wrmsr, wrmsr);
  step.set(cost.active, step.pool().boolean(false));
  reset(step, cost);
}

std::vector<std::pair<Step, Expr>> VcpuPlatform::call(const IntrinsicCall& call, Step step) const {
  // (What ends its step is VMRUN.)
  if (layout().cost && intrinsic(call.name).value_or(IntrinsicTraits{}).ends_step) {
    count_vmrun(step, *layout().cost);
  }
  return MachinePlatform::call(call, std::move(step));
}

Expr VcpuPlatform::read_debugctl(Step& step) const {
  if (layout().cost) {
    count(step, layout(), layout().cost->rdmsr_before, layout().cost->rdmsr_since);
  }
  return MachinePlatform::read_debugctl(step);
}

void VcpuPlatform::write_debugctl(Step& step, Expr value) const {
  if (layout().cost) {
    count(step, layout(), layout().cost->wrmsr_before, layout().cost->wrmsr_since);
  }
  MachinePlatform::write_debugctl(step, value);
}

}  // namespace airlock
