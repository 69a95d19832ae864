// Certificates: proofs that people can check who trust neither Airlock nor Z3.
//
// A certificate is an SMT-LIB 2 script of three queries about one inductive invariant: initial
// states satisfy it, every step keeps it, no state of it violates the property. Any solver answers
// unsat three times. The script speaks of the whole system, before any reduction.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "checker/engine.hpp"
#include "model/system/system.hpp"

namespace airlock {

/// What the proof is about: "model", "fix", "property" and so on with their values, in the order in
/// which they are written. Names are without ':' and not empty; a name may come several times.
using CertificateHeading = std::vector<std::pair<std::string, std::string>>;

/// The certificate of `invariant`, which excludes `target`. Nothing is checked here. `system` is
/// validated, its expressions in a pool of its own to which expressions may be added; the same
/// system, built the same way, gives the same text.
std::string write_certificate(const TransitionSystem& system, Expr target,
                              const Invariant& invariant, const CertificateHeading& heading);

/// What a certificate's text says of itself.
struct CertificateParts {
  CertificateHeading heading;
  std::string conjuncts;  ///< the invariant's, as they are written
  std::size_t first = 0;  ///< line of the first conjunct in the text
};

/// Takes a certificate apart. Throws InputError naming `file` if the text is no certificate.
CertificateParts read_certificate(const std::string& file, const std::string& text);

/// The certificate that these conjuncts and this heading would make for `system` and `target`.
/// A text that equals it proves that the invariant excludes the target, if its three answers are
/// unsat: nothing in it but the conjuncts comes from the file.
std::string certificate_with(const TransitionSystem& system, Expr target,
                             const std::string& conjuncts, const CertificateHeading& heading);

/// The value of the first line with this name, or "".
std::string heading_value(const CertificateHeading& heading, const std::string& name);

}  // namespace airlock
