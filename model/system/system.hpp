// The word-level transition system: what the model's front ends produce and all that engines know.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/system/agent.hpp"
#include "model/system/event.hpp"
#include "model/system/expr.hpp"
#include "model/system/role.hpp"

namespace airlock {

/// How to print a variable's values. Has no meaning for engines.
struct Display {
  enum class Kind : std::uint8_t { plain, enumeration, flags };
  struct Name {
    std::uint64_t value;  ///< enumeration: the value; flags: the bit number
    std::string name;
    bool active_low = false;  ///< flags: the bit means something when it is 0 (DR6.BLD)
  };
  Kind kind = Kind::plain;
  std::vector<Name> names;
};

/// A state variable. `initial` is over initial inputs only; "any value" is an initial input of
/// its own.
struct Variable {
  std::string name;  ///< unique, e.g. "DEBUGCTL", "vmcb.save.dr6", "vcpu_run.host"
  Sort sort;
  Expr initial;
  Display display;
  Owner owner = {};               ///< whose it is; what is hidden is never shown (program counter)
  unsigned cpu = 0;               ///< which physical CPU's, or whose vCPU's, where that makes sense
  std::optional<Copy> copy = {};  ///< where two runs are side by side, and it is one's alone
  /// What it is compared with: a reference's register with the CPU's, run B's variable with run
  /// A's, what the guest should have read with what it read, and that with the register read.
  std::optional<VarId> counterpart = {};
};

/// The heading under which traces and JSON have it: "hidden", or its role's name.
std::string_view group_of(const Variable& variable);

/// A value that a rule (or the initial state) may pick freely.
struct Input {
  std::string name;
  Sort sort;
  std::string argument;             ///< why these few bits reach every behaviour
  AgentKind by = AgentKind::other;  ///< whose: the software may ask for what its guest picks
};

/// A place in a spec file. Lines and columns count from 1; line 0 is "no place".
struct SourceLocation {
  std::string file;
  unsigned line = 0;
  unsigned column = 0;
};

/// What there is to say of a cause in some run of its rule. Both expressions are over variables
/// before the step and inputs; an input that the rule does not have is 0.
struct Remark {
  std::string text;      ///< with a value: what stands between the cause's text and the value
  Expr value = {};       ///< told after the text, as `display` says; invalid: there is none
  Display display = {};  ///< of the value
  Expr when = {};        ///< Bool: in which runs it is so; invalid: always
};

/// Why a step does what it does: a C line, or an event of the hardware with its manual section.
struct Cause {
  SourceLocation location;  ///< of the C line; line 0 for hardware
  std::string text;         ///< the C line trimmed, or the event ("#VMEXIT(#DB)")
  std::string reference;    ///< manual section, e.g. "APM 15.6"; empty for software
  Event event = Event::none;
  unsigned subject = 0;  ///< which instruction, where the event is about one
  /// Where ways through a step have been joined: in which runs of the rule this happens. Bool, over
  /// variables before the step and inputs; an input that the rule does not have is 0. Invalid:
  /// always.
  Expr when = {};
  std::vector<Remark> remarks = {};  ///< for people; a trace tells those that are true in it
};

/// Two pulses: something was missing, and the same thing came when nothing was due. Where the
/// second can follow the first although `waits` does nothing any more, it is late, not lost.
struct Lateness {
  VarId missing;
  VarId comes;
  AgentKind waits = AgentKind::other;
  std::string sentence = {};  ///< what came, with {variable name}s as Property::sentence has them
};

struct Update {
  VarId variable;
  Expr value;  ///< over variables (before the step) and the rule's inputs
};

/// A guarded atomic step. In a state where `guard` is true for some values of the inputs, the
/// system may move to the state that differs in `updates` only.
struct Rule {
  std::string name;
  std::string actor;            ///< who acts: "vcpu_run", "guest", "irq_perf", "boot", "hardware"
  Expr guard;                   ///< Bool, over variables and the rule's inputs
  std::vector<Update> updates;  ///< at most one per variable
  std::vector<InputId> inputs;  ///< ascending; all that guard and updates mention
  std::vector<Cause> causes;    ///< in the order in which things happen
  AgentKind agent = AgentKind::other;  ///< what kind of agent `actor` is
};

enum class PropertyKind : std::uint8_t {
  always,     ///< a guarantee: true in every reachable state
  never,      ///< a guarantee: true in none
  reachable,  ///< a guard against vacuity: true in some reachable state
  symptom,    ///< shows a known bug at work; claims nothing, so that no exit status counts it
};

/// A predicate over states and what is claimed of it.
struct Property {
  std::string name;  ///< with its prefix: "always_...", "never_...", "reachable_...", "symptom_..."
  PropertyKind kind = PropertyKind::always;
  Expr predicate;    ///< Bool, over variables only
  std::string text;  ///< what it says, for people
  /// What was seen in a target state and what should have been, with {variable name} for values:
  /// "The guest runs with DEBUGCTL={DEBUGCTL}; it should be {guest_view.debugctl}." May be empty.
  std::string sentence;
  SourceLocation location;
};

/// Whether the states that are looked for are witnesses (of `reachable` and `symptom`), not
/// violations.
[[nodiscard]] constexpr bool seeks_witness(const Property& property) {
  return property.kind == PropertyKind::reachable || property.kind == PropertyKind::symptom;
}
/// Whether it says something about the model that may turn out false: all but a symptom does.
[[nodiscard]] constexpr bool claims_something(const Property& property) {
  return property.kind != PropertyKind::symptom;
}

/// "always", "never", "reachable", "symptom".
std::string_view kind_name(PropertyKind kind);

/// The states an engine looks for: a witness or a violation.
Expr target_of(const Property& property);

/// A point where the manual is silent: a variable that no rule writes, chosen once per run.
/// Engines never see the default; `pin` (model/system/pin.hpp) makes a system with it.
struct Choice {
  struct Option {
    std::string name;  ///< as on the command line: "both"
    std::uint64_t value;
  };
  std::string name;      ///< "db_clears_debugctl_at"
  std::string sentence;  ///< the question it answers
  std::string source;
  VarId variable;
  std::vector<Option> options;
  /// The option that is pinned unless the user says otherwise; empty: free by default.
  std::optional<std::string> default_option;
  /// Free normally means "any option, once per run". Where freedom is one more option (an input
  /// made anew at every VMRUN), that option's name.
  std::optional<std::string> any_option;
};

struct TransitionSystem {
  std::shared_ptr<ExprPool> pool = std::make_shared<ExprPool>();
  std::vector<Variable> variables;
  std::vector<Input> inputs;            ///< of rules and of the initial state
  std::vector<InputId> initial_inputs;  ///< those that initial values may use
  Expr initial_constraint;              ///< Bool over variables; empty means true
  std::vector<Rule> rules;
  std::vector<Property> properties;
  std::vector<Choice> choices;
  /// Variables that split the rules best (program counter, guest mode): small, and compared with
  /// constants in most guards. May be empty.
  std::vector<VarId> control;
  std::vector<std::string> assumptions;  ///< sentences printed with every "holds"
  std::optional<Lateness> lateness = {};

  VarId add_variable(std::string name, Sort sort, Expr initial, Display display = {},
                     Owner owner = {});
  InputId add_input(std::string name, Sort sort, std::string argument,
                    AgentKind by = AgentKind::other);
  [[nodiscard]] Expr variable(VarId id) const;  ///< its current value as an expression
  [[nodiscard]] Expr input(InputId id) const;
  [[nodiscard]] std::optional<VarId> find_variable(std::string_view name) const;
  [[nodiscard]] const Property* find_property(std::string_view name) const;
};

/// Throws std::logic_error naming the first flaw: sorts that do not fit, ids out of range, inputs
/// not listed, two updates of one variable, duplicate names, a choice that some rule writes.
void validate(const TransitionSystem& system);

/// One state: a value per variable, in the order of TransitionSystem::variables.
using State = std::vector<std::uint64_t>;

/// A path by its causes rather than its states: which rule, and which values its inputs took
/// (parallel to Rule::inputs). Replay gives the states.
struct PathStep {
  std::uint32_t rule;
  std::vector<std::uint64_t> inputs;
};
struct Path {
  std::vector<std::uint64_t> initial_inputs;  ///< parallel to TransitionSystem::initial_inputs
  std::vector<PathStep> steps;
};

/// "3", "LBR|BTF", "guest": by the variable's display. Flags print as "0" when none is set, or as
/// hexadecimal ("FFFF0FF0h") where some are active low.
std::string format_value(const Variable& variable, std::uint64_t value);

}  // namespace airlock
