#include "model/machine/choices.hpp"

namespace airlock::machine {
namespace {

/// One choice: a frozen variable whose initial value is any option.
Expr add_choice(TransitionSystem& system, const std::string& name, const std::string& sentence,
                const std::string& source, std::vector<std::string> options,
                std::optional<std::string> default_option, bool first_is_any = false) {
  unsigned width = 1;
  while ((std::size_t{1} << width) < options.size()) {
    ++width;
  }
  const Sort sort = Sort::bits(width);
  Display display{Display::Kind::enumeration, {}};
  Choice choice{name, sentence, source, 0, {}, std::move(default_option), std::nullopt};
  for (std::size_t i = 0; i < options.size(); ++i) {
    choice.options.push_back({options[i], i});
    display.names.push_back({i, options[i]});
  }
  if (first_is_any) {
    choice.any_option = options.front();
  }
  const InputId input =
      system.add_input(name, sort, "one value per option of the reading; chosen once per run");
  system.initial_inputs.push_back(input);
  choice.variable = system.add_variable(name, sort, system.input(input), display, Role::choice);
  const Expr value = system.variable(choice.variable);
  if (options.size() < (std::size_t{1} << width)) {
    const Expr in_range = ult(value, system.pool->bits(width, options.size()));
    system.initial_constraint =
        system.initial_constraint.valid() ? system.initial_constraint && in_range : in_range;
  }
  system.choices.push_back(std::move(choice));
  return value;
}

}  // namespace

Choices add_choices(TransitionSystem& system) {
  const auto is = [&](Expr choice, std::uint64_t option) {
    return eq(choice, same_sort(choice, option));
  };
  Choices choices;
  const Expr clears = add_choice(
      system, "db_clears_debugctl_at",
      "Where do LBR and BTF clear for a #DB that is intercepted and then injected: at the "
      "intercept, "
      "at the injection, or at both?",
      "APM, \"Control-Transfer Breakpoint Features\", says that a #DB clears them; \"Exception "
      "Intercepts\" read literally says not at the intercept, \"Event Injection\" "
      "that an injected event acts as a normal one; an AMD engineer says of BTF: at the intercept "
      "(review of ml 20250227011321.3229622-4-seanjc@google.com)",
      {"intercept", "injection", "both"}, "both");
  choices.db_clears_at_intercept = !is(clears, 1);
  choices.db_clears_at_injection = !is(clears, 0);
  choices.bld_write_ignored =
      is(add_choice(
             system, "bld_write_while_trap_off", "Is a MOV of BLD=0 to DR6 ignored while BLCKDB=0?",
             "ml 20250224181315.2376869-1-seanjc@google.com, patch 2, and the KUT debug test on "
             "Turin say yes; APM figure 13-2 says R/W",
             {"taken", "ignored"}, "ignored"),
         1);
  choices.bld_reads_one_after_trap_off =
      is(add_choice(system, "bld_when_trap_turns_off",
                    "BLD=0 in DR6 while BLCKDB goes 1 to 0: does BLD read 0 or 1 after?",
                    "the manual is silent; 1 follows from reserved-to-1", {"0", "1"}, "1"),
         1);
  choices.bld_load_forced_to_one =
      is(add_choice(system, "bld_loaded_by_vmrun",
                    "VMCB.DR6.BLD=0 loaded while BLCKDB=0: is BLD 0 or forced to 1?",
                    "the manual is silent; 1 follows from reserved-to-1", {"0", "1"}, "1"),
         1);
  choices.lbr_group_cached_while_off =
      is(add_choice(system, "lbr_group_cached_while_off",
                    "Does the hardware's cached copy of the LBR group follow the VMCB while LBR "
                    "virtualisation is off?",
                    "the manual is silent", {"no", "yes"}, "no"),
         1);
  const Expr cache =
      add_choice(system, "use_clean_cache",
                 "Does a VMRUN use the cached copy of a group whose clean bit is set?",
                 "APM, \"VMCB Clean Field\": either, at every VMRUN anew", {"either", "no", "yes"},
                 std::nullopt, true);
  choices.may_use_cache = !is(cache, 1);
  choices.must_use_cache = is(cache, 2);
  return choices;
}

}  // namespace airlock::machine
