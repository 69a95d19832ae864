// Expressions as bits, and queries.
//
// Every engine here works on single bits: PDR's cubes are sets of them, and for the rest most of a
// world's operations (masks, copies, comparisons with constants) dissolve into a few gates once
// they are written that way. So the translation blasts bits itself for everything that is linear in
// the width, folding constants on the way, and leaves only multiplication, division and shifts by a
// variable amount to Z3's own bit blaster.
//
// Z3 has two incremental solvers to choose from. The SAT solver (logic QF_FD) is the faster one on
// unrollings, by far. But it prepares every check anew, at some 100 microseconds, and PDR asks tens
// of thousands of tiny questions; there the SMT core, used on the same Boolean formulas, is two to
// three times as fast and its unsatisfiable cores are smaller. (Measured on specs/kvm, fix merged:
// always_dr6_is_the_guests by PDR 8.7 s instead of 26 s; bounded search for it to depth 30, 20 s
// instead of more than 36 s.)
#include "checker/prove/smt.hpp"

#include <atomic>
#include <cassert>
#include <exception>
#include <system_error>

#include "checker/prove/prove.hpp"
#include "checker/support/memory_budget.hpp"
#include "checker/support/stopwatch.hpp"
#include "model/system/interpreter.hpp"
#include "model/system/stop.hpp"

namespace airlock::prove {

Gates::Gates(z3::context& context) : yes_(context.bool_val(true)), no_(context.bool_val(false)) {}

z3::expr Gates::negate(const z3::expr& a) const {
  if (is_true(a)) {
    return no_;
  }
  if (is_false(a)) {
    return yes_;
  }
  if (a.is_not()) {
    return a.arg(0);
  }
  return !a;
}

z3::expr Gates::conjoin(const z3::expr& a, const z3::expr& b) const {
  if (is_false(a) || is_false(b)) {
    return no_;
  }
  if (is_true(a) || z3::eq(a, b)) {
    return b;
  }
  return is_true(b) ? a : a && b;
}

z3::expr Gates::disjoin(const z3::expr& a, const z3::expr& b) const {
  if (is_true(a) || is_true(b)) {
    return yes_;
  }
  if (is_false(a) || z3::eq(a, b)) {
    return b;
  }
  return is_false(b) ? a : a || b;
}

z3::expr Gates::same(const z3::expr& a, const z3::expr& b) const {
  if (z3::eq(a, b)) {
    return yes_;
  }
  if (is_true(a)) {
    return b;
  }
  if (is_true(b)) {
    return a;
  }
  if (is_false(a)) {
    return negate(b);
  }
  return is_false(b) ? negate(a) : a == b;
}

z3::expr Gates::differ(const z3::expr& a, const z3::expr& b) const {
  return negate(same(a, b));
}

z3::expr Gates::select(const z3::expr& c, const z3::expr& a, const z3::expr& b) const {
  if (is_true(c) || z3::eq(a, b)) {
    return a;
  }
  if (is_false(c)) {
    return b;
  }
  if (is_true(a)) {
    return disjoin(c, b);
  }
  if (is_false(a)) {
    return conjoin(negate(c), b);
  }
  if (is_true(b)) {
    return disjoin(negate(c), a);
  }
  return is_false(b) ? conjoin(c, a) : z3::ite(c, a, b);
}

z3::expr Gates::any(const std::vector<z3::expr>& terms) const {
  z3::expr_vector kept(context());
  for (const z3::expr& term : terms) {
    if (is_true(term)) {
      return yes_;
    }
    if (!is_false(term)) {
      kept.push_back(term);
    }
  }
  return kept.empty() ? no_ : kept.size() == 1 ? kept[0] : z3::mk_or(kept);
}

z3::expr Gates::all(const std::vector<z3::expr>& terms) const {
  z3::expr_vector kept(context());
  for (const z3::expr& term : terms) {
    if (is_false(term)) {
      return no_;
    }
    if (!is_true(term)) {
      kept.push_back(term);
    }
  }
  return kept.empty() ? yes_ : kept.size() == 1 ? kept[0] : z3::mk_and(kept);
}

z3::expr Gates::equals(const Bits& bits, std::uint64_t value) const {
  std::vector<z3::expr> terms;
  for (std::size_t i = 0; i < bits.size(); ++i) {
    terms.push_back(((value >> i) & 1U) != 0 ? bits[i] : negate(bits[i]));
  }
  return all(terms);
}

Bits Gates::constant(Sort sort, std::uint64_t value) const {
  Bits bits;
  for (unsigned i = 0; i < sort.width(); ++i) {
    bits.push_back(constant(((value >> i) & 1U) != 0));
  }
  return bits;
}

Bits Gates::fresh(Sort sort, const std::string& name) const {
  Bits bits;
  for (unsigned i = 0; i < sort.width(); ++i) {
    bits.push_back(context().bool_const((name + "." + std::to_string(i)).c_str()));
  }
  return bits;
}

namespace {

Bits add(const Gates& gates, const Bits& a, const Bits& b, z3::expr carry) {
  Bits sum;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const z3::expr half = gates.differ(a[i], b[i]);
    sum.push_back(gates.differ(half, carry));
    carry = gates.disjoin(gates.conjoin(a[i], b[i]), gates.conjoin(half, carry));
  }
  return sum;
}

/// a < b, or a <= b if `or_equal`.
z3::expr less(const Gates& gates, Bits a, Bits b, bool is_signed, bool or_equal) {
  if (is_signed) {
    std::swap(a.back(), b.back());
  }
  z3::expr result = gates.constant(or_equal);
  for (std::size_t i = 0; i < a.size(); ++i) {
    result = gates.select(gates.differ(a[i], b[i]), b[i], result);
  }
  return result;
}

z3::expr as_vector(const Gates& gates, const Bits& bits) {
  z3::context& context = gates.context();
  z3::expr_vector parts(context);
  for (std::size_t i = bits.size(); i-- > 0;) {
    parts.push_back(z3::ite(bits[i], context.bv_val(1, 1), context.bv_val(0, 1)));
  }
  return parts.size() == 1 ? parts[0] : z3::concat(parts);
}

Bits by_blasting(const Gates& gates, Op op, const Bits& a, const Bits& b) {
  const z3::expr x = as_vector(gates, a);
  const z3::expr y = as_vector(gates, b);
  const auto result = [&] {
    switch (op) {
      case Op::mul: return x * y;
      case Op::udiv: return z3::udiv(x, y);
      case Op::urem: return z3::urem(x, y);
      case Op::shl: return z3::shl(x, y);
      case Op::lshr: return z3::lshr(x, y);
      default: assert(op == Op::ashr); return z3::ashr(x, y);
    }
  }();
  Bits bits;
  for (unsigned i = 0; i < a.size(); ++i) {
    bits.push_back(result.extract(i, i) == gates.context().bv_val(1, 1));
  }
  return bits;
}

}  // namespace

const Bits& Translator::operator()(Expr root) {
  std::vector<Expr> stack{root};
  while (!stack.empty()) {
    const Expr e = stack.back();
    bool ready = memo_.count(e.id()) == 0;
    if (!ready) {
      stack.pop_back();
      continue;
    }
    for (unsigned i = 0; i < e.arity(); ++i) {
      if (memo_.count(e.arg(i).id()) == 0) {
        stack.push_back(e.arg(i));
        ready = false;
      }
    }
    if (ready) {
      memo_.emplace(e.id(), translate(e));
      stack.pop_back();
    }
  }
  return memo_.at(root.id());
}

Bits Translator::translate(Expr e) {
  poll_stop();
  const Gates& gates = *gates_;
  const auto arg = [&](unsigned i) -> const Bits& { return memo_.at(e.arg(i).id()); };
  Bits result;
  switch (e.op()) {
    case Op::constant: return gates.constant(e.sort(), e.value());
    case Op::variable:
    case Op::input:
      result = leaf_(e);
      assert(result.size() == e.width());
      return result;
    case Op::add: return add(gates, arg(0), arg(1), gates.constant(false));
    case Op::sub: {
      for (const z3::expr& bit : arg(1)) {
        result.push_back(gates.negate(bit));
      }
      return add(gates, arg(0), result, gates.constant(true));
    }
    case Op::mul:
    case Op::udiv:
    case Op::urem:
    case Op::shl:
    case Op::lshr:
    case Op::ashr: return by_blasting(gates, e.op(), arg(0), arg(1));
    case Op::ult: return {less(gates, arg(0), arg(1), false, false)};
    case Op::ule: return {less(gates, arg(0), arg(1), false, true)};
    case Op::slt: return {less(gates, arg(0), arg(1), true, false)};
    case Op::sle: return {less(gates, arg(0), arg(1), true, true)};
    case Op::eq: {
      for (std::size_t i = 0; i < arg(0).size(); ++i) {
        result.push_back(gates.same(arg(0)[i], arg(1)[i]));
      }
      return {gates.all(result)};
    }
    case Op::extract: return {arg(0).begin() + e.lo(), arg(0).begin() + e.hi() + 1};
    case Op::concat:
      result = arg(1);
      result.insert(result.end(), arg(0).begin(), arg(0).end());
      return result;
    case Op::not_:
    case Op::and_:
    case Op::or_:
    case Op::xor_:
    case Op::ite: break;
  }
  for (unsigned i = 0; i < e.width(); ++i) {
    switch (e.op()) {
      case Op::not_: result.push_back(gates.negate(arg(0)[i])); break;
      case Op::and_: result.push_back(gates.conjoin(arg(0)[i], arg(1)[i])); break;
      case Op::or_: result.push_back(gates.disjoin(arg(0)[i], arg(1)[i])); break;
      case Op::xor_: result.push_back(gates.differ(arg(0)[i], arg(1)[i])); break;
      default: result.push_back(gates.select(arg(0)[0], arg(1)[i], arg(2)[i])); break;
    }
  }
  return result;
}

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

}  // namespace

namespace {

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
