// A machine and its references without software: the guest's rules on concrete states, one step at
// a time, by the interpreter.
#pragma once

#include <doctest/doctest.h>
#include <map>
#include <optional>
#include <string>

#include "model/machine/debugctl.hpp"
#include "model/machine/svm.hpp"
#include "model/system/interpreter.hpp"
#include "model/system/pin.hpp"
#include "model/world/guest.hpp"
#include "model/world/guest_code.hpp"
#include "model/world/layout.hpp"

namespace airlock::test {

inline constexpr std::uint64_t LBR = 1U << machine::debugctl::LBR;
inline constexpr std::uint64_t BTF = 1U << machine::debugctl::BTF;
inline constexpr std::uint64_t BLCKDB = 1U << machine::debugctl::BLCKDB;
inline constexpr std::uint64_t FLBRI = 1U << machine::debugctl::FLBRI;
inline constexpr std::uint64_t BLD = 1U << machine::dr6::BLD;
inline constexpr std::uint64_t BS = 1U << machine::dr6::BS;
inline constexpr std::uint64_t TF = 1U << machine::rflags::TF;
inline constexpr std::uint64_t IF = 1U << machine::rflags::IF;
inline constexpr std::uint64_t idle_dr6 = 0xFFFF0FF0;  ///< nothing pending
inline constexpr std::uint64_t intercept_db = 1U << machine::vmcb::INTERCEPT_DB;
inline constexpr std::uint64_t intercept_read = 1U << machine::vmcb::INTERCEPT_DR6_READ;
inline constexpr std::uint64_t intercept_write = 1U << machine::vmcb::INTERCEPT_DR6_WRITE;
inline constexpr std::uint64_t intercept_intr = 1U << machine::vmcb::INTERCEPT_INTR;
inline constexpr std::uint64_t intercept_nmi = 1U << machine::vmcb::INTERCEPT_NMI;

using Picks = std::map<std::string, std::uint64_t>;  ///< values by input name; others are 0

/// What a step did: which rule of several ended it, and where it led.
struct Outcome {
  const Rule* rule;
  State state;
  [[nodiscard]] bool says(const std::string& text) const {
    for (const Cause& cause : rule->causes) {
      if (cause.text.find(text) != std::string::npos) {
        return true;
      }
    }
    return false;
  }
};

/// What is remarked of the rule's causes where it fires in `before` with these picks, a line each,
/// values by their display.
inline std::string remarks_of(const TransitionSystem& system, const Rule& rule, const State& before,
                              const Picks& picks = {}) {
  InputValues inputs(system.inputs.size(), 0);
  for (const InputId input : rule.inputs) {
    const auto picked = picks.find(system.inputs[input].name);
    inputs[input] = picked == picks.end() ? 0 : picked->second;
  }
  std::string result;
  for (const Cause& cause : rule.causes) {
    for (const Remark& remark : cause.remarks) {
      if (remark.when.valid() && evaluate(remark.when, before, inputs) == 0) {
        continue;
      }
      result += cause.text + "|" + remark.text;
      if (remark.value.valid()) {
        const Variable shown{{}, remark.value.sort(), {}, remark.display};
        result += format_value(shown, evaluate(remark.value, before, inputs));
      }
      result += "\n";
    }
  }
  return result;
}

class WorldBench {
 public:
  /// `program`: the text of a file with the guest's program; empty: the guest is free.
  explicit WorldBench(const WorldOptions& options = {.guest_debugctl_bits = LBR | BTF | BLCKDB},
                      const std::string& program = {})
      : layout(add_layout(system, options)) {
    if (!program.empty()) {
      code.emplace(system, guests_of({"guest.c", program}).front());
      layout.code = &*code;
    }
    add_guest_rules(system, layout);
    Pins pins = default_pins(system);
    pins["use_clean_cache"] = "either";
    const TransitionSystem pinned = pin(system, pins);
    for (const Variable& variable : pinned.variables) {
      state.push_back(variable.initial.is_constant() ? variable.initial.value() : 0);
    }
    for (const Choice& choice : system.choices) {
      for (const Choice::Option& option : choice.options) {
        if (option.name == pins[choice.name]) {
          state[choice.variable] = option.value;
        }
      }
    }
  }
  WorldBench(const WorldBench&) = delete;
  WorldBench& operator=(const WorldBench&) = delete;

  void answer(const std::string& choice, const std::string& option) {
    for (const Choice& r : system.choices) {
      for (const Choice::Option& o : r.options) {
        if (r.name == choice && o.name == option) {
          state[r.variable] = o.value;
          return;
        }
      }
    }
    FAIL("no reading " << choice << "=" << option);
  }

  /// The guest and its reference agree on everything; the guest runs.
  void enter_guest(std::uint64_t debugctl, std::uint64_t dr6, std::uint64_t rflags,
                   std::uint64_t cpl) {
    const auto& cpu = layout.machine.cpu;
    const auto& ref = layout.reference_guest;
    state[cpu.guest_mode] = 1;
    state[cpu.debugctl] = state[ref.debugctl] = state[layout.guest_view.debugctl] = debugctl;
    state[cpu.dr6] = state[ref.dr6] = dr6;
    state[cpu.rflags] = state[ref.rflags] = rflags;
    state[cpu.cpl] = state[ref.cpl] = cpl;
    state[layout.machine.svm.host_rflags] = IF;
  }

  std::uint64_t& at(VarId id) { return state.at(id); }

  /// What the rules called `name` do here with these picks: at most one applies.
  std::optional<Outcome> try_step(const std::string& name, const Picks& picks = {}) const {
    std::optional<Outcome> outcome;
    bool known = false;
    for (std::uint32_t i = 0; i < system.rules.size(); ++i) {
      const Rule& rule = system.rules[i];
      if (rule.name != name) {
        continue;
      }
      known = true;
      PathStep step{i, {}};
      for (const InputId input : rule.inputs) {
        const auto picked = picks.find(system.inputs[input].name);
        step.inputs.push_back(picked == picks.end() ? 0 : picked->second);
      }
      if (auto next = successor(system, state, step)) {
        CHECK_MESSAGE(!outcome, "two rules of one name apply: " << name);
        outcome = Outcome{&rule, std::move(*next)};
      }
    }
    CHECK_MESSAGE(known, "no rule " << name);
    return outcome;
  }

  /// Likewise, and goes there. Something must apply.
  Outcome step(const std::string& name, const Picks& picks = {}) {
    std::optional<Outcome> outcome = try_step(name, picks);
    REQUIRE_MESSAGE(outcome, "nothing applies: " << name);
    state = outcome->state;
    return *outcome;
  }
  Outcome guest(machine::Instruction instruction, const Picks& picks = {}) {
    return step("guest: " + machine::name_of(instruction), picks);
  }
  [[nodiscard]] bool can(machine::Instruction instruction) const {
    return try_step("guest: " + machine::name_of(instruction)).has_value();
  }

  /// The physical registers equal the reference's.
  void check_agreement() {
    const auto& cpu = layout.machine.cpu;
    const auto& ref = layout.reference_guest;
    CHECK(at(cpu.debugctl) == at(ref.debugctl));
    CHECK(at(cpu.dr6) == at(ref.dr6));
    CHECK(at(cpu.rflags) == at(ref.rflags));
    CHECK(at(cpu.cpl) == at(ref.cpl));
  }
  /// The guest saw nothing wrong in the step just taken.
  void check_nothing_wrong() {
    const auto& saw = layout.guest_saw;
    for (const VarId id :
         {saw.spurious_db, saw.lost_db, saw.wrong_dr6, saw.wrong_debugctl, saw.db_dr6, saw.dr6_read,
          saw.dr6_expected, saw.debugctl_read, saw.debugctl_expected}) {
      CAPTURE(system.variables[id].name);
      CHECK(at(id) == 0);
    }
  }

  TransitionSystem system;
  Layout layout;
  std::optional<GuestCode> code;
  State state;
};

}  // namespace airlock::test
