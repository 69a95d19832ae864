// A transition system as a sequential circuit.
//
// The scheduler's picks are inputs, and so are initial inputs. All latches start at 0, because
// readers differ about anything else: AIGER 1.9 knows uninitialised latches, but ABC's pdr takes
// them for 0. A bit that starts at 1 is kept complemented (its name says so with a '!'). A bit
// whose first value depends on initial inputs is read through a multiplexer: before the latch
// "started" is set, it is not the latch that counts but the value that the inputs choose. So the
// first cycle already shows an initial state, and there is no cycle in which the circuit is in no
// state at all. Where the inputs choose an initial state that the system's constraint forbids,
// nothing is bad, nothing fires, and the circuit does not start: the next cycle may choose again.
//
// What no rule can do is no step: the state stays. That adds self-loops and no state.
#include "checker/exchange/circuit.hpp"

#include <fmt/format.h>
#include <map>

namespace airlock::exchange {
namespace {

class Builder {
 public:
  explicit Builder(const ExportInput& input)
      : input_(input),
        system_(input.system),
        blast_(circuit_.aig, [this](Expr leaf) { return word_of(leaf); }),
        blast_first_(circuit_.aig, [this](Expr leaf) { return initial_inputs_.at(leaf.index()); }) {
    circuit_.scheduler = schedule(system_);
  }

  Circuit build() {
    add_inputs();
    add_state();
    add_rules();
    for (const ExportTarget& target : input_.targets) {
      circuit_.bad.push_back(aig().conjoin(running_, blast_.boolean(target.states)));
    }
    return std::move(circuit_);
  }

 private:
  Aig& aig() { return circuit_.aig; }

  Literal add_input(const std::string& name) {
    const Literal literal = aig().leaf();
    circuit_.inputs.push_back({literal, name});
    return literal;
  }

  void add_inputs() {
    for (unsigned i = 0; i < circuit_.scheduler.code_bits; ++i) {
      code_.push_back(add_input(fmt::format("rule[{}]", i)));
    }
    for (unsigned i = 0; i < circuit_.scheduler.input_bits; ++i) {
      inputs_.push_back(add_input(fmt::format("choice[{}]", i)));
    }
    for (const InputId id : system_.initial_inputs) {
      const Input& input = system_.inputs[id];
      for (unsigned i = 0; i < input.sort.width(); ++i) {
        initial_inputs_[id].push_back(add_input(fmt::format("initial {}[{}]", input.name, i)));
      }
    }
  }

  Word word_of(Expr leaf) {
    if (leaf.op() == Op::variable) {
      return state_[leaf.index()];
    }
    const auto begin = inputs_.begin() + circuit_.scheduler.input_bit[leaf.index()];
    return {begin, begin + leaf.width()};
  }

  /// Latches, and what the variables are in this cycle.
  void add_state() {
    std::vector<Word> first;
    for (const Variable& variable : system_.variables) {
      first.push_back(blast_first_(variable.initial));
    }
    const Literal started = aig().leaf();
    bool any_input = system_.initial_constraint.valid() && !system_.initial_constraint.is_true();
    for (VarId id = 0; id < system_.variables.size(); ++id) {
      state_.emplace_back();
      for (unsigned i = 0; i < first[id].size(); ++i) {
        const bool fixed = first[id][i] <= lit_true;
        any_input = any_input || !fixed;
        const Literal latch = aig().leaf();
        circuit_.latches.push_back({latch, lit_false,
                                    fmt::format("{}{}[{}]", first[id][i] == lit_true ? "!" : "",
                                                system_.variables[id].name, i)});
        inverted_.push_back(first[id][i] == lit_true);
        state_[id].push_back(fixed ? latch ^ first[id][i]
                                   : aig().select(started, latch, first[id][i]));
      }
    }
    if (any_input) {
      const Literal allowed = system_.initial_constraint.valid()
                                  ? blast_.boolean(system_.initial_constraint)
                                  : lit_true;
      running_ = aig().disjoin(started, allowed);
      circuit_.latches.push_back({started, running_, "started"});
    }
  }

  Literal fires(std::size_t rule) {
    Literal result = aig().conjoin(running_, blast_.boolean(system_.rules[rule].guard));
    for (unsigned i = 0; i < code_.size(); ++i) {
      const bool one = (circuit_.scheduler.code[rule] >> i & 1U) != 0;
      result = aig().conjoin(result, one ? code_[i] : negated(code_[i]));
    }
    return result;
  }

  /// What each bit becomes, and under which conditions; conditions exclude each other.
  void add_rules() {
    std::vector<std::map<Expr, Literal, bool (*)(Expr, Expr)>> updates(
        system_.variables.size(), std::map<Expr, Literal, bool (*)(Expr, Expr)>(
                                      [](Expr a, Expr b) { return a.id() < b.id(); }));
    for (std::size_t r = 0; r < system_.rules.size(); ++r) {
      const Literal fired = fires(r);
      for (const Update& update : system_.rules[r].updates) {
        Literal& when = updates[update.variable].try_emplace(update.value, lit_false).first->second;
        when = aig().disjoin(when, fired);
      }
    }
    std::size_t latch = 0;
    for (VarId id = 0; id < system_.variables.size(); ++id) {
      Literal changed = lit_false;
      Word next(state_[id].size(), lit_false);
      for (const auto& [value, when] : updates[id]) {
        changed = aig().disjoin(changed, when);
        const Word word = blast_(value);
        for (std::size_t i = 0; i < next.size(); ++i) {
          next[i] = aig().disjoin(next[i], aig().conjoin(when, word[i]));
        }
      }
      for (std::size_t i = 0; i < next.size(); ++i, ++latch) {
        const Literal kept = aig().conjoin(negated(changed), state_[id][i]);
        circuit_.latches[latch].next =
            aig().disjoin(next[i], kept) ^ static_cast<Literal>(inverted_[latch] ? 1 : 0);
      }
    }
  }

  const ExportInput& input_;
  const TransitionSystem& system_;
  Circuit circuit_;
  BitBlaster blast_;        // over this cycle's state and the inputs of rules
  BitBlaster blast_first_;  // over initial inputs
  Word code_;
  Word inputs_;
  std::map<InputId, Word> initial_inputs_;
  std::vector<Word> state_;     // by variable, in this cycle
  std::vector<bool> inverted_;  // by latch of the state
  Literal running_ = lit_true;  // there is a state in this cycle
};

}  // namespace

Circuit circuit_of(const ExportInput& input) {
  return Builder(input).build();
}

}  // namespace airlock::exchange
