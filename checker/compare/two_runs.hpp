// Statements about two runs, decided.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "checker/compare/decide.hpp"
#include "checker/compare/prove_certificate.hpp"

namespace airlock {

/// A product of two systems and what to look at before it and beside it. The first property of each
/// system is the question about it. The systems may share a pool: one thread at a time.
struct TwoRuns {
  TransitionSystem system;
  /// With fewer runs: the same variables, rules (by index), inputs and property. A path of one is
  /// a path of `system`. The calmest first: where a violation needs little, a trace shows little.
  std::vector<TransitionSystem> calmer;
  /// Must hold on every choice for "holds" about `system` to be believed.
  TransitionSystem support;
  /// For the support, for what holds under fewer pins, and for proofs to show: PDR where the
  /// product is not much larger than one world, else exhaustive search.
  Engine prover = Engine::explore;
};

/// Owns the systems; the traces of decisions borrow from it.
class TwoRunsSubject {
 public:
  /// `chosen`: as Subject's.
  TwoRunsSubject(TwoRuns runs, const Pins& chosen);

  [[nodiscard]] const Property& property() const { return subject_.system().properties.front(); }
  [[nodiscard]] const Subject& subject() const { return subject_; }
  /// Under which the support must hold: what the user has settled, and nothing else.
  [[nodiscard]] const Pins& support_pins() const { return support_pins_; }

  /// `engine` automatic: exhaustive search under all pins, first with fewer runs, so that a
  /// violation's trace is the shortest among the calmest runs that have one, not among all; the
  /// prover under fewer pins. Holds only with the support; without it the verdict is unknown, with
  /// the reason.
  Decision decide(Engine engine, const EngineContext& context);

 private:
  std::vector<Outcome> search(const Reduce& reduce, Engine engine, const EngineContext& context);
  void require_support(Decision& decision, const EngineContext& context);

  Subject subject_;
  std::vector<std::unique_ptr<Subject>> calmer_;
  Subject support_;
  Engine prover_;
  Pins support_pins_;
};

/// What a certificate of `property` of a system says it is about.
using HeadingOf =
    std::function<CertificateHeading(const Property&, const TransitionSystem&, const Pins&)>;

/// The certificate of "holds" about two runs under `pins`, with that of the support, or why there
/// is none. `runs` are freshly built; expressions may be added.
Certified certify_two_runs(const TwoRuns& runs, const Pins& pins, const Pins& support_pins,
                           const HeadingOf& heading, const EngineContext& context);

}  // namespace airlock
