#include "model/world/world_twin.hpp"

namespace airlock {

void hide_references(TransitionSystem& system) {
  for (Variable& variable : system.variables) {
    if (is_reference(variable.owner.role)) {
      variable.owner.hidden = true;
    }
  }
}

}  // namespace airlock
