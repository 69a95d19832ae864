// Z3 as a SAT solver behind checker/sat's interface.
#pragma once

#include "checker/sat/sat_solver.hpp"

namespace airlock::prove {

/// `context` says when to stop; borrowed.
[[nodiscard]] std::unique_ptr<sat::SatSolver> make_z3_sat(const EngineContext& context);

}  // namespace airlock::prove
