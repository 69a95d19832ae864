// What every command begins with: the project opened, the user's choices understood.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "checker/certificate/certificate.hpp"
#include "checker/cli/kernel_input.hpp"
#include "checker/cli/options.hpp"
#include "checker/compare/cost.hpp"
#include "checker/compare/subject.hpp"
#include "checker/compare/two_runs.hpp"
#include "checker/engine.hpp"
#include "checker/support/memory_budget.hpp"
#include "checker/trace/trace.hpp"
#include "model/world/project.hpp"

namespace airlock {

class Session {
 public:
  /// Opens the project: the models, or the slices of a kernel tree. Throws InputError.
  explicit Session(Options options);

  /// Patterns among --property have become the names that they match.
  [[nodiscard]] const Options& options() const { return options_; }
  [[nodiscard]] const Project& project() const { return project_; }
  /// Of a kernel tree its rows, with their receipts; else none.
  [[nodiscard]] const std::vector<SlicedRow>& trees() const { return trees_; }
  /// --choice, by its name; not yet checked against the system's choices.
  [[nodiscard]] const Pins& chosen() const { return chosen_; }

  /// The fixes that --fix names, each once; `otherwise` if it names none.
  [[nodiscard]] std::vector<Fix> fixes(const std::vector<Fix>& otherwise) const;
  /// The one fix that --fix names, or the base alone.
  [[nodiscard]] Fix fix() const;
  /// The world of `fix`, with the user's choices.
  [[nodiscard]] std::unique_ptr<Subject> build(const Fix& fix) const;
  /// The properties that --property names, in the system's order; all if it names none.
  [[nodiscard]] std::vector<const Property*> properties(const TransitionSystem& system) const;
  /// Likewise, where --property may also name statements about two runs.
  [[nodiscard]] std::vector<const Property*> properties_beside_two_runs(
      const TransitionSystem& system) const;
  /// The statements about two runs that --property names.
  [[nodiscard]] std::vector<std::string> two_run_properties() const;
  [[nodiscard]] TwoRuns build_two_runs(const Fix& fix, const std::string& property) const;
  /// The system that a certificate for the property of this name is about: a product, for a
  /// statement about two runs or its support; else the world of `fix`.
  [[nodiscard]] TransitionSystem system_for(const Fix& fix, const std::string& property) const;

  /// Name and value of each, as headings show them; then the features that are on.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> parameters() const;
  [[nodiscard]] std::vector<std::string> enabled_actors() const;
  /// What a certificate says it is about; everything that is needed to build the model again.
  [[nodiscard]] CertificateHeading certificate_heading(const Fix& fix, const Property& property,
                                                       const TransitionSystem& system,
                                                       const Pins& pins) const;
  /// Writes a certificate to DIR/PROPERTY.smt2, or to DIR/FIX/PROPERTY.smt2 if `by_fix`, where DIR
  /// is what --certificate says. Returns the path. Throws InputError.
  [[nodiscard]] std::string write_certificate(const std::string& fix, const std::string& property,
                                              const std::string& text, bool by_fix) const;
  [[nodiscard]] TraceHeading heading(const Fix& fix, const Pins& pins) const;
  /// What the slice of that row does not follow; null of a model.
  [[nodiscard]] std::shared_ptr<const UntrackedTexts> untracked(const std::string& fix) const;
  /// Deadline, threads and cancellation by signals; no progress.
  [[nodiscard]] EngineContext context() const;

 private:
  Options options_;
  std::chrono::steady_clock::time_point start_;
  Pins chosen_;
  std::vector<SlicedRow> trees_;
  Project project_;
  std::unique_ptr<MemoryBudget> memory_;  // shared by all searches of the command
};

/// What guards every "holds" (an assume() or undefined behaviour can make everything else hold) and
/// is not among `asked`.
std::vector<std::string> guards_not_among(const TransitionSystem& system,
                                          const std::vector<const Property*>& asked);

/// The same, each as a sentence for the list of assumptions.
std::vector<std::string> assumed_guards(const TransitionSystem& system,
                                        const std::vector<const Property*>& asked);

/// What --property noninterference stands for, in this order.
std::vector<std::string> all_two_run_properties();
/// Their names and what they say.
std::vector<std::pair<std::string, std::string>> two_run_texts();

}  // namespace airlock
