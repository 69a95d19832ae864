#include "model/world/world_twin.hpp"

namespace airlock {

void hide_references(TransitionSystem& system) {
  for (Variable& variable : system.variables) {
    if (variable.group == "reference guest" || variable.group == "reference host" ||
        variable.group == "guest view") {
      variable.group = "hidden";
    }
  }
}

}  // namespace airlock
