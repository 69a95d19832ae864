// The matrix: fixes x properties, each cell decided twice.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "checker/compare/cost.hpp"
#include "checker/compare/decide.hpp"
#include "checker/compare/prove_certificate.hpp"
#include "checker/compare/two_runs.hpp"
#include "checker/trace/untracked.hpp"

namespace airlock {

/// A row to be: how to build its systems. The functions may be called from any thread.
struct RowInput {
  std::string fix;
  std::string summary;
  std::function<TransitionSystem()> build;
  std::function<CostSystem()> build_for_cost;  ///< may be empty: no costs
  /// Statements about two runs: further cells of the row.
  std::vector<std::function<TwoRuns()>> two_runs = {};
  /// What a certificate says it is about. Empty: no certificates.
  std::function<CertificateHeading(const Property& property, const TransitionSystem& system,
                                   const Pins& pins)>
      certificate_heading = {};
};

/// A verdict and its second opinion.
struct Cell {
  Decision decision;
  Outcome check;                         ///< the other engine's, agreeing or unknown
  std::optional<Certified> certificate;  ///< of what rests on a proof, or why there is none
  /// About two runs: one engine decides it. A trace is replayed, a proof has two certificates.
  bool two_runs = false;
  /// Of a violation in a slice of a kernel: which untracked choices it needs.
  std::optional<AlarmCheck> alarm = {};
  bool remembered = false;  ///< decided before, about an equal slice (checker/cli/stored_cell)
  [[nodiscard]] bool confirmed() const { return check.answer != Reachability::unknown; }
};

struct Row {
  std::string fix;
  std::string summary;
  std::shared_ptr<Subject> subject;                       ///< keeps the traces alive
  std::vector<std::shared_ptr<TwoRunsSubject>> two_runs;  ///< likewise
  std::vector<Cell> cells;  ///< in the order of the system's properties, then of two_runs
  std::optional<Costs> costs;
  double build_seconds = 0;
  double explore_seconds = 0;  ///< in explicit search, reductions included
  double pins_seconds = 0;     ///< in the proofs that settle which pins are needed
};

struct Matrix {
  std::vector<Row> rows;
  /// What every "holds" rests on beside the systems' own assumptions: what was not asked.
  std::vector<std::string> assumptions;
  double seconds = 0;
};

/// Two engines that should agree do not: one of them, or the model's semantics, is wrong. what()
/// shows both evidences.
class EnginesDisagree : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// Who is asked a second time: Z3, unless a test wants to see two engines disagree.
struct SecondOpinion {
  /// A shortest path to the only target; one of so many steps is expected.
  std::function<Outcome(const Reduce&, std::uint64_t steps, const EngineContext&)> path;
  /// Per target, whether it can be reached at all.
  std::function<std::vector<Outcome>(const Reduce&, const EngineContext&)> proof;
};
SecondOpinion second_opinion_of_z3();

struct MatrixOptions {
  Pins chosen;                          ///< --choice
  std::vector<std::string> properties;  ///< only these; empty: all
  SecondOpinion second = second_opinion_of_z3();
  EngineContext context;  ///< jobs: rows and cells side by side
  /// Called after each piece of work, from one thread at a time.
  std::function<void(std::size_t done, std::size_t total, const std::string& what)> progress;
};

/// Decides every cell with explicit search and again with Z3. A violation's shortest length must be
/// the same. What holds under the pins is proved by Z3 under the fewest pins that it needs; a
/// violation that Z3 finds under all of them is a disagreement. Throws EnginesDisagree, and
/// InputError for what is wrong in the files.
Matrix compare(const std::vector<RowInput>& rows, const MatrixOptions& options);

}  // namespace airlock
