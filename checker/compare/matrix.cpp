// Every cell is decided by two engines that share nothing but the reduction of the system: explicit
// search over states, and Z3 over formulas. A bug in one shows as a disagreement, which is never
// smoothed over. Explicit search goes first, under all pins, where the states are fewest. Z3 then
// searches for a path of exactly the length that was found; or it proves, and since a proof over
// formulas costs the same whether a choice is free or not while each free choice doubles the
// states, Z3 is also the one to find out which pins a proof needs. A proof under fewer pins is one
// under all pins, so that it confirms the cell as it settles what the cell assumes; and it is
// checked by a fresh solver, as the runs that show a pin to be needed are checked by replay.
#include "checker/compare/matrix.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <map>
#include <mutex>

#include "checker/compare/tasks.hpp"
#include "checker/support/stopwatch.hpp"

namespace airlock {
namespace {

using Clock = std::chrono::steady_clock;

std::string evidence(const Outcome& outcome) {
  switch (outcome.answer) {
    case Reachability::reachable: return fmt::format("reachable in {} steps", outcome.depth);
    case Reachability::unreachable: return "unreachable";
    case Reachability::unknown: break;
  }
  return outcome.reason;
}

class Comparison {
 public:
  Comparison(const std::vector<RowInput>& inputs, const MatrixOptions& options)
      : inputs_(inputs),
        options_(options),
        tasks_(options.context.jobs, options.context.cancelled) {}

  Matrix run() {
    const Clock::time_point start = Clock::now();
    matrix_.rows.resize(inputs_.size());
    total_ = inputs_.size();
    // The last row first: fixes are listed in the order in which they were made, the later ones
    // have the longer traces and the harder proofs, and what takes long should not begin last.
    for (std::size_t row = inputs_.size(); row-- > 0;) {
      tasks_.add([this, row] { decide_row(row); });
    }
    for (std::size_t row = 0; row < inputs_.size(); ++row) {
      if (inputs_[row].build_for_cost) {
        ++total_;
        tasks_.add([this, row] { cost_row(row); });
      }
    }
    tasks_.run();
    matrix_.seconds = seconds_since(start);
    return std::move(matrix_);
  }

 private:
  /// The engines' share of the threads: all of them when there are fewer rows than threads.
  [[nodiscard]] EngineContext context() const {
    EngineContext result = options_.context;
    result.cancelled = tasks_.cancelled();
    result.progress = nullptr;
    result.jobs = std::max(1U, options_.context.jobs /
                                   static_cast<unsigned>(std::max<std::size_t>(inputs_.size(), 1)));
    return result;
  }

  void done(const std::string& what) {
    const std::lock_guard lock(mutex_);
    ++done_;
    if (options_.progress) {
      options_.progress(done_, total_, what);
    }
  }

  /// What a row says for which there was no time.
  static std::vector<Decision> not_asked(const std::vector<const Property*>& properties,
                                         const Subject& subject, const EngineContext& context) {
    std::vector<Decision> decisions;
    for (const Property* property : properties) {
      Decision& decision = decisions.emplace_back();
      decision.property = property;
      decision.verdict = Verdict::unknown;
      decision.pins = subject.pins();
      decision.reason = context.why_stopped();
      decision.outcome.engine = "explore";
      decision.outcome.reason = decision.reason;
      decision.outcome.covered = {{"explore", 0, 0, 0, decision.reason}};
    }
    return decisions;
  }

  void decide_row(std::size_t index) {
    const RowInput& input = inputs_[index];
    Row& row = matrix_.rows[index];
    const Clock::time_point start = Clock::now();
    row.fix = input.fix;
    row.summary = input.summary;
    row.subject = std::make_shared<Subject>(input.build(), options_.chosen);
    row.build_seconds = seconds_since(start);
    const std::vector<const Property*> properties = chosen_properties(row.subject->system());
    const EngineContext own = context();
    // Whoever stops a comparison need not wait for systems that are reduced and then not looked at.
    EngineContext one_thread = own;
    one_thread.jobs = 1;
    const auto explored = [&](const EngineContext& context) {
      return timed(row.explore_seconds, [&context](const Reduce& reduce) {
        return solve(reduce, Engine::explore, context);
      });
    };
    const Solver proved = timed(
        row.pins_seconds, [&](const Reduce& reduce) { return options_.second.proof(reduce, own); });
    const bool certified = static_cast<bool>(input.certificate_heading);
    std::vector<Decision> decisions =
        own.should_stop() ? not_asked(properties, *row.subject, own)
                          : decide(*row.subject, properties, explored(own),
                                   {proved, own.jobs, certified, explored(one_thread)});
    const std::size_t about_one_run = decisions.size();
    for (const auto& build : input.two_runs) {
      row.two_runs.push_back(std::make_shared<TwoRunsSubject>(build(), options_.chosen));
      decisions.push_back(row.two_runs.back()->decide(Engine::automatic, own));
    }
    row.cells.resize(decisions.size());
    for (std::size_t i = 0; i < decisions.size(); ++i) {
      row.cells[i].decision = std::move(decisions[i]);
      row.cells[i].two_runs = i >= about_one_run;
    }
    const std::lock_guard lock(mutex_);
    total_ += about_one_run;
    ++done_;
    for (std::size_t i = 0; i < about_one_run; ++i) {
      tasks_.add_first([this, &row, i] { check_cell(row, i); });
    }
    for (std::size_t i = about_one_run; i < row.cells.size(); ++i) {
      if (input.certificate_heading && row.cells[i].decision.verdict == Verdict::holds) {
        ++total_;
        tasks_.add_first(
            [this, &row, i, which = i - about_one_run] { certify_two(row, i, which); });
      }
    }
  }

  void certify_two(Row& row, std::size_t index, std::size_t which) {
    const RowInput& input = input_of(row);
    Cell& cell = row.cells[index];
    const TwoRuns runs = input.two_runs[which]();  // its own, so that threads share no pool
    cell.certificate =
        certify_two_runs(runs, cell.decision.pins, row.two_runs[which]->support_pins(),
                         input.certificate_heading, context());
    done(row.fix + ": " + cell.decision.property->name);
  }

  [[nodiscard]] std::vector<const Property*> chosen_properties(
      const TransitionSystem& system) const {
    std::vector<const Property*> result;
    for (const Property& property : system.properties) {
      const std::vector<std::string>& wanted = options_.properties;
      if (wanted.empty() ||
          std::find(wanted.begin(), wanted.end(), property.name) != wanted.end()) {
        result.push_back(&property);
      }
    }
    return result;
  }

  void cost_row(std::size_t index) {
    const EngineContext own = context();
    Costs& costs = matrix_.rows[index].costs.emplace();
    if (own.should_stop()) {
      costs.reason = own.why_stopped();
    } else {
      const CostSystem cost = inputs_[index].build_for_cost();
      costs = measure_cost(cost, default_pins(cost.system, options_.chosen), own);
    }
    done(inputs_[index].fix + ": cost");
  }

  void check_cell(Row& row, std::size_t index) {
    Cell& cell = row.cells[index];
    if (cell.decision.verdict == Verdict::unknown) {
      decide_otherwise(row, cell);
    } else if (cell.decision.freed) {
      cell.check = *cell.decision.freed;  // a proof under fewer pins is one under all
    } else if (cell.decision.trace) {
      check_path(row, cell);
    } else {
      check_proof(row, cell);
    }
    certify_cell(row, cell);
    done(row.fix + ": " + cell.decision.property->name);
  }

  /// Adds up the time that `solver` takes, in all threads together.
  Solver timed(double& seconds, Solver solver) {
    return [this, &seconds, solver = std::move(solver)](const Reduce& reduce) {
      const Clock::time_point start = Clock::now();
      std::vector<Outcome> outcomes = solver(reduce);
      const std::lock_guard lock(mutex_);
      seconds += seconds_since(start);
      return outcomes;
    };
  }

  [[nodiscard]] const RowInput& input_of(const Row& row) const {
    return inputs_[static_cast<std::size_t>(&row - matrix_.rows.data())];
  }

  /// What was proved is put down as a certificate that cvc5 accepts, whoever answered first.
  void certify_cell(const Row& row, Cell& cell) {
    const RowInput& input = input_of(row);
    const Decision& decision = cell.decision;
    if (!input.certificate_heading || cell.two_runs || decision.verdict == Verdict::unknown ||
        decision.trace) {
      return;
    }
    const TransitionSystem system = input.build();  // its own, so that threads share no pool
    const Property& property = *system.find_property(decision.property->name);
    cell.certificate =
        certify(system, property.name, decision.pins, cell.check.by_place,
                input.certificate_heading(property, system, decision.pins), context());
  }

  /// Explicit search gave up (memory): Z3 may still decide, without a second opinion.
  void decide_otherwise(Row& row, Cell& cell) {
    const EngineContext own = context();
    if (own.should_stop()) {
      return;
    }
    const std::vector<const Property*> properties{cell.decision.property};
    std::vector<Decision> decisions = decide(*row.subject, properties, [&](const Reduce& reduce) {
      return solve(reduce, Engine::pdr, own);
    });
    Decision& second = decisions.front();
    if (second.verdict != Verdict::unknown) {
      cell.decision = std::move(second);
      return;
    }
    cell.decision.reason += "; " + second.outcome.engine + ": " + second.reason;
    std::vector<Covered>& covered = cell.decision.outcome.covered;
    covered.insert(covered.end(), second.outcome.covered.begin(), second.outcome.covered.end());
  }

  /// `whole`: what is found is to be about the system as it is (dead variables and all).
  static Reduce reduce(Row& row, const Cell& cell, bool whole = false) {
    return [&row, &cell, whole] {
      const std::vector<const Property*> properties{cell.decision.property};
      ReduceOptions options;
      options.dead_variables = !whole;
      return row.subject->reduce(cell.decision.pins, properties, options);
    };
  }

  /// Bounded search must find a path of the same length: neither a shorter one nor none.
  void check_path(Row& row, Cell& cell) {
    const EngineContext own = context();
    const std::size_t steps = cell.decision.trace->steps();
    Outcome outcome = options_.second.path(reduce(row, cell), steps, own);
    if (outcome.path) {
      // Replayed like any other: the second engine's word is worth no more than the first's.
      const Trace trace = make_trace(row.subject->pinned(cell.decision.pins),
                                     *cell.decision.property, *std::move(outcome.path));
      outcome.depth = trace.steps();
      outcome.path.reset();
    }
    const bool same = outcome.answer == Reachability::reachable && outcome.depth == steps;
    // Who gave up, for whatever reason, has not contradicted anybody.
    const bool gave_up = outcome.answer == Reachability::unknown &&
                         (!outcome.no_path_within || *outcome.no_path_within < steps);
    if (!same && !gave_up) {
      disagree(row, cell, outcome);
    }
    cell.check = std::move(outcome);
  }

  void check_proof(Row& row, Cell& cell) {
    const bool certified = static_cast<bool>(input_of(row).certificate_heading);
    Outcome outcome = options_.second.proof(reduce(row, cell, certified), context())[0];
    if (outcome.answer == Reachability::reachable) {
      disagree(row, cell, outcome);
    }
    cell.check = std::move(outcome);
  }

  [[noreturn]] static void disagree(const Row& row, const Cell& cell, const Outcome& other) {
    std::string pins;
    for (const auto& [name, option] : cell.decision.pins) {
      pins += (pins.empty() ? "" : ", ") + name + "=" + option;
    }
    throw EnginesDisagree(fmt::format(
        "engines disagree about {} under fix {} (pinned: {}):\n  explore: {}\n  {}: {}",
        cell.decision.property->name, row.fix, pins.empty() ? "nothing" : pins,
        cell.decision.trace ? fmt::format("reachable in {} steps", cell.decision.trace->steps())
                            : evidence(cell.decision.outcome),
        other.engine, evidence(other)));
  }

  const std::vector<RowInput>& inputs_;
  const MatrixOptions& options_;
  Tasks tasks_;
  Matrix matrix_;
  std::mutex mutex_;
  std::size_t done_ = 0;
  std::size_t total_ = 0;
};

}  // namespace

SecondOpinion second_opinion_of_z3() {
  return {[](const Reduce& reduce, std::uint64_t steps, const EngineContext& context) {
            // Unrolling is quicker for short paths; PDR is, from about nine steps on. Both are
            // shortest.
            constexpr std::uint64_t short_path = 8;
            return steps <= short_path ? search_within(reduce(), steps, context)
                                       : solve(reduce, Engine::pdr, context)[0];
          },
          [](const Reduce& reduce, const EngineContext& context) {
            return solve(reduce, Engine::pdr, context);
          }};
}

Matrix compare(const std::vector<RowInput>& rows, const MatrixOptions& options) {
  return Comparison(rows, options).run();
}

}  // namespace airlock
