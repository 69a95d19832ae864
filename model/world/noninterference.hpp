// Statements about two runs of a world, as systems for any engine. See noninterference.cpp for what
// is shared, what is free, and why one of the two copies may be a quiet one.
#pragma once

#include <vector>

#include "model/world/world_twin.hpp"

namespace airlock {

/// A product of two copies. All systems share a pool.
struct TwinSystem {
  TransitionSystem system;  ///< with one property
  /// Systems with fewer runs but the same variables, rules (by index), inputs and property, the
  /// calmest first: a path of one is a path of `system`.
  std::vector<TransitionSystem> calmer;
  /// Has one property, without which "holds" for `system` would not speak of all pairs of runs:
  /// that the quiet copy can always follow. On no choice may it be violated.
  TransitionSystem support;
};

/// The names of the properties.
inline constexpr const char* host_to_guest_name = "noninterference_host_to_guest";
inline constexpr const char* guest_to_host_name = "noninterference_guest_to_host";
/// And of their supports'.
inline constexpr const char* host_to_guest_support_name = "quiet_host_brings_its_guest_on";
inline constexpr const char* guest_to_host_support_name = "host_without_a_guest_can_follow";

/// What they say.
inline constexpr const char* host_to_guest_text =
    "What a guest sees does not depend on its host: two copies with one program see the same, A on "
    "any host, B on a quiet one.";
inline constexpr const char* guest_to_host_text =
    "What a host has in DebugCtl whenever it runs with GIF=1 does not depend on its guest: two "
    "copies whose boot and actors do the same have the same, A with any guest, B with none.";

/// No host reaches the guest. `world` observes and follows its guest (WorldOptions).
TwinSystem host_to_guest(const LaidOutWorld& world);
/// No guest reaches the host. `world` is any world.
TwinSystem guest_to_host(const LaidOutWorld& world);

}  // namespace airlock
