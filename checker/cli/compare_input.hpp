// What comparisons are made from, and what becomes of their certificates.
#pragma once

#include <optional>

#include "checker/cli/expectation_input.hpp"
#include "checker/cli/session.hpp"
#include "checker/compare/matrix.hpp"
#include "checker/compare/render.hpp"

namespace airlock {

/// The row of `fix`, with costs and, unless the options say otherwise, certificates. Borrows the
/// session.
[[nodiscard]] RowInput row_input(const Session& session, const Fix& fix);

/// Writes DIR/FIX/PROPERTY.smt2 for each certificate, if --certificate asks for it.
void write_certificates(const Session& session, Matrix& matrix);

/// Borrows the session.
[[nodiscard]] MatrixHeading heading_of(const Session& session);

/// A decided matrix, with all that is said around it before it is shown.
struct Finished {
  MatrixHeading heading;
  std::optional<Compared> expected;  ///< with --expect
};

/// Writes the files that the options ask for (certificates, --write-expect) and compares the matrix
/// with what was expected. Borrows the session. Throws as write_certificates and write_expectations
/// do.
[[nodiscard]] Finished finished(const Session& session, Matrix& matrix,
                                const std::optional<Expectations>& expectations);

}  // namespace airlock
