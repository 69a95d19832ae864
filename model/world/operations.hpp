// The machine's operations that C calls (<airlock/svm.h>), one row each: whether a call is a step
// of its own, who may call it, what it is on the reference host, and what it does.
#pragma once

#include <span>
#include <string_view>

#include "model/software/platform.hpp"

namespace airlock {

class MachinePlatform;
using Ways = std::vector<std::pair<Step, Expr>>;

/// Who may call it. Each may call what the one before it may.
enum class Caller : std::uint8_t {
  host,    ///< anyone: boot() and the actors too
  vcpu,    ///< the vCPU's thread, and vcpu_load() in a task switch: it touches the VMCB
  thread,  ///< the vCPU's thread alone: it belongs to one place of it
};

/// What a call is when boot() or an actor runs on the reference host.
enum class CallOnReferenceHost : std::uint8_t {
  acts,     ///< the same, on the reference's registers
  ignored,  ///< without effect: the reference host has no such state
  refused,  ///< an error: none of the host's business
};

struct Operation {
  std::string_view name;
  IntrinsicTraits traits = {};
  Caller caller = Caller::host;
  /// The steps that may follow, each with the result.
  Ways (*effect)(const MachinePlatform& platform, const IntrinsicCall& call, Step step);
  CallOnReferenceHost on_reference_host = CallOnReferenceHost::refused;
  std::string_view reads = {};  ///< does nothing but return this register: properties may call it
  bool is_boundary = false;     ///< turns interrupts, GIF or preemption on or off
  bool ends_guests_event = false;  ///< a step of its own where the guest is observed
};

std::span<const Operation> operations();

/// Null: there is none of that name.
const Operation* find_operation(std::string_view name);

}  // namespace airlock
