// Do two worlds show the same? An original and a changed one, under the same inputs. See
// equivalence.cpp for what is compared, and when.
#pragma once

#include "model/world/world_twin.hpp"

namespace airlock {

/// The two worlds show the same under the same inputs. Both observe their guests and do not follow
/// them; their hardware is the same.
TransitionSystem equivalence(const LaidOutWorld& original, const LaidOutWorld& changed);
/// What equivalence() does not see: that the world, which observes its guest, does not take more
/// than 254 steps of its vCPU's thread one after the other that show nothing. Its one property says
/// so; a loop that never shows anything violates it.
TransitionSystem silence_ends(const LaidOutWorld& world);

}  // namespace airlock
