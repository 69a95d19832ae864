// What comparisons are made from, and what becomes of their certificates.
#pragma once

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

}  // namespace airlock
