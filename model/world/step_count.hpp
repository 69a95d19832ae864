// A count of steps in a row, which a loop drives to its top.
#pragma once

#include <string>

#include "model/system/system.hpp"

namespace airlock {

/// A hidden variable of `width` bits, 0 at first, that stays at its top once it is there. The
/// system is borrowed while it is constructed.
class StepCount {
 public:
  StepCount(TransitionSystem& system, const std::string& name, unsigned width)
      : variable_(system.add_variable(name, Sort::bits(width), system.pool->bits(width, 0), {},
                                      hidden())),
        count_(system.variable(variable_)),
        top_(same_sort(count_, count_.sort().mask())) {}

  [[nodiscard]] VarId variable() const { return variable_; }
  /// One more.
  [[nodiscard]] Update next() const {
    return {variable_, ite(eq(count_, top_), top_, count_ + same_sort(count_, 1))};
  }
  [[nodiscard]] Expr is_below_top() const { return ne(count_, top_); }

 private:
  VarId variable_;
  Expr count_;
  Expr top_;
};

}  // namespace airlock
