#include "model/world/platform.hpp"

#include "model/machine/debugctl.hpp"
#include "model/machine/register_table.hpp"
#include "model/system/input_error.hpp"

namespace airlock {
namespace {

/// The host's DR6 is the guest's after a #VMEXIT. Without the feature host_dr6 the reference host
/// has none of its own, so an actor that looked at it would carry the guest's value into what the
/// host would have been without one.
[[noreturn]] void refuse(std::string_view name, const SourceLocation& location) {
  throw InputError(location, "boot() or an actor reads " + std::string(name), {},
                   "DebugCtl and the host's own globals: the reference host has no " +
                       std::string(name) + (name == "DR6" ? " without --feature host_dr6" : ""));
}

}  // namespace

std::optional<ObjectLeaf> MachinePlatform::object(const std::string& path) const {
  const auto found = layout_.objects.find(path);
  return found == layout_.objects.end() ? std::nullopt : std::optional(found->second);
}

std::optional<IntrinsicTraits> MachinePlatform::intrinsic(const std::string& name) const {
  const Operation* const operation = find_operation(name);
  if (operation == nullptr) {
    return std::nullopt;
  }
  IntrinsicTraits traits = operation->traits;
  if (layout_.observed && operation->ends_guests_event) {
    traits.shared = true;  // no two events in one step
  }
  return traits;
}

std::optional<std::uint64_t> MachinePlatform::bit_name(const std::string& name) const {
  for (const machine::Format* format : machine::formats_declared()) {
    for (const machine::NamedValue& each : format->names) {
      if (format->in_parameters && (each.shown == name || each.in_c == name)) {
        return std::uint64_t{1} << each.value;
      }
    }
  }
  return std::nullopt;
}

Expr MachinePlatform::read_debugctl(Step& step) const {
  return step.get(layout_.machine.cpu.debugctl);
}

void MachinePlatform::write_debugctl(Step& step, Expr value) const {
  const machine::CpuOf<VarId>& cpu = layout_.machine.cpu;
  const Expr before = step.get(cpu.debugctl);
  const Expr after = machine::implemented_bits(value);
  step.set(cpu.dr6,
           machine::dr6_after_debugctl_change(step.get(cpu.dr6), before, after, layout_.choices));
  step.set(cpu.debugctl, after);
}

Expr MachinePlatform::read_dr6(Step& step, const SourceLocation& /*location*/) const {
  return step.get(layout_.machine.cpu.dr6);
}

void MachinePlatform::write_dr6(Step& step, Expr value) const {
  const machine::CpuOf<VarId>& cpu = layout_.machine.cpu;
  step.set(cpu.dr6,
           machine::dr6_written(step.get(cpu.dr6), value, step.get(cpu.debugctl), layout_.choices));
}

Ways MachinePlatform::call(const IntrinsicCall& call, Step step) const {
  const Operation* const operation = find_operation(call.name);
  if (operation == nullptr) {
    throw std::logic_error("intrinsic '" + call.name + "' has no meaning");
  }
  return operation->effect(*this, call, std::move(step));
}

Ways SwitchedInPlatform::call(const IntrinsicCall& call, Step step) const {
  const Operation* const operation = find_operation(call.name);
  if (operation != nullptr && operation->caller == Caller::thread) {
    throw InputError(call.location,
                     "'" + call.name + "' in vcpu_load(), which runs in every task switch", {},
                     "what switching the thread in does, at any moment; the guest's run and its "
                     "instructions are vcpu_run()'s");
  }
  return MachinePlatform::call(call, std::move(step));
}

std::optional<ObjectLeaf> ReferenceHostPlatform::object(const std::string& path) const {
  for (const machine::Register& each : machine::registers_declared()) {
    if (each.path != path) {
      continue;
    }
    if (each.per == machine::Per::vmcb) {
      throw InputError({}, "an actor touches '" + path + "': the VMCB is vcpu_run's alone");
    }
    switch (each.on_reference_host) {
      case machine::OnReferenceHost::same: break;
      case machine::OnReferenceHost::own:
        if (!machine::is_on_reference_host(each, layout().options.features)) {
          refuse(each.name, {});
        }
        return ObjectLeaf{layout().reference_host.*each.host, true, false};
      case machine::OnReferenceHost::none: refuse(each.name, {});
    }
  }
  return MachinePlatform::object(path);
}

Expr ReferenceHostPlatform::read_debugctl(Step& step) const {
  return step.get(layout().reference_host.debugctl);
}

void ReferenceHostPlatform::write_debugctl(Step& step, Expr value) const {
  const machine::HostRegistersOf<VarId>& host = layout().reference_host;
  const Expr after = machine::implemented_bits(value);
  if (layout().host_has_dr6()) {
    step.set(host.dr6, machine::dr6_after_debugctl_change(
                           step.get(host.dr6), step.get(host.debugctl), after, layout().choices));
  }
  step.set(host.debugctl, after);
}

Expr ReferenceHostPlatform::read_dr6(Step& step, const SourceLocation& location) const {
  if (!layout().host_has_dr6()) {
    refuse("DR6", location);
  }
  return step.get(layout().reference_host.dr6);
}

void ReferenceHostPlatform::write_dr6(Step& step, Expr value) const {
  if (layout().host_has_dr6()) {
    const machine::HostRegistersOf<VarId>& host = layout().reference_host;
    step.set(host.dr6, machine::dr6_written(step.get(host.dr6), value, step.get(host.debugctl),
                                            layout().choices));
  }
}

Ways ReferenceHostPlatform::call(const IntrinsicCall& call, Step step) const {
  const Operation* const operation = find_operation(call.name);
  if (operation != nullptr && operation->caller == Caller::host) {
    switch (operation->on_reference_host) {
      case CallOnReferenceHost::acts: return MachinePlatform::call(call, std::move(step));
      case CallOnReferenceHost::ignored: return {{step, Expr{}}};
      case CallOnReferenceHost::refused: break;
    }
  }
  throw InputError(call.location, "'" + call.name + "' called by an actor", {},
                   "accesses to host registers and to the actor's own globals");
}

}  // namespace airlock
