#include "model/world/machine_words.hpp"

#include "model/machine/debugctl.hpp"
#include "model/machine/register_table.hpp"
#include "model/world/operations.hpp"

namespace airlock {
namespace {

/// A field's 0 is "nothing", which stands for no other value.
std::vector<std::string> constants_of(const machine::Format& format) {
  std::vector<std::string> result;
  for (const machine::NamedValue& each : format.names) {
    const bool nothing = format.kind == Display::Kind::enumeration && each.value == 0;
    if (!each.in_c.empty() && !nothing) {
      result.push_back(each.in_c);
    }
  }
  return result;
}

MachineWords make() {
  MachineWords words;
  for (const machine::Format* format : machine::formats_declared()) {
    words.constants.push_back(constants_of(*format));
  }
  for (const machine::Register& each : machine::registers_declared()) {
    if (each.is_moved_about) {
      words.registers.emplace_back(each.path);
    }
  }
  for (const Operation& each : operations()) {
    if (each.is_boundary) {
      words.boundaries.emplace(each.name);
    }
  }
  words.value_mask = machine::debugctl::implemented | machine::debugctl::guest_writable;
  return words;
}

}  // namespace

const MachineWords& machine_words() {
  static const MachineWords words = make();
  return words;
}

}  // namespace airlock
