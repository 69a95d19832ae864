// From a verdict to a certificate that another solver has accepted.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "checker/certificate/certificate.hpp"
#include "checker/certificate/explain.hpp"
#include "checker/compare/solve.hpp"
#include "checker/engine.hpp"
#include "model/system/pin.hpp"

namespace airlock {

/// A certificate, or why there is none.
struct Certified {
  std::string property;      ///< what it is about
  std::string text;          ///< empty if there is none
  std::string file;          ///< where it was written, if it was
  Invariant invariant;       ///< what the text says, over the variables of the system
  Explanation explanation;   ///< the same in words
  std::string reason;        ///< why there is none
  std::size_t clauses = 0;   ///< of the invariant
  double seconds = 0;        ///< all of it
  double check_seconds = 0;  ///< cvc5's part
  /// Another certificate, without which this one does not prove the verdict (two_runs.hpp).
  std::shared_ptr<Certified> support;
};

/// A certificate that `property` of `system` (with all choices free, freshly built, expressions
/// may be added) has no reachable target under `pins`. `proof`, if there is one, is an invariant
/// that shows it, from solve(); otherwise one is looked for: by explored_proof() and then PDR, or
/// by PDR alone if `finder` says so. cvc5 accepts the result. Throws std::logic_error if it does
/// not.
Certified certify(const TransitionSystem& system, const std::string& property, const Pins& pins,
                  const std::optional<Invariant>& proof, const CertificateHeading& heading,
                  const EngineContext& context, Engine finder = Engine::automatic);

/// The certificate that `conjuncts` and `heading` would make for the same question.
std::string expected_certificate(const TransitionSystem& system, const std::string& property,
                                 const Pins& pins, const std::string& conjuncts,
                                 const CertificateHeading& heading);

}  // namespace airlock
