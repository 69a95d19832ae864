#include "model/machine/format.hpp"

namespace airlock::machine {

Display display_of(const Format& format) {
  Display display{format.kind, {}};
  for (const NamedValue& each : format.names) {
    display.names.push_back({each.value, each.shown, each.active_low});
  }
  return display;
}

}  // namespace airlock::machine
