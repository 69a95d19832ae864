#include <doctest/doctest.h>
#include <map>

#include "model/system/pin.hpp"
#include "tests/model/machine/concrete.hpp"

using namespace airlock;
using namespace airlock::test;

namespace {

struct Bench {
  TransitionSystem system;
  machine::Choices choices = machine::add_choices(system);

  [[nodiscard]] const Choice& choice(const std::string& name) const {
    for (const Choice& r : system.choices) {
      if (r.name == name) {
        return r;
      }
    }
    FAIL("no reading " << name);
    return system.choices.front();
  }

  /// `condition` on the CPU that answers `choice` by `option` and everything else by option 0.
  [[nodiscard]] bool holds(Expr condition, const std::string& name,
                           const std::string& option) const {
    State state(system.variables.size(), 0);
    for (const Choice::Option& o : choice(name).options) {
      if (o.name == option) {
        state[choice(name).variable] = o.value;
        return evaluate(condition, state) != 0;
      }
    }
    FAIL("no option " << option);
    return false;
  }
};

}  // namespace

TEST_CASE("HARDWARE.md: every silent point has a reading with its options and its default") {
  const Bench b;
  const std::map<std::string, std::pair<std::vector<std::string>, std::optional<std::string>>>
      expected{
          {"db_clears_debugctl_at", {{"intercept", "injection", "both"}, "both"}},
          {"bld_write_while_trap_off", {{"taken", "ignored"}, "ignored"}},
          {"bld_when_trap_turns_off", {{"0", "1"}, "1"}},
          {"bld_loaded_by_vmrun", {{"0", "1"}, "1"}},
          {"lbr_group_cached_while_off", {{"no", "yes"}, "no"}},
          {"use_clean_cache", {{"either", "no", "yes"}, std::nullopt}},
      };
  CHECK(b.system.choices.size() == expected.size());
  for (const auto& entry : expected) {
    const std::string name = entry.first;
    const auto& what = entry.second;
    CAPTURE(name);
    const Choice& choice = b.choice(name);
    std::vector<std::string> options;
    for (const Choice::Option& option : choice.options) {
      options.push_back(option.name);
    }
    CHECK(options == what.first);
    CHECK(choice.default_option == what.second);
    CHECK_FALSE(choice.sentence.empty());
    CHECK_FALSE(choice.source.empty());
    for (const Choice::Option& option : choice.options) {
      CHECK(format_value(b.system.variables[choice.variable], option.value) == option.name);
    }
    CHECK(choice.any_option.has_value() == (name == "use_clean_cache"));
  }
  CHECK(b.choice("use_clean_cache").any_option == "either");
}

TEST_CASE(
    "reading db_clears_debugctl_at: LBR and BTF clear at the intercept, the injection or both") {
  const Bench b;
  const auto at = [&](const char* option) {
    return std::pair(b.holds(b.choices.db_clears_at_intercept, "db_clears_debugctl_at", option),
                     b.holds(b.choices.db_clears_at_injection, "db_clears_debugctl_at", option));
  };
  CHECK(at("intercept") == std::pair(true, false));
  CHECK(at("injection") == std::pair(false, true));
  CHECK(at("both") == std::pair(true, true));
}

TEST_CASE("readings of two options hold for the one and not for the other") {
  const Bench b;
  const machine::Choices& r = b.choices;
  CHECK(b.holds(r.bld_write_ignored, "bld_write_while_trap_off", "ignored"));
  CHECK_FALSE(b.holds(r.bld_write_ignored, "bld_write_while_trap_off", "taken"));
  CHECK(b.holds(r.bld_reads_one_after_trap_off, "bld_when_trap_turns_off", "1"));
  CHECK_FALSE(b.holds(r.bld_reads_one_after_trap_off, "bld_when_trap_turns_off", "0"));
  CHECK(b.holds(r.bld_load_forced_to_one, "bld_loaded_by_vmrun", "1"));
  CHECK_FALSE(b.holds(r.bld_load_forced_to_one, "bld_loaded_by_vmrun", "0"));
  CHECK(b.holds(r.lbr_group_cached_while_off, "lbr_group_cached_while_off", "yes"));
  CHECK_FALSE(b.holds(r.lbr_group_cached_while_off, "lbr_group_cached_while_off", "no"));
}

TEST_CASE("APM 15.15.1: use_clean_cache is free at every VMRUN unless pinned") {
  const Bench b;
  const auto cache = [&](const char* option) {
    return std::pair(b.holds(b.choices.may_use_cache, "use_clean_cache", option),
                     b.holds(b.choices.must_use_cache, "use_clean_cache", option));
  };
  CHECK(cache("either") == std::pair(true, false));
  CHECK(cache("no") == std::pair(false, false));
  CHECK(cache("yes") == std::pair(true, true));
}

TEST_CASE("a reading starts with any of its options and with nothing else") {
  const Bench b;
  std::vector<std::uint64_t> inputs(b.system.initial_inputs.size(), 0);
  for (std::size_t i = 0; i < b.system.choices.size(); ++i) {
    const Choice& choice = b.system.choices[i];
    CAPTURE(choice.name);
    const std::uint64_t mask = b.system.variables[choice.variable].sort.mask();
    for (std::uint64_t v = 0; v <= mask; ++v) {
      inputs[i] = v;
      const auto state = initial_state(b.system, inputs);
      CHECK(state.has_value() == (v < choice.options.size()));
      if (state) {
        CHECK(state->at(choice.variable) == v);
      }
    }
    inputs[i] = 0;
  }
}

TEST_CASE("the default pins are HARDWARE.md's, and leave use_clean_cache free") {
  const Bench b;
  const Pins pins = default_pins(b.system);
  CHECK(pins.at("db_clears_debugctl_at") == "both");
  CHECK(pins.at("bld_write_while_trap_off") == "ignored");
  CHECK(pins.at("bld_when_trap_turns_off") == "1");
  CHECK(pins.at("bld_loaded_by_vmrun") == "1");
  CHECK(pins.at("lbr_group_cached_while_off") == "no");
  const auto free_one = pins.find("use_clean_cache");
  CHECK((free_one == pins.end() || free_one->second == "any"));
}
