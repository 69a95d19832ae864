// Reductions: a smaller transition system in which the same targets are reachable, in the same
// number of steps, and the way back for paths. See reduce.cpp for why each one is exact.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "model/system/system.hpp"

namespace airlock {

struct ReduceOptions {
  bool narrow = true;          ///< remove bits that are constant in every reachable state
  bool cone = true;            ///< drop what no target depends on
  bool dead_variables = true;  ///< set variables to 0 where nothing will read them
  bool merge_rules = true;     ///< of rules that came to do the same, keep one
};

/// A reduced system, in a pool of its own (so that threads can reduce one system side by side).
class Reduction {
 public:
  /// `targets`: predicates over the variables of `original`. With an empty list of targets, a cone
  /// would be empty, so pass `cone = false` for questions about the whole system.
  Reduction(const TransitionSystem& original, std::span<const Expr> targets,
            const ReduceOptions& options = {});
  ~Reduction();
  Reduction(Reduction&&) noexcept;
  Reduction& operator=(Reduction&&) noexcept;

  /// What was asked for.
  [[nodiscard]] const ReduceOptions& options() const;
  /// Has no properties; choices and display names are kept where their variables are.
  [[nodiscard]] const TransitionSystem& system() const;
  /// The targets, over the reduced system's variables, in the order given.
  [[nodiscard]] std::span<const Expr> targets() const;
  /// The same path in the original system: same rules, inputs that were dropped taken as 0.
  [[nodiscard]] Path lift(const Path& reduced) const;
  /// The original system's rule behind rule `rule` of the reduced system.
  [[nodiscard]] std::uint32_t rule_origin(std::uint32_t rule) const;
  /// The original system's variable (id) and bit behind bit `bit` of reduced variable `variable`.
  [[nodiscard]] std::pair<VarId, unsigned> origin(VarId variable, unsigned bit) const;
  [[nodiscard]] std::size_t original_variables() const;
  /// Bits of an original variable that narrowing found constant, as {mask, value}. Facts about the
  /// original system if no dead variables were set to 0 on the way.
  [[nodiscard]] std::pair<std::uint64_t, std::uint64_t> constant_bits(VarId variable) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// "Some rule can fire here": the disjunction of the guards with their inputs quantified away,
/// over variables only. always_can_continue is built on it. Throws std::length_error for a guard
/// that depends on its inputs in more ways than fit 200,000 nodes.
Expr can_continue(const TransitionSystem& system);

}  // namespace airlock
