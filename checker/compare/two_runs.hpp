// Statements about two runs, decided.
#pragma once

#include <memory>
#include <vector>

#include "checker/compare/decide.hpp"

namespace airlock {

/// A product of two systems and what to look at before it and beside it. The first property of each
/// system is the question about it. The systems may share a pool: one thread at a time.
struct TwoRuns {
  TransitionSystem system;
  /// With fewer runs: the same variables, rules (by index), choices and property. A path of one is
  /// a path of `system`. The calmest first: where a violation needs little, a trace shows little.
  std::vector<TransitionSystem> calmer;
  /// Must hold on every reading for "holds" about `system` to be believed.
  TransitionSystem support;
  Engine support_engine = Engine::explore;
};

/// Owns the systems; the traces of decisions borrow from it.
class TwoRunsSubject {
 public:
  /// `chosen`: as Subject's.
  TwoRunsSubject(TwoRuns runs, const Pins& chosen);

  [[nodiscard]] const Property& property() const { return subject_.system().properties.front(); }
  [[nodiscard]] const Subject& subject() const { return subject_; }

  /// `engine` automatic: exhaustive search, first with fewer runs, so that a violation's trace is
  /// the shortest among the calmest runs that have one, not among all. Holds only with the support;
  /// without it the verdict is unknown, with the reason.
  Decision decide(Engine engine, const EngineContext& context);

 private:
  std::vector<Outcome> search(const Reduce& reduce, Engine engine, const EngineContext& context);
  void require_support(Decision& decision, const EngineContext& context);

  Subject subject_;
  std::vector<std::unique_ptr<Subject>> calmer_;
  Subject support_;
  Engine support_engine_;
  Pins support_pins_;  ///< what the user has settled, and nothing else
};

}  // namespace airlock
