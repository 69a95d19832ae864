// What the Z3 engines share: queries that can be interrupted, and the wrapper that turns every
// failure to decide into Reachability::unknown. Internal to checker/prove.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>
#include <z3++.h>

#include "checker/engine.hpp"
#include "checker/prove/bits.hpp"

namespace airlock::prove {

/// Thrown when a query was given up: never an answer.
class Undecided : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A Z3 context whose end nobody waits for once the engine should stop. What Z3 4.8.12 leaves
/// behind when it is interrupted in the middle of a large formula takes Z3_del_context minutes to
/// free, and Z3_interrupt does not reach it. So it is freed by a thread of its own; the destructor
/// waits for that (memory is given back before the next engine begins) until `context` says stop,
/// and then leaves the thread to its work: see solvers_left_behind().
class SolverContext {
 public:
  /// `context` is borrowed.
  explicit SolverContext(const EngineContext& context);
  ~SolverContext();
  SolverContext(const SolverContext&) = delete;
  SolverContext& operator=(const SolverContext&) = delete;
  [[nodiscard]] z3::context& get() const { return *z3_; }

 private:
  const EngineContext& context_;
  std::unique_ptr<z3::context> z3_;
};

/// Interrupts Z3 from a thread of its own once the engine should stop: told to, out of time, or out
/// of memory.
class Watchdog {
 public:
  Watchdog(z3::context& solver_context, const EngineContext& context);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool done_ = false;
  std::thread thread_;
};

/// Throws Undecided if the engine should stop.
void stop_if_asked(const EngineContext& context);

/// True: satisfiable. False: not. Throws Undecided for everything else.
bool satisfiable(z3::solver& solver, const z3::expr_vector& assumptions,
                 const EngineContext& context);

/// Values of bits in a model; what the model leaves open is 0.
std::uint64_t value_of(const z3::model& model, const Bits& bits);
bool value_of(const z3::model& model, const z3::expr& bit);

/// What a solver that has just said "satisfiable" assigned to Boolean constants. Choice its trail
/// takes a fifth of the time that making a model of it takes.
class Assignment {
 public:
  /// Until the solver's next query only. Constants that it left open become false.
  void read(const z3::solver& solver);
  [[nodiscard]] bool value(const z3::expr& constant) const;
  [[nodiscard]] std::uint64_t value(const Bits& constants) const;

 private:
  std::vector<std::uint32_t> made_true_;  // by term id: the choice that did it
  std::uint32_t choice_ = 0;
};

/// For few, large queries (unrollings, whole systems), and for many small ones (PDR): see smt.cpp.
z3::solver make_large_solver(z3::context& context);
z3::solver make_small_solver(z3::context& context);

/// Runs an engine's body: fills in the name and the time, and makes every way of not deciding
/// (Undecided, Z3's exceptions) an outcome `unknown` with its reason.
Outcome run_engine(const std::string& name, const EngineContext& context,
                   const std::function<void(Outcome&)>& body);

/// Runs `body`; Z3's exceptions become Undecided.
template <typename Body>
auto deciding(const Body& body) {
  try {
    return body();
  } catch (const z3::exception& failure) {
    throw Undecided(std::string("Z3 failed: ") + failure.msg());
  }
}

/// Replays `path` with the reference interpreter; throws std::logic_error unless it ends in a state
/// where `target` holds.
void confirm_path(const TransitionSystem& system, Expr target, const Path& path);

}  // namespace airlock::prove
