// Justification: the lifting step of PDR without a solver.
//
// PDR finds one state with a successor in a bad cube and wants all states like it. The literature
// shrinks the state by ternary simulation (Een, Mishchenko, Brayton 2011) or by the core of a query
// whose unsatisfiability says "no state like this misses the cube" (Chockler et al. 2011). Here the
// expressions are walked once from the required bits down to the variables, and at every node just
// enough argument bits are required to force the node's required bits: of a conjunction that is 0,
// one argument that is 0; of an ite, the condition and the branch taken. Nodes are visited from the
// newest to the oldest, so that everything required of a node is known before it is explained.
//
// The result is not minimal (a core may be smaller), but it costs a microsecond, and PDR's own
// generalisation removes what is superfluous. It is sound by induction over the expression: each
// case below says why the bits it asks for force the bits that were asked of it.
#include "checker/prove/justify.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>

namespace airlock::prove {
namespace {

/// All bits up to the highest one of `bits`.
std::uint64_t up_to(std::uint64_t bits) {
  return bits == 0 ? 0 : ~std::uint64_t{0} >> std::countl_zero(bits);
}

bool older(Expr a, Expr b) {
  return a.id() < b.id();
}

}  // namespace

void Justifier::begin(const State& state, const std::vector<std::uint64_t>& inputs) {
  state_ = &state;
  inputs_ = &inputs;
  ++epoch_;
  heap_.clear();
}

Justifier::Slot& Justifier::slot(Expr e) {
  if (slots_.size() <= e.id()) {
    slots_.resize(std::max<std::size_t>(e.pool().size(), e.id() + 1));
  }
  return slots_[e.id()];
}

std::uint64_t Justifier::value(Expr root) {
  slot(root);  // arguments are older, so this makes room for all
  stack_.push_back(root);
  while (!stack_.empty()) {
    const Expr e = stack_.back();
    Slot& mine = slots_[e.id()];
    if (mine.epoch == epoch_) {
      stack_.pop_back();
      continue;
    }
    std::array<std::uint64_t, 3> args{};
    bool ready = true;
    for (unsigned i = 0; i < e.arity(); ++i) {
      const Slot& argument = slots_[e.arg(i).id()];
      if (argument.epoch != epoch_) {
        stack_.push_back(e.arg(i));
        ready = false;
      }
      args.at(i) = argument.value;
    }
    if (!ready) {
      continue;
    }
    stack_.pop_back();
    mine = Slot{0, 0, epoch_, false};
    switch (e.op()) {
      case Op::constant: mine.value = e.value(); break;
      case Op::variable: mine.value = (*state_)[e.index()]; break;
      case Op::input: mine.value = (*inputs_)[e.index()]; break;
      case Op::extract:
        args[1] = e.lo();
        mine.value = apply(e.op(), e.sort(), e.arg(0).width(), std::span(args).first(2));
        break;
      default:
        mine.value =
            apply(e.op(), e.sort(), e.arg(e.arity() - 1).width(), std::span(args).first(e.arity()));
        break;
    }
  }
  return slots_[root.id()].value;
}

void Justifier::need(Expr e, std::uint64_t bits) {
  if (bits == 0 || e.op() == Op::constant || e.op() == Op::input) {
    return;
  }
  Slot& mine = slots_[e.id()];
  assert(mine.epoch == epoch_);
  mine.needed |= bits;
  if (!mine.queued) {
    mine.queued = true;
    heap_.push_back(e);
    std::push_heap(heap_.begin(), heap_.end(), older);
  }
}

void Justifier::require(Expr e, std::uint64_t bits) {
  value(e);
  need(e, bits);
}

std::vector<std::pair<VarId, std::uint64_t>> Justifier::reasons() {
  std::vector<std::pair<VarId, std::uint64_t>> result;
  while (!heap_.empty()) {
    std::pop_heap(heap_.begin(), heap_.end(), older);
    const Expr e = heap_.back();
    heap_.pop_back();
    const std::uint64_t needed = slots_[e.id()].needed;
    if (e.op() == Op::variable) {
      result.emplace_back(e.index(), needed);
    } else {
      explain(e, needed);
    }
  }
  std::sort(result.begin(), result.end());
  return result;
}

void Justifier::explain(Expr e, std::uint64_t needed) {
  switch (e.op()) {
    case Op::not_: need(e.arg(0), needed); return;
    case Op::and_: explain_junction(e, needed, 0); return;
    case Op::or_: explain_junction(e, needed, e.sort().mask()); return;
    case Op::xor_:  // every bit depends on both
      need(e.arg(0), needed);
      need(e.arg(1), needed);
      return;
    case Op::add:
    case Op::sub:
    case Op::mul:  // carries only go up
      need(e.arg(0), up_to(needed));
      need(e.arg(1), up_to(needed));
      return;
    case Op::udiv:
    case Op::urem:
      need(e.arg(0), e.arg(0).sort().mask());
      need(e.arg(1), e.arg(1).sort().mask());
      return;
    case Op::shl:
    case Op::lshr:
    case Op::ashr: explain_shift(e, needed); return;
    case Op::eq:
    case Op::ult:
    case Op::ule:
    case Op::slt:
    case Op::sle: explain_comparison(e); return;
    case Op::ite:
      need(e.arg(0), 1);
      need(slots_[e.arg(0).id()].value != 0 ? e.arg(1) : e.arg(2), needed);
      return;
    case Op::extract: need(e.arg(0), needed << e.lo()); return;
    case Op::concat: {
      const unsigned at = e.arg(1).width();
      need(e.arg(1), needed & e.arg(1).sort().mask());
      need(e.arg(0), needed >> at);
      return;
    }
    case Op::constant:
    case Op::variable:
    case Op::input: break;
  }
  assert(false && "leaves explain themselves");
}

/// And, or: a bit with the controlling value needs one argument that has it, others need both.
void Justifier::explain_junction(Expr e, std::uint64_t needed, std::uint64_t controlling) {
  const Expr a = e.arg(0);
  const Expr b = e.arg(1);
  const Slot& left = slots_[a.id()];
  const Slot& right = slots_[b.id()];
  const std::uint64_t controlled_by_a = ~(left.value ^ controlling);
  const std::uint64_t controlled_by_b = ~(right.value ^ controlling);
  const std::uint64_t neither = needed & ~controlled_by_a & ~controlled_by_b;
  std::uint64_t either = needed & controlled_by_a & controlled_by_b;
  // Where both would do, take what is free or already asked for; else the older, shallower one.
  std::uint64_t by_b = 0;
  if (b.op() == Op::constant || b.op() == Op::input) {
    by_b = either;
  } else if (a.op() != Op::constant && a.op() != Op::input) {
    by_b = either & ~left.needed & (a.id() < b.id() ? right.needed : ~std::uint64_t{0});
  }
  either &= ~by_b;
  need(a, neither | either | (needed & controlled_by_a & ~controlled_by_b));
  need(b, neither | by_b | (needed & controlled_by_b & ~controlled_by_a));
}

/// The amount as a whole, and the bits that it brings to the needed places.
void Justifier::explain_shift(Expr e, std::uint64_t needed) {
  const Expr a = e.arg(0);
  const std::uint64_t amount = slots_[e.arg(1).id()].value;
  const unsigned width = e.width();
  const std::uint64_t mask = e.sort().mask();
  const std::uint64_t sign = std::uint64_t{1} << (width - 1);
  need(e.arg(1), e.arg(1).sort().mask());
  if (amount >= width) {
    need(a, e.op() == Op::ashr ? sign : 0);
    return;
  }
  if (e.op() == Op::shl) {
    need(a, needed >> amount);
    return;
  }
  const std::uint64_t from = (needed << amount) & mask;
  const bool copies_of_sign = e.op() == Op::ashr && (needed & ~(mask >> amount)) != 0;
  need(a, from | (copies_of_sign ? sign : 0));
}

/// Equal values need all bits. Of values that differ, one differing bit decides "equal", and the
/// bits from the highest differing one up decide "less" (signed too: the sign is among them).
void Justifier::explain_comparison(Expr e) {
  const Expr a = e.arg(0);
  const Expr b = e.arg(1);
  const Slot& left = slots_[a.id()];
  const Slot& right = slots_[b.id()];
  const std::uint64_t all = a.sort().mask();
  const std::uint64_t differing = left.value ^ right.value;
  std::uint64_t bits = all;
  if (differing != 0 && e.op() == Op::eq) {
    const std::uint64_t known = differing & (left.needed | right.needed);
    const std::uint64_t pick = known != 0 ? known : differing;
    bits = pick & (~pick + 1);
  } else if (differing != 0) {
    bits = all & ~(up_to(differing) >> 1U);
  }
  need(a, bits);
  need(b, bits);
}

}  // namespace airlock::prove
