#include "model/machine/debugctl.hpp"

namespace airlock::machine {

Display debugctl::display() {
  return {Display::Kind::flags,
          {{LBR, "LBR"}, {BTF, "BTF"}, {BLCKDB, "BLCKDB"}, {FLBRI, "FLBRI"}, {FPMCI, "FPMCI"}}};
}

Expr implemented_bits(Expr value) {
  return value & same_sort(value, debugctl::implemented);
}

Expr cleared_by_db(Expr value) {
  const std::uint64_t cleared = (1U << debugctl::LBR) | (1U << debugctl::BTF);
  return value & same_sort(value, ~cleared);
}

}  // namespace airlock::machine
