// A tiny machine for the front end's tests: two registers that others can see, one that they
// cannot, an intrinsic that is a shared access, one that ends its step, one that is neither.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "model/software/lower.hpp"
#include "model/software/platform.hpp"
#include "model/software/program.hpp"
#include "model/system/input_error.hpp"
#include "model/system/interpreter.hpp"

namespace airlock::testing {

class FakePlatform : public Platform {
 public:
  /// Adds the machine's variables to `system`: "reg" (64 bits) and "flag" (Bool) are shared,
  /// "quiet" (64 bits) is not, "fixed" cannot be assigned to, "log" counts calls of note().
  explicit FakePlatform(TransitionSystem& system) {
    const auto bits = [&](const char* name) {
      return system.add_variable(name, Sort::bits(64), system.pool->bits(64, 0));
    };
    objects_["cpu.reg"] = {bits("reg"), true, true};
    objects_["cpu.flag"] = {
        system.add_variable("flag", Sort::boolean(), system.pool->boolean(false)), true, true};
    objects_["cpu.quiet"] = {bits("quiet"), false, true};
    objects_["cpu.fixed"] = {bits("fixed"), false, false};
    objects_["cpu.narrow"] = {system.add_variable("narrow", Sort::bits(4), system.pool->bits(4, 0)),
                              false, true};
    log_ = bits("log");
  }
  [[nodiscard]] std::optional<ObjectLeaf> object(const std::string& path) const override {
    const auto found = objects_.find(path);
    return found == objects_.end() ? std::nullopt : std::optional(found->second);
  }
  [[nodiscard]] std::optional<IntrinsicTraits> intrinsic(const std::string& name) const override {
    if (name == "rd" || name == "wr" || name == "visible") {
      return IntrinsicTraits{true, false};
    }
    if (name == "vmrun") {
      return IntrinsicTraits{true, true};
    }
    if (name == "note" || name == "quietly" || name == "either" || name == "with_pointer") {
      return IntrinsicTraits{};
    }
    return std::nullopt;
  }
  [[nodiscard]] std::vector<std::pair<Step, Expr>> call(const IntrinsicCall& call,
                                                        Step step) const override {
    if (call.name == "rd") {
      return {{step, step.get(objects_.at("cpu.reg").variable)}};
    }
    if (call.name == "wr") {
      step.set(objects_.at("cpu.reg").variable, call.arguments.at(0));
      return {{step, {}}};
    }
    if (call.name == "note") {
      step.set(log_,
               step.get(log_) * step.pool().bits(64, 10) + zero_extend(call.arguments.at(0), 64));
      return {{step, {}}};
    }
    if (call.name == "either") {  // forks on an input of its own
      const Expr input = step.choose(call.key, Sort::boolean(), "either way");
      auto [yes, no] = fork(step, input);
      return {{yes, yes.pool().bits(32, 1)}, {no, no.pool().bits(32, 2)}};
    }
    if (call.name == "with_pointer") {
      return {{step, ne(call.arguments.at(0), step.pool().bits(64, 0))}};
    }
    return {{step, call.result ? step.pool().constant(*call.result, 0) : Expr{}}};
  }
  [[nodiscard]] std::optional<std::uint64_t> bit_name(const std::string& name) const override {
    return name == "LBR"   ? std::optional<std::uint64_t>(1)
           : name == "BTF" ? std::optional<std::uint64_t>(2)
                           : std::nullopt;
  }
  void entered(Step&, const std::string& function) const override { entered_.push_back(function); }
  void left(Step&, const std::string& function) const override { left_.push_back(function); }

  [[nodiscard]] VarId log() const { return log_; }
  mutable std::vector<std::string> entered_;
  mutable std::vector<std::string> left_;

 private:
  std::map<std::string, ObjectLeaf> objects_;
  VarId log_ = 0;
};

inline const char* const machine_header = R"(
struct cpu { unsigned long long reg; bool flag; unsigned long long quiet;
             const unsigned long long fixed; unsigned int narrow; };
extern struct cpu cpu;
unsigned long long rd(void);
void wr(unsigned long long value);
void visible(void);
void vmrun(void);
void note(unsigned int digit);
void quietly(void);
int either(void);
bool with_pointer(struct cpu *p);
u64 any_bits(u64 mask);
bool any_bool(void);
void assume(bool condition);
void assert(bool condition);
)";

/// A program over the fake machine, with its globals bound.
struct World {
  TransitionSystem system;
  FakePlatform platform{system};
  Program program;
  GlobalBindings globals;

  explicit World(const std::string& text, const std::vector<std::string>& fixes = {})
      : program(check(text, fixes)) {
    for (const GlobalLeaf& leaf : program.globals()) {
      globals[leaf.path] =
          system.add_variable(leaf.path, leaf.sort, system.pool->constant(leaf.sort, leaf.initial),
                              leaf.display, Role::software);
    }
  }
  Program check(const std::string& text, const std::vector<std::string>& fixes) {
    const std::vector<SourceFile> base{{"machine.h", machine_header}, {"t.c", text}};
    std::vector<SourceFile> fix;
    for (std::size_t i = 0; i < fixes.size(); ++i) {
      fix.push_back({"fix" + std::to_string(i + 1) + ".c", fixes[i]});
    }
    return Program::check(base, fix, platform);
  }
  std::vector<AtomicPath> run(const std::string& function) {
    return run_atomically(program, function, Step(system, function, "test"), platform, globals);
  }
  /// The state that `function` leads to from the initial one, all inputs 0, with its result.
  struct Outcome {
    bool undefined = false;
    std::string reason;
    std::uint64_t result = 0;
    State state;
  };
  Outcome evaluate_run(const std::string& function, const State& from,
                       const InputValues& inputs = InputValues(64, 0)) {
    Outcome outcome;
    int found = 0;
    for (const AtomicPath& path : run(function)) {
      if (evaluate(path.step.guard(), from, inputs) == 0) {
        continue;
      }
      ++found;
      outcome.undefined = path.undefined;
      outcome.reason = path.reason;
      outcome.result = path.result.valid() ? evaluate(path.result, from, inputs) : 0;
      outcome.state = from;
      for (VarId id = 0; id < system.variables.size(); ++id) {
        outcome.state[id] = evaluate(path.step.get(id), from, inputs);
      }
    }
    if (found != 1) {
      throw std::logic_error(std::to_string(found) + " paths for one state");
    }
    return outcome;
  }
  State initial() const {
    State state;
    for (const Variable& variable : system.variables) {
      state.push_back(evaluate(variable.initial, {}));
    }
    return state;
  }
  Outcome evaluate_run(const std::string& function) { return evaluate_run(function, initial()); }
  std::uint64_t after(const std::string& function, const std::string& variable) {
    return evaluate_run(function).state.at(*system.find_variable(variable));
  }

  VarId pc = 0;
  std::vector<ThreadLocation> locations;
  std::vector<std::string> reasons;  ///< of undefined behaviour in the thread
  std::set<std::string> shared;
  /// Lowers `function` as a thread; undefined behaviour goes to pc 999.
  void thread(const std::string& function) {
    pc = system.add_variable("pc", Sort::bits(16), system.pool->bits(16, 0));
    ThreadOptions options;
    options.pc = pc;
    options.begin = [&](const std::string& name) { return Step(system, name, function); };
    options.shared = [&](const std::string& leaf) { return shared.count(leaf) != 0; };
    options.undefined = [&](Step& step, const std::string& reason) {
      reasons.push_back(reason);
      step.set(pc, step.pool().bits(16, 999));
    };
    locations = lower_thread(program, function, system, platform, globals, options);
    validate(system);
  }
};

/// The message of the InputError that checking `text` throws; empty if it throws none.
inline std::string error_of(const std::string& text, const std::vector<std::string>& fixes = {}) {
  try {
    const World world(text, fixes);
  } catch (const InputError& error) {
    return error.what();
  }
  return {};
}

}  // namespace airlock::testing
