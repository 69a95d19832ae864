// Who acts: what kind of thing takes a rule's step. Its name (Rule::actor) is for people.
#pragma once

#include <cstdint>

namespace airlock {

enum class AgentKind : std::uint8_t {
  other,        ///< two copies that meet, a system of a test
  thread,       ///< the vCPU's thread
  boot,         ///< the host's boot
  interrupt,    ///< a handler that RFLAGS.IF=0 holds off
  nmi,          ///< a handler that only GIF=0 holds off
  task_switch,  ///< another task, then back
  guest,
  hardware,
  marker,    ///< nobody: something happened (model/system/marker.hpp)
  property,  ///< nobody: a property is evaluated
};

/// Between the steps of the thread: interrupts, NMIs, task switches.
constexpr bool is_actor(AgentKind kind) {
  return kind == AgentKind::interrupt || kind == AgentKind::nmi || kind == AgentKind::task_switch;
}
/// The host's part that runs on the reference host too.
constexpr bool is_of_the_host(AgentKind kind) {
  return kind == AgentKind::boot || is_actor(kind);
}

}  // namespace airlock
