// The transition system in other people's formats, so that their tools can answer the same
// questions. Each writer is one file; all of them write plain ASCII (AIGER's gates are binary).
#pragma once

#include <cstdint>
#include <iosfwd>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "model/system/system.hpp"

namespace airlock {

/// States that the reader of the file is to look for.
struct ExportTarget {
  std::string name;  ///< the property's; may contain anything
  Expr states;       ///< Bool, over the system's variables
};

/// What is written. `system` is borrowed; writers may add expressions to its pool.
struct ExportInput {
  const TransitionSystem& system;
  std::vector<ExportTarget> targets;
  /// Sentences for the head of the file: which model, fix, parameters, pins and actors.
  std::vector<std::string> about;
};

/// The system asks for something that a format cannot say. what() is a sentence for the user.
class NotExportable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Binary AIGER 1.9, a bad state detector per target. See aiger.cpp for the circuit.
void write_aiger(std::ostream& out, const ExportInput& input);

/// BTOR2, a bad property per target.
void write_btor2(std::ostream& out, const ExportInput& input);

/// Constrained Horn clauses in SMT-LIB: sat if and only if no target is reachable.
void write_chc(std::ostream& out, const ExportInput& input);

/// A bounded question in SMT-LIB's QF_BV: sat if and only if the first target is reached within
/// `bound` steps. See unrolling.cpp.
void write_unrolling(std::ostream& out, const ExportInput& input, std::uint64_t bound);

/// Promela for SPIN; see promela.cpp for how SPIN counts. Targets become assertions.
void write_promela(std::ostream& out, const ExportInput& input);

/// Murphi as Rumur reads it, with the same states and as many rules fired as Airlock counts
/// transitions. Targets become invariants.
void write_murphi(std::ostream& out, const ExportInput& input);

}  // namespace airlock
