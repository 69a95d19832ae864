// Which bits of its leaves an expression can depend on. Internal to model/system.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "model/system/expr.hpp"

namespace airlock {

/// Bits that matter, of leaves by index. What is absent does not matter at all.
struct Demand {
  std::map<VarId, std::uint64_t> variables;
  std::map<InputId, std::uint64_t> inputs;
};

/// Some bits of an expression.
struct DemandedBits {
  Expr expr;
  std::uint64_t bits = 0;
};

/// The bits of variables and inputs that the given bits may depend on (a superset).
Demand demand_of(const std::vector<DemandedBits>& roots);
/// The same for all bits of `roots`.
Demand demand_of(const std::vector<Expr>& roots);

/// The bits of `value` that need not be the same bits of variable `id` (a superset): 0 for an
/// update that changes nothing.
std::uint64_t changed_bits(Expr value, VarId id);

}  // namespace airlock
