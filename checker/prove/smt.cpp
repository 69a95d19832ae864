// Queries that can be interrupted.
//
// Z3 has two incremental solvers to choose from. The SAT solver (logic QF_FD) is the faster one on
// unrollings, by far. But it prepares every check anew, at some 100 microseconds, and PDR asks tens
// of thousands of tiny questions; there the SMT core, used on the same Boolean formulas, is two to
// three times as fast and its unsatisfiable cores are smaller. (Measured on specs/kvm, fix merged:
// always_dr6_is_the_guests by PDR 8.7 s instead of 26 s; bounded search for it to depth 30, 20 s
// instead of more than 36 s.)
#include "checker/prove/smt.hpp"

#include <atomic>
#include <exception>
#include <system_error>

#include "checker/prove/prove.hpp"
#include "checker/support/memory_budget.hpp"
#include "checker/support/stopwatch.hpp"
#include "model/system/interpreter.hpp"
#include "model/system/stop.hpp"

namespace airlock::prove {
namespace {

/// What Z3 has taken, all its contexts in this process together, does not fit beside the states.
bool over_budget(const EngineContext& context) {
  return context.memory != nullptr && context.memory->exceeded_with(Z3_get_estimated_alloc_size());
}

const char* const out_of_memory = "out of memory: the limit is reached";

/// Why the engine should stop; empty if it should not. `slow`: the machine is asked, too.
std::string reason_to_stop(const EngineContext& context, bool slow = false) {
  if (context.should_stop()) {
    return context.why_stopped();
  }
  return over_budget(context) || (slow && memory_is_short()) ? out_of_memory : "";
}

/// Some watchdog of this process has interrupted Z3 because of memory.
std::atomic<bool> memory_ran_out{false};

/// Why Z3 gave up, which says so in `words`. If a watchdog interrupted it and there is no reason
/// for that any more, it was memory that Z3 has given back since. (Z3 calls it "canceled", too,
/// when it has used up a limit of its own.)
std::string reason_for(const std::string& words, const EngineContext& context) {
  if (std::string reason = reason_to_stop(context, true); !reason.empty()) {
    return reason;
  }
  const bool interrupted =
      words.find("canceled") != std::string::npos || words.find("interrupted") != std::string::npos;
  return interrupted && memory_ran_out.load() ? out_of_memory : "";
}

std::atomic<unsigned> left_behind{0};

/// Shared by who frees a context and who waits for it; the last of them lets it go.
struct Burial {
  std::mutex mutex;
  std::condition_variable changed;
  bool done = false;
  bool left = false;  // nobody waits any more
};

void free_context(std::unique_ptr<z3::context> context, const std::shared_ptr<Burial>& burial) {
  context.reset();
  const std::lock_guard lock(burial->mutex);
  burial->done = true;
  if (burial->left) {
    --left_behind;
  }
  burial->changed.notify_all();
}

}  // namespace

SolverContext::SolverContext(const EngineContext& context)
    : context_(context), z3_(std::make_unique<z3::context>()) {}

SolverContext::~SolverContext() {
  const auto burial = std::make_shared<Burial>();
  std::thread thread;
  try {
    // The thread owns what it frees only once it is there: without threads it is freed here.
    thread = std::thread(
        [z3 = z3_.get(), burial] { free_context(std::unique_ptr<z3::context>(z3), burial); });
  } catch (const std::system_error&) {
    return;
  }
  static_cast<void>(z3_.release());
  std::unique_lock lock(burial->mutex);
  while (!burial->changed.wait_for(lock, std::chrono::milliseconds(5),
                                   [&burial] { return burial->done; })) {
    if (context_.should_stop()) {
      burial->left = true;
      ++left_behind;
      thread.detach();
      return;
    }
  }
  lock.unlock();
  thread.join();
}

Watchdog::Watchdog(z3::context& solver_context, const EngineContext& context) {
  thread_ = std::thread([this, &solver_context, &context] {
    constexpr unsigned slow_turns = 20;  // 100 ms
    std::unique_lock lock(mutex_);
    for (unsigned turn = 1;
         !changed_.wait_for(lock, std::chrono::milliseconds(5), [this] { return done_; }); ++turn) {
      const std::string reason = reason_to_stop(context, turn % slow_turns == 0);
      if (reason == out_of_memory) {
        memory_ran_out = true;
      }
      if (!reason.empty()) {
        solver_context.interrupt();  // again and again: it only hits a query that is running
      }
    }
  });
}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    done_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void stop_if_asked(const EngineContext& context) {
  if (const std::string reason = reason_to_stop(context); !reason.empty()) {
    throw Undecided(reason);
  }
}

bool satisfiable(z3::solver& solver, const z3::expr_vector& assumptions,
                 const EngineContext& context) {
  stop_if_asked(context);
  switch (solver.check(assumptions)) {
    case z3::sat: return true;
    case z3::unsat: return false;
    case z3::unknown: break;
  }
  const std::string words = solver.reason_unknown();
  const std::string reason = reason_for(words, context);
  throw Undecided(reason.empty() ? "Z3 could not decide a query: " + words : reason);
}

bool value_of(const z3::model& model, const z3::expr& bit) {
  return model.eval(bit, true).is_true();
}

std::uint64_t value_of(const z3::model& model, const Bits& bits) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bits.size(); ++i) {
    value |= std::uint64_t{value_of(model, bits[i]) ? 1U : 0U} << i;
  }
  return value;
}

void Assignment::read(const z3::solver& solver) {
  ++choice_;
  const z3::expr_vector trail = solver.trail();
  for (unsigned i = 0; i < trail.size(); ++i) {
    const Z3_ast literal = Z3_ast_vector_get(solver.ctx(), trail, i);
    const Z3_app app = Z3_to_app(solver.ctx(), literal);
    if (Z3_get_app_num_args(solver.ctx(), app) != 0) {
      continue;  // a negation, or a term that is no constant
    }
    const unsigned id = Z3_get_ast_id(solver.ctx(), literal);
    if (made_true_.size() <= id) {
      made_true_.resize(id + 1);
    }
    made_true_[id] = choice_;
  }
}

bool Assignment::value(const z3::expr& constant) const {
  const unsigned id = Z3_get_ast_id(constant.ctx(), constant);
  return id < made_true_.size() && made_true_[id] == choice_;
}

std::uint64_t Assignment::value(const Bits& constants) const {
  std::uint64_t result = 0;
  for (std::size_t i = 0; i < constants.size(); ++i) {
    result |= std::uint64_t{value(constants[i]) ? 1U : 0U} << i;
  }
  return result;
}

namespace {

/// Z3 takes SIGINT for itself during every check, unless it is told not to: the command's own
/// handler would never hear of it.
z3::solver with_signals_left_alone(z3::solver solver) {
  solver.set("ctrl_c", false);
  return solver;
}

}  // namespace

z3::solver make_large_solver(z3::context& context) {
  return with_signals_left_alone({context, "QF_FD"});
}

z3::solver make_small_solver(z3::context& context) {
  z3::solver solver = with_signals_left_alone({context, z3::solver::simple()});
  z3::params params(context);
  params.set("auto_config", false);
  // Everything is Boolean: relevancy and arithmetic only take time.
  params.set("relevancy", 0U);
  params.set("arith.solver", 0U);
  // Decide for false first. Nearly all bits are 0 at reset, so states come out near reachable ones,
  // and there are fewer of them to refute.
  params.set("phase_selection", 0U);
  solver.set(params);
  return solver;
}

Outcome run_engine(const std::string& name, const EngineContext& context,
                   const std::function<void(Outcome&)>& body) {
  const auto start = std::chrono::steady_clock::now();
  Outcome outcome;
  const auto give_up = [&](const std::string& reason) {
    const Outcome reached = std::move(outcome);
    outcome = Outcome{};
    outcome.depth = reached.depth;  // how far it came
    outcome.no_path_within = reached.no_path_within;
    outcome.clauses = reached.clauses;
    outcome.queries = reached.queries;
    outcome.reason = reason;
  };
  const StopScope scope([&context] { return context.should_stop() || over_budget(context); });
  try {
    body(outcome);
  } catch (const Undecided& undecided) {
    give_up(undecided.what());
  } catch (const Stopped&) {
    const std::string reason = reason_to_stop(context);
    give_up(reason.empty() ? out_of_memory : reason);  // memory may have been given back since
  } catch (const z3::exception& failure) {
    const std::string reason = reason_for(failure.msg(), context);
    give_up(reason.empty() ? std::string("Z3 failed: ") + failure.msg() : reason);
  }
  outcome.engine = name;
  outcome.seconds = seconds_since(start);
  return outcome;
}

void confirm_path(const TransitionSystem& system, Expr target, const Path& path) {
  const std::vector<State> states = replay(system, path);
  if (evaluate(target, states.back()) != 1) {
    throw std::logic_error("a Z3 engine found a path that does not end in the target");
  }
}

}  // namespace airlock::prove

namespace airlock {

bool solvers_left_behind() {
  return prove::left_behind.load() != 0;
}

std::string solver_version() {
  unsigned major = 0;
  unsigned minor = 0;
  unsigned build = 0;
  unsigned revision = 0;
  Z3_get_version(&major, &minor, &build, &revision);
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(build) + "." +
         std::to_string(revision);
}

}  // namespace airlock
