// Demanded bits: from the bits of a result back to the bits of the leaves.
//
// The mirror image of known bits, as compilers use it to narrow integers. Nodes are visited from
// the roots down (their ids fall along every path, so one sweep in order of ids meets a node after
// all that is made from it), each passing on to its arguments which of their bits can make a
// difference. Masks with constants stop demand, sums pass it downwards, everything that compares or
// shifts by unknown amounts demands all.
#include "model/system/demand.hpp"

#include <bit>
#include <cassert>

namespace airlock {
namespace {

/// Bits up to the highest of `bits`.
std::uint64_t up_to_highest(std::uint64_t bits) {
  const auto used = static_cast<unsigned>(std::bit_width(bits));
  return used >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << used) - 1;
}

class Sweep {
 public:
  void demand(Expr e, std::uint64_t bits) {
    bits &= e.sort().mask();
    if (bits == 0) {
      return;
    }
    const auto [found, fresh] = pending_.try_emplace(e.id(), e, 0);
    found->second.second |= bits;
  }

  Demand run() {
    while (!pending_.empty()) {
      const auto last = std::prev(pending_.end());
      const auto [e, bits] = last->second;
      pending_.erase(last);
      if (e.op() == Op::variable) {
        result_.variables[e.index()] |= bits;
      } else if (e.op() == Op::input) {
        result_.inputs[e.index()] |= bits;
      } else if (e.arity() != 0) {
        pass_on(e, bits);
      }
    }
    return std::move(result_);
  }

 private:
  void pass_on(Expr e, std::uint64_t bits) {
    switch (e.op()) {
      case Op::not_:
      case Op::xor_: each(e, bits); break;
      case Op::and_: masked(e, bits, ~std::uint64_t{0}); break;
      case Op::or_: masked(e, bits, 0); break;
      case Op::add:
      case Op::sub:
      case Op::mul: each(e, up_to_highest(bits)); break;
      case Op::ite:
        demand(e.arg(0), 1);
        demand(e.arg(1), bits);
        demand(e.arg(2), bits);
        break;
      case Op::extract: demand(e.arg(0), bits << e.lo()); break;
      case Op::concat:
        demand(e.arg(0), bits >> e.arg(1).width());
        demand(e.arg(1), bits);
        break;
      default: each(e, ~std::uint64_t{0}); break;
    }
  }

  void each(Expr e, std::uint64_t bits) {
    for (unsigned i = 0; i < e.arity(); ++i) {
      demand(e.arg(i), bits);
    }
  }

  /// And, or: where one side is a constant that settles a bit, the other side does not matter.
  /// `open` is the constant that settles nothing: ones for and, zeros for or.
  void masked(Expr e, std::uint64_t bits, std::uint64_t open) {
    for (unsigned i = 0; i < 2; ++i) {
      const Expr other = e.arg(1 - i);
      const std::uint64_t settled = other.is_constant() ? other.value() ^ open : 0;
      demand(e.arg(i), bits & ~settled);
    }
  }

  std::map<std::uint32_t, std::pair<Expr, std::uint64_t>> pending_;  // by id
  Demand result_;
};

}  // namespace

Demand demand_of(const std::vector<DemandedBits>& roots) {
  Sweep sweep;
  for (const DemandedBits& root : roots) {
    sweep.demand(root.expr, root.bits);
  }
  return sweep.run();
}

Demand demand_of(const std::vector<Expr>& roots) {
  Sweep sweep;
  for (const Expr root : roots) {
    sweep.demand(root, ~std::uint64_t{0});
  }
  return sweep.run();
}

namespace {

class Changes {
 public:
  explicit Changes(VarId id) : id_(id) {}

  /// The bits of `e` that may differ from the variable's bits `offset` and up.
  std::uint64_t of(Expr e, unsigned offset) {
    const auto key = std::pair{e.id(), offset};
    if (const auto found = memo_.find(key); found != memo_.end()) {
      return found->second;
    }
    const std::uint64_t result = compute(e, offset) & e.sort().mask();
    memo_.emplace(key, result);
    return result;
  }

 private:
  std::uint64_t compute(Expr e, unsigned offset) {
    constexpr std::uint64_t all = ~std::uint64_t{0};
    switch (e.op()) {
      case Op::variable: return e.index() == id_ && offset == 0 ? 0 : all;
      case Op::extract: {
        const Expr base = e.arg(0);
        return base.op() == Op::variable && base.index() == id_ && e.lo() == offset ? 0 : all;
      }
      case Op::concat: {
        const unsigned low = e.arg(1).width();
        return (of(e.arg(0), offset + low) << low) | of(e.arg(1), offset);
      }
      case Op::ite: return of(e.arg(1), offset) | of(e.arg(2), offset);
      case Op::and_: return e.arg(0).is_constant() ? of(e.arg(1), offset) | ~e.arg(0).value() : all;
      case Op::or_:
      case Op::xor_: return e.arg(0).is_constant() ? of(e.arg(1), offset) | e.arg(0).value() : all;
      default: return all;
    }
  }

  VarId id_;
  std::map<std::pair<std::uint32_t, unsigned>, std::uint64_t> memo_;
};

}  // namespace

std::uint64_t changed_bits(Expr value, VarId id) {
  return Changes(id).of(value, 0);
}

}  // namespace airlock
