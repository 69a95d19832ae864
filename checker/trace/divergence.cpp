// Which bits are to blame for a violation, from when on, and by which C line.
//
// A trace ends in a state that a predicate forbids; people want to know the bit. The answer is a
// counterfactual, as in Halpern and Pearl's definition of a cause ("Causes and explanations: a
// structural-model approach", 2005), reduced to the last state: a bit is to blame if the property
// would hold there had the bit, and it alone among those to blame, another value. Everything is
// evaluated by the reference interpreter on the replayed states, so an answer is a fact about the
// trace, not a guess. The system says which two variables to compare:
//
//   1. Counterparts. A register of the guest's view or of a reference is compared with the one of
//      the physical CPU that it stands for (Variable::counterpart), where the property mentions
//      both. With every pair made equal the property must hold; a bit is to
//      blame if the property fails again when that bit alone differs. (So a bit that only the
//      guest's view has set is not blamed where foreign bits alone are forbidden.) In a statement
//      about two runs, A.x and B.x are each other's counterparts, in the last state alone: until
//      then the runs need not have come equally far.
//   2. What the guest read. Properties about reads are broken by a pulse, true for one state. The
//      values it was told and should have been told are beside it, each other's counterparts; the
//      bits in which they differ are looked for in the registers one state earlier.
//   3. Otherwise every bit that the property mentions is flipped by itself; those that mend the
//      property are to blame.
//
// `since` is the beginning of the last uninterrupted run of states in which the two differ. States
// in which they cannot be compared (the host runs, and the pair is the guest's) do not interrupt
// it.
//
// The C line. A step is a maximal run of lines with at most one access that others can see, so the
// line that wrote a register is found up to the step; within the step it is the last line that
// names the register, or the last line where none does. That much is a convention. That the step
// writes the bits is not: they change, or they come out the same had they been different before.
#include "checker/trace/divergence.hpp"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>

#include "checker/trace/names.hpp"
#include "model/system/interpreter.hpp"

namespace airlock {
namespace {

struct Pair {
  VarId real;
  VarId reference;
};

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

bool is_shown_reference(const Variable& variable) {
  return !variable.owner.hidden && is_reference(variable.owner.role);
}

class Search {
 public:
  explicit Search(const Trace& trace)
      : trace_(trace),
        system_(*trace.system),
        last_(trace.states.back()),
        mentioned_(mentioned_by(system_, *trace.property)) {}

  Divergence run() {
    Divergence result{{}, trace_.steps()};
    if (seeks_witness(*trace_.property)) {
      return result;
    }
    result.differences = of_counterparts();
    if (result.differences.empty()) {
      result.differences = of_reads();
    }
    if (result.differences.empty()) {
      result.differences = of_flips();
    }
    for (const Difference& difference : result.differences) {
      result.state = std::min(result.state, difference.since);
    }
    return result;
  }

 private:
  [[nodiscard]] bool mentions(VarId id) const {
    return std::binary_search(mentioned_.begin(), mentioned_.end(), id);
  }

  [[nodiscard]] bool violated(const State& state) const {
    const bool value = evaluate(trace_.property->predicate, state) != 0;
    return trace_.property->kind == PropertyKind::always ? !value : value;
  }

  /// The physical CPU's registers and what they are compared with.
  [[nodiscard]] std::vector<Pair> counterparts() const {
    std::vector<Pair> result;
    for (VarId reference = 0; reference < system_.variables.size(); ++reference) {
      const Variable& variable = system_.variables[reference];
      if (is_shown_reference(variable) && variable.counterpart) {
        result.push_back({*variable.counterpart, reference});
      }
    }
    return result;
  }

  /// The variables of run A and what they are called in run B.
  void add_runs(std::vector<Pair>& pairs) const {
    const auto references = static_cast<std::ptrdiff_t>(pairs.size());
    for (VarId second = 0; second < system_.variables.size(); ++second) {
      const Variable& variable = system_.variables[second];
      if (variable.copy == Copy::b && variable.counterpart &&
          system_.variables[*variable.counterpart].sort == variable.sort) {
        pairs.push_back({*variable.counterpart, second});
      }
    }
    std::sort(pairs.begin() + references, pairs.end(),
              [](const Pair& a, const Pair& b) { return a.real < b.real; });
  }

  [[nodiscard]] std::vector<Difference> of_counterparts() const {
    std::vector<Pair> pairs;
    State equal = last_;
    std::vector<Pair> candidates = counterparts();
    add_runs(candidates);
    for (const Pair& pair : candidates) {
      if (mentions(pair.real) && mentions(pair.reference)) {
        pairs.push_back(pair);
        equal[pair.reference] = equal[pair.real];
      }
    }
    std::vector<Difference> result;
    if (pairs.empty() || violated(equal)) {
      return result;
    }
    for (const Pair& pair : pairs) {
      std::uint64_t blamed = 0;
      const std::uint64_t differing = last_[pair.real] ^ last_[pair.reference];
      for (std::uint64_t rest = differing; rest != 0; rest &= rest - 1) {
        const std::uint64_t bit = rest & ~(rest - 1);
        State one = equal;
        one[pair.reference] ^= bit;
        blamed |= violated(one) ? bit : 0;
      }
      if (blamed != 0) {
        result.push_back(difference(pair, blamed, trace_.steps()));
      }
    }
    return result;
  }

  [[nodiscard]] std::vector<Difference> of_reads() const {
    std::vector<Difference> result;
    for (const VarId id : mentioned_) {
      const std::optional<VarId> expected = expected_instead_of(id);
      const std::uint64_t bits = expected ? last_[id] ^ last_[*expected] : 0;
      if (bits == 0) {
        continue;
      }
      result.push_back({id, expected, bits, trace_.steps(), trace_.steps()});
      if (const auto& read_from = system_.variables[id].counterpart) {
        add_register(*read_from, bits, result);
      }
    }
    return result;
  }

  /// Where `id` is what the guest read: what it should have read.
  [[nodiscard]] std::optional<VarId> expected_instead_of(VarId id) const {
    for (VarId expected = 0; expected < system_.variables.size(); ++expected) {
      const Variable& variable = system_.variables[expected];
      if (variable.owner.role == Role::guest_saw && variable.counterpart == id && !variable.copy) {
        return expected;
      }
    }
    return std::nullopt;
  }

  /// The register, if it differed from the reference guest's in these bits when it was read, a
  /// step ago.
  void add_register(VarId real, std::uint64_t bits, std::vector<Difference>& result) const {
    const std::size_t before = trace_.steps() == 0 ? 0 : trace_.steps() - 1;
    const State& state = trace_.states[before];
    for (const Pair& pair : counterparts()) {
      const std::uint64_t differing = (state[pair.real] ^ state[pair.reference]) & bits;
      if (differing != 0 && pair.real == real &&
          system_.variables[pair.reference].owner.role == Role::reference_guest &&
          comparable(pair, before)) {
        result.push_back(difference(pair, differing, before));
      }
    }
  }

  [[nodiscard]] std::vector<Difference> of_flips() const {
    std::vector<Difference> result;
    const std::vector<Expr> roots{trace_.property->predicate};
    for (const VarId id : variables_of(roots)) {
      const Variable& variable = system_.variables[id];
      const bool control =
          std::find(system_.control.begin(), system_.control.end(), id) != system_.control.end();
      if (control || variable.owner.role == Role::choice) {
        continue;
      }
      std::uint64_t bits = 0;
      for (unsigned bit = 0; bit < variable.sort.width(); ++bit) {
        State flipped = last_;
        flipped[id] ^= std::uint64_t{1} << bit;
        bits |= violated(flipped) ? 0 : std::uint64_t{1} << bit;
      }
      if (bits != 0) {
        result.push_back({id, std::nullopt, bits, trace_.steps(), trace_.steps()});
      }
    }
    return result;
  }

  /// The guest's registers are in the CPU while the guest runs, the host's while it does not.
  [[nodiscard]] bool comparable(const Pair& pair, std::size_t state) const {
    const std::optional<bool> guest = guest_runs(system_, trace_.states[state]);
    const bool of_host = system_.variables[pair.reference].owner.role == Role::reference_host;
    return !guest || *guest != of_host;
  }

  [[nodiscard]] Difference difference(const Pair& pair, std::uint64_t bits,
                                      std::size_t until) const {
    std::size_t since = until;
    const bool two_runs = !is_shown_reference(system_.variables[pair.reference]);
    for (std::size_t state = two_runs ? 0 : until; state-- > 0;) {
      if (!comparable(pair, state)) {
        continue;
      }
      const State& values = trace_.states[state];
      if (((values[pair.real] ^ values[pair.reference]) & bits) == 0) {
        break;
      }
      since = state;
    }
    return {pair.real, pair.reference, bits, since, until};
  }

  const Trace& trace_;
  const TransitionSystem& system_;
  const State& last_;
  std::vector<VarId> mentioned_;
};

/// The last C line of a step, one that names `name` (lower case) where there is one.
std::optional<TraceLine> line_in(const Trace& trace, std::size_t step, const std::string& name) {
  const std::vector<Cause>& causes = rule_of(trace, step).causes;
  std::optional<TraceLine> last;
  std::optional<TraceLine> named;
  for (std::size_t i = 0; i < causes.size(); ++i) {
    if (causes[i].location.line == 0) {
      continue;
    }
    last = {step, i};
    if (!name.empty() && lower(causes[i].text).find(name) != std::string::npos) {
      named = last;
    }
  }
  return named ? named : last;
}

/// Whether step `step` writes the differing bits of the real register: they change, or what they
/// are afterwards does not depend on what they were. (That the rule has an update says too little:
/// VMRUN's loads DEBUGCTL with LBR virtualisation on and keeps it with it off.)
bool writes(const Trace& trace, std::size_t step, const Difference& difference) {
  const VarId id = difference.real;
  const Rule& rule = rule_of(trace, step);
  const auto update = std::find_if(rule.updates.begin(), rule.updates.end(),
                                   [&](const Update& each) { return each.variable == id; });
  if (update == rule.updates.end()) {
    return false;
  }
  const std::uint64_t after = trace.states[step][id];
  if (((trace.states[step - 1][id] ^ after) & difference.bits) != 0) {
    return true;
  }
  InputValues inputs(trace.system->inputs.size());
  for (std::size_t i = 0; i < rule.inputs.size(); ++i) {
    inputs[rule.inputs[i]] = trace.path.steps[step - 1].inputs[i];
  }
  State before = trace.states[step - 1];
  before[id] ^= difference.bits;
  return ((evaluate(update->value, before, inputs) ^ after) & difference.bits) == 0;
}

/// The last C line in steps from..trace.steps() that writes a register which differs.
std::optional<TraceLine> writer(const Trace& trace, const Divergence& divergence,
                                std::size_t from) {
  for (std::size_t step = trace.steps(); step >= std::max<std::size_t>(from, 1); --step) {
    for (const Difference& difference : divergence.differences) {
      const Variable& variable = trace.system->variables[difference.real];
      if (variable.owner.hidden || !writes(trace, step, difference)) {
        continue;
      }
      if (const auto line = line_in(trace, step, lower(name_within(variable)))) {
        return line;
      }
    }
  }
  return std::nullopt;
}

}  // namespace

Divergence find_divergence(const Trace& trace) {
  return Search(trace).run();
}

std::string sentence_of(const TransitionSystem& system, const Difference& difference) {
  const Variable& real = system.variables[difference.real];
  const std::string bits = bit_names(real, difference.bits);
  if (!difference.reference) {
    return real.sort.width() == 1 ? real.name + " breaks the property"
                                  : bits + " of " + real.name + " breaks the property";
  }
  const Variable& reference = system.variables[*difference.reference];
  const std::string whose =
      is_shown_reference(reference)
          ? fmt::format("the {}'s {}", group_of(reference), name_within(reference))
          : reference.name;
  return real.name + " and " + whose + " differ in " + bits;
}

std::optional<TraceLine> last_line_that_could_help(const Trace& trace,
                                                   const Divergence& divergence) {
  if (const auto line = writer(trace, divergence, divergence.state)) {
    return line;
  }
  for (std::size_t step = std::min(divergence.state, trace.steps()); step >= 1; --step) {
    if (const auto line = line_in(trace, step, "")) {
      return line;
    }
  }
  return std::nullopt;
}

std::optional<TraceLine> last_writer(const Trace& trace, const Divergence& divergence) {
  return writer(trace, divergence, 1);
}

}  // namespace airlock
