// Which bits of a state made an expression have its value? Internal to checker/prove.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/system/system.hpp"

namespace airlock::prove {

/// Evaluates expressions of one pool in one state, and finds bits of variables that alone (with the
/// inputs as they are) force bits of their values. See justify.cpp.
class Justifier {
 public:
  /// Starts anew with this state and these inputs (by InputId). Both are borrowed.
  void begin(const State& state, const std::vector<std::uint64_t>& inputs);
  std::uint64_t value(Expr e);
  /// These bits of `e` must keep their values.
  void require(Expr e, std::uint64_t bits);
  /// Bits of variables that suffice for everything required, as (variable, mask), ascending.
  std::vector<std::pair<VarId, std::uint64_t>> reasons();

 private:
  struct Slot {
    std::uint64_t value = 0;
    std::uint64_t needed = 0;
    std::uint32_t epoch = 0;  // the others mean something only if this is the current one
    bool queued = false;
  };
  Slot& slot(Expr e);
  void need(Expr e, std::uint64_t bits);
  void explain(Expr e, std::uint64_t needed);
  void explain_junction(Expr e, std::uint64_t needed, std::uint64_t controlling);
  void explain_shift(Expr e, std::uint64_t needed);
  void explain_comparison(Expr e);

  const State* state_ = nullptr;
  const std::vector<std::uint64_t>* inputs_ = nullptr;
  std::uint32_t epoch_ = 0;
  std::vector<Slot> slots_;  // by node id
  std::vector<Expr> heap_;   // needed nodes, largest id first
  std::vector<Expr> stack_;
};

}  // namespace airlock::prove
