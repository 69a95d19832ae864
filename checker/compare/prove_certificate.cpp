// The way to a certificate: a proof about the reduced system; fewest clauses (Z3); the same about
// the whole system, with fewest constants (Z3); the text; cvc5's three answers. Each step could be
// wrong without harm: what counts is that cvc5 accepts the text, and that the text says of the
// system what it should, which write.cpp alone is responsible for.
//
// Copies of the system are made for each step, so that the text depends on nothing but the system:
// expressions are ordered by when they were built.
#include "checker/compare/prove_certificate.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <vector>

#include "checker/certificate/check.hpp"
#include "checker/compare/explored_proof.hpp"
#include "checker/compare/solve.hpp"
#include "checker/prove/prove.hpp"
#include "checker/support/stopwatch.hpp"
#include "model/system/input_error.hpp"
#include "model/system/reduce.hpp"

namespace airlock {
namespace {

using Clock = std::chrono::steady_clock;

/// The question: a system and a target, as they are and reduced.
class Question {
 public:
  Question(const TransitionSystem& system, const std::string& property, const Pins& pins)
      : pinned_(pin(system, pins)), targets_{target_of(*system.find_property(property))} {}

  /// A copy, unreduced, in a pool of its own.
  [[nodiscard]] Reduction whole() const { return {pinned_, targets_, {false, false, false}}; }
  [[nodiscard]] Reduction reduced() const { return {pinned_, targets_, {true, true, false}}; }

 private:
  TransitionSystem pinned_;
  std::vector<Expr> targets_;
};

/// What is left for a query, in seconds.
std::optional<double> time_left(const EngineContext& context) {
  if (!context.deadline) {
    return std::nullopt;
  }
  return std::max(0.0, std::chrono::duration<double>(*context.deadline - Clock::now()).count());
}

/// Throws std::runtime_error for a question that cvc5 does not decide.
void require_unsat(const std::string& text, const EngineContext& context) {
  static constexpr const char* queries[] = {"initiation", "consecution", "safety"};
  const std::vector<QueryAnswer> answers = [&] {
    try {
      return ask_cvc5("certificate", text, time_left(context));
    } catch (const InputError& error) {
      throw std::logic_error(std::string("a certificate cannot be read: ") + error.what());
    }
  }();
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (answers[i].answer == Answer::sat) {
      throw std::logic_error(std::string("cvc5 refuses a certificate: ") + queries[i] + " fails");
    }
    if (answers[i].answer == Answer::unknown) {
      throw std::runtime_error(std::string("cvc5 does not decide ") + queries[i] + ": " +
                               answers[i].detail);
    }
  }
  if (answers.size() != 3) {
    throw std::logic_error("a certificate has three queries");
  }
}

/// Throws std::logic_error for a path: none should exist.
std::optional<Invariant> proof_in(Outcome outcome) {
  if (outcome.answer == Reachability::reachable) {
    throw std::logic_error("a property that holds has no proof: " + outcome.engine +
                           " finds a path");
  }
  return std::move(outcome.by_place);
}

/// Throws std::runtime_error if there is none. Where the states can be visited, the proof is read
/// off them; PDR need not visit them.
Invariant find_proof(const Question& question, Engine finder, const EngineContext& context) {
  if (finder != Engine::pdr) {
    if (std::optional<Invariant> proof = proof_in(explored_proof(question.reduced(), context))) {
      return *std::move(proof);
    }
  }
  const Outcome outcome = solve([&] { return question.reduced(); }, Engine::pdr, context).front();
  if (std::optional<Invariant> proof = proof_in(outcome)) {
    return *std::move(proof);
  }
  throw std::runtime_error(outcome.reason.empty() ? "out of time" : outcome.reason);
}

}  // namespace

Certified certify(const TransitionSystem& system, const std::string& property, const Pins& pins,
                  const std::optional<Invariant>& proof, const CertificateHeading& heading,
                  const EngineContext& context, Engine finder) {
  const Clock::time_point start = Clock::now();
  Certified result;
  result.property = property;
  try {
    const Question question(system, property, pins);
    const Reduction scratch = question.whole();
    result.invariant =
        with_needed_constants(scratch.system(), scratch.targets()[0],
                              proof ? *proof : find_proof(question, finder, context), context);
    for (const Invariant::Place& place : result.invariant.places) {
      result.clauses += place.clauses.size();
    }
    const Reduction clean = question.whole();
    std::string text =
        write_certificate(clean.system(), clean.targets()[0], result.invariant, heading);
    const Clock::time_point written = Clock::now();
    require_unsat(text, context);
    result.check_seconds = seconds_since(written);
    result.text = std::move(text);
    result.explanation = explain(scratch.system(), result.invariant);
  } catch (const std::runtime_error& undecided) {
    result.reason = undecided.what();
  }
  result.seconds = seconds_since(start);
  return result;
}

std::string expected_certificate(const TransitionSystem& system, const std::string& property,
                                 const Pins& pins, const std::string& conjuncts,
                                 const CertificateHeading& heading) {
  const Reduction clean = Question(system, property, pins).whole();
  return certificate_with(clean.system(), clean.targets()[0], conjuncts, heading);
}

}  // namespace airlock
