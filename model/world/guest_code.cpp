// Reading a program: the C front end lowers it to rules over the program's variables, as it does
// with vcpu_run(), and these rules are taken out of the system again and sorted by the call that
// they make. So loops, calls, locals and what is undefined are one thing for hosts and for guests.
#include "model/world/guest_code.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <sstream>

#include "model/system/input_error.hpp"

namespace airlock {
namespace {

using Kind = GuestOperation::Kind;

constexpr const char* runs = "__guest_runs";
constexpr const char* handles = "__db_handler_runs";
constexpr const char* around = "<guest>";

/// What is put around the program: its end, and the handler's return.
std::string wrapper(const GuestSource& source) {
  std::string text =
      "#include <airlock/guest.h>\nvoid __guest_ends(void);\nvoid __returns_from_db(void);\n";
  if (!source.handles_db) {
    text += "void db_handler(void) { (void)read_dr6(); db_frame.tf = false; }\n";
  }
  return text + "void " + runs + "(void) { " + source.entry +
         "(); for (;;) __guest_ends(); }\n"
         "void " +
         handles + "(void) { db_handler(); __returns_from_db(); for (;;) __guest_ends(); }\n";
}

std::string name_of_condition(std::size_t number) {
  return "__expectation_" + std::to_string(number);
}

/// The conditions of expectations as functions, each condition where the file has it.
std::string conditions(const GuestSource& source) {
  std::vector<std::string> lines;
  const auto line = [&](std::size_t number) -> std::string& {
    lines.resize(std::max(lines.size(), number));
    return lines[number - 1];
  };
  std::istringstream text_of_file(source.file.text);  // a macro is known in its own file alone
  bool goes_on = false;
  std::string one;
  for (std::size_t at = 1; std::getline(text_of_file, one); ++at) {
    goes_on = goes_on || one.starts_with("#define");
    if (goes_on) {
      line(at) = one;
    }
    goes_on = goes_on && one.ends_with('\\');
  }
  std::size_t number = 0;
  for (const GuestExpectation& each : source.expectations) {
    line(each.location.line - 1) += "bool " + name_of_condition(number++) + "(void) { return (";
    std::string& here = line(each.location.line);
    here.resize(each.location.column - 1, ' ');
    here += each.condition + "); }";
  }
  std::string text;
  for (const std::string& each : lines) {
    text += each + "\n";
  }
  return text;
}

/// The error with the line of the user's file.
InputError with_line(const InputError& error, const SourceFile& file) {
  if (error.location().file != file.path || error.location().line == 0) {
    return error;
  }
  std::istringstream text(file.text);
  std::string line;
  for (unsigned i = 0; i < error.location().line; ++i) {
    std::getline(text, line);
  }
  return error.at(error.location(), line);
}

/// Expressions over the program's variables, where a step of the world has come to.
class InStep {
 public:
  InStep(const Step& step, VarId result, Expr read)
      : rewrite_(step.pool(), [&step, result, read](Expr leaf) {
          if (leaf.op() != Op::variable) {
            return leaf;
          }
          return leaf.index() == result && read.valid() ? read : step.get(leaf.index());
        }) {}
  Expr operator()(Expr e) { return rewrite_(e); }

 private:
  Rewriter rewrite_;
};

std::string trimmed_line(const SourceFile& file, unsigned number) {
  std::istringstream text(file.text);
  std::string line;
  for (unsigned i = 0; i < number; ++i) {
    std::getline(text, line);
  }
  const std::size_t begin = line.find_first_not_of(" \t");
  return begin == std::string::npos
             ? std::string{}
             : line.substr(begin, line.find_last_not_of(" \t\r") - begin + 1);
}

}  // namespace

GuestCode::GuestCode(TransitionSystem& system, const GuestSource& source)
    : system_(system), platform_(add_guest_variables(system)), name_(source.entry) {
  const std::vector<SourceFile> files{
      source.file, {around, wrapper(source)}, {source.file.path, conditions(source)}};
  try {
    const Program program = Program::check(files, {}, platform_);
    read(source, program);
  } catch (const InputError& error) {
    throw with_line(error, source.file);
  }
}

void GuestCode::read(const GuestSource& source, const Program& program) {
  for (const GlobalLeaf& leaf : program.globals()) {
    const Expr initial = system_.pool->constant(leaf.sort, leaf.initial);
    const VarId id = system_.add_variable("guest::" + leaf.path, leaf.sort, initial, leaf.display,
                                          Role::guests_program);
    globals_[leaf.path] = id;
    observed_.push_back(id);
  }
  places_ = {
      Display::Kind::enumeration,
      {{static_cast<std::uint64_t>(GuestPlace::took_gp), "#GP"},
       {static_cast<std::uint64_t>(GuestPlace::db_in_handler), "#DB in db_handler()"},
       {static_cast<std::uint64_t>(GuestPlace::too_many_dbs),
        fmt::format("more than {} #DBs", most_dbs)},
       {static_cast<std::uint64_t>(GuestPlace::undefined), "undefined behaviour in the program"},
       {static_cast<std::uint64_t>(GuestPlace::other_instruction),
        "software completed an instruction that is not the program's"}}};
  const auto first = static_cast<std::uint64_t>(GuestPlace::first);
  lower(program, runs, first);
  handler_ = first + (places_.names.size() - 5);
  lower(program, handles, handler_);
  for (Call& call : calls_) {
    call.text = call.location.file == source.file.path
                    ? trimmed_line(source.file, call.location.line)
                    : std::string(call.operation->name) + "()";
  }
  for (Silent& each : silent_) {
    each.text = trimmed_line(source.file, each.location.line);
  }
  const GuestVariables& v = platform_.variables();
  Variable& place = system_.variables[v.place];
  place.initial = system_.pool->constant(place.sort, first);
  place.display = places_;
  system_.variables[v.return_place].display = places_;
  for (const GuestVariables::Db& each : v.log) {
    system_.variables[each.at].display = places_;
  }
  system_.control.push_back(v.place);
  read_expectations(source, program);
}

void GuestCode::lower(const Program& program, const std::string& function, std::uint64_t first) {
  const VarId place = platform_.variables().place;
  const std::size_t first_rule = system_.rules.size();
  ThreadOptions options;
  options.pc = place;
  options.first_pc = first;
  options.ways_apart = 100'000;  // never joined: a rule makes one call
  options.begin = [this](const std::string& name) {
    return Step(system_, name, name_, AgentKind::guest);
  };
  options.shared = [](const std::string& /*leaf*/) { return false; };
  options.undefined = [place](Step& step, const std::string& /*reason*/) {
    const Expr here = step.get(place);
    step.set(place, same_sort(here, static_cast<std::uint64_t>(GuestPlace::undefined)));
  };
  for (const ThreadLocation& each :
       lower_thread(program, function, system_, platform_, globals_, options)) {
    std::string name = each.name;
    if (name.starts_with(around)) {
      const bool handler = function == handles;
      name = name.find("__guest_ends") == std::string::npos && handler ? "the end of db_handler()"
                                                                       : "the end";
      name = name == "the end" && each.pc == first ? "the beginning" : name;
    }
    places_.names.push_back({each.pc, name});
  }
  sort_out(first_rule);
}

void GuestCode::sort_out(std::size_t first_rule) {
  const GuestVariables& v = platform_.variables();
  std::map<std::uint64_t, Call> calls;
  for (std::size_t i = first_rule; i < system_.rules.size(); ++i) {
    Rule& rule = system_.rules[i];
    if (!rule.inputs.empty()) {
      const SourceLocation where =
          rule.causes.empty() ? SourceLocation{} : rule.causes.back().location;
      throw InputError(where, "the guest's program chooses: " + system_.inputs[rule.inputs[0]].name,
                       {},
                       "values that the program computes, and no local that is read before it has "
                       "one");
    }
    const auto noted = std::find_if(rule.updates.begin(), rule.updates.end(),
                                    [&](const Update& each) { return each.variable == v.noted; });
    if (noted == rule.updates.end()) {
      const SourceLocation where =
          rule.causes.empty() ? SourceLocation{} : rule.causes.front().location;
      silent_.push_back({{rule.guard, rule.updates}, where, {}});
      continue;
    }
    const std::uint64_t number = noted->value.value();
    rule.updates.erase(noted);
    Call& call = calls[number];
    if (call.operation == nullptr) {
      static_cast<GuestCall&>(call) = platform_.calls().at(number - 1);
    }
    if (call.operation->kind == Kind::returns_from_db) {
      for (Update& each : rule.updates) {
        each.value = each.variable == v.place ? system_.variable(v.return_place) : each.value;
      }
      const Expr place = system_.variable(v.return_place);
      rule.updates.push_back({v.return_place, same_sort(place, 0)});
    }
    call.ways.push_back({rule.guard, rule.updates});
  }
  system_.rules.resize(first_rule);
  for (auto& [number, call] : calls) {
    if (call.operation->kind == Kind::ends) {
      ends_.push_back(call.guard);
    } else {
      calls_.push_back(std::move(call));
    }
  }
}

void GuestCode::read_expectations(const GuestSource& source, const Program& program) {
  for (std::size_t i = 0; i < source.expectations.size(); ++i) {
    const GuestExpectation& each = source.expectations[i];
    Expr value;
    const Step step(system_, name_of_condition(i), name_, AgentKind::property);
    const std::size_t inputs = system_.inputs.size();
    for (const AtomicPath& path :
         run_atomically(program, name_of_condition(i), step, platform_, globals_)) {
      if (path.undefined || !path.result.valid()) {
        throw InputError(each.location, "the condition is not defined in every outcome", {},
                         "a condition that can be evaluated whatever the globals are");
      }
      value = value.valid() ? ite(path.step.guard(), path.result, value) : path.result;
    }
    std::vector<VarId> known = observed_;
    known.push_back(platform_.variables().dbs);
    const std::vector<VarId> asked =
        value.valid() ? variables_of(std::vector<Expr>{value}) : std::vector<VarId>{};
    const bool of_outcome = std::all_of(asked.begin(), asked.end(), [&](VarId id) {
      return std::find(known.begin(), known.end(), id) != known.end();
    });
    if (!value.valid() || !of_outcome || system_.inputs.size() != inputs) {
      throw InputError(each.location, "the condition does not look at the outcome alone", {},
                       "an expression over the program's globals and `dbs`");
    }
    expectations_.push_back(value);
  }
}

void GuestCode::come_to(Step& step, const Call& call) const {
  const VarId id = platform_.variables().place;
  step.assume(call.guard);
  step.set(id, same_sort(step.get(id), call.place));
}

Expr GuestCode::is_at(const Step& step, GuestPlace place) const {
  const Expr here = step.get(platform_.variables().place);
  return eq(here, same_sort(here, static_cast<std::uint64_t>(place)));
}

void GuestCode::go(Step& step, Expr condition, GuestPlace place) const {
  const VarId id = platform_.variables().place;
  const Expr here = step.get(id);
  step.set(id, ite(condition, same_sort(here, static_cast<std::uint64_t>(place)), here));
}

void GuestCode::complete(Step& step, machine::Instruction instruction, Expr read) const {
  const GuestVariables& v = platform_.variables();
  InStep here(step, v.result, read);
  std::map<VarId, Expr> next;
  Expr is_the_programs = step.pool().boolean(false);
  const auto value_of = [&](VarId id) {
    const auto known = next.find(id);
    return known == next.end() ? step.get(id) : known->second;
  };
  for (const Call& call : calls_) {
    if (call.operation->instruction != instruction) {
      continue;
    }
    const Expr comes_next = here(call.guard);
    if (comes_next.is_false()) {
      continue;
    }
    is_the_programs = is_the_programs || comes_next;
    for (const Way& way : call.ways) {
      const Expr goes = here(way.guard);
      for (const Update& update : way.updates) {
        next[update.variable] = ite(goes, here(update.value), value_of(update.variable));
      }
    }
  }
  if (instruction == machine::Instruction::mov_from_dr6) {
    for (std::size_t i = 0; i < v.log.size(); ++i) {
      const Expr last = eq(step.get(v.dbs), same_sort(step.get(v.dbs), i + 1));
      const Expr old = step.get(v.log[i].dr6);
      const Expr first = step.get(v.in_handler) && last && eq(old, same_sort(old, 0));
      next[v.log[i].dr6] = ite(first, read, old);
    }
  }
  for (const auto& [id, value] : next) {
    step.set(id, value);
  }
  go(step, !is_the_programs, GuestPlace::other_instruction);
}

void GuestCode::take_db(Step& step, Expr tf, Expr cpl) const {
  const GuestVariables& v = platform_.variables();
  const Expr place = step.get(v.place);
  const Expr count = step.get(v.dbs);
  const Expr stopped = ult(place, same_sort(place, static_cast<std::uint64_t>(GuestPlace::first)));
  const Expr full = eq(count, same_sort(count, most_dbs));
  const Expr nested = step.get(v.in_handler);
  const Expr taken = !stopped && !full;
  const Expr entered = taken && !nested;
  const auto set_if = [&](Expr condition, VarId id, Expr value) {
    step.set(id, ite(condition, value, step.get(id)));
  };
  for (std::size_t i = 0; i < v.log.size(); ++i) {
    set_if(taken && eq(count, same_sort(count, i)), v.log[i].at, place);
  }
  set_if(taken, v.dbs, count + same_sort(count, 1));
  set_if(entered, v.return_place, place);
  set_if(entered, v.frame_tf, tf);
  set_if(entered, v.frame_cpl, cpl);
  set_if(entered, v.in_handler, step.pool().boolean(true));
  set_if(entered, v.place, same_sort(place, handler_));
  go(step, !stopped && nested, GuestPlace::db_in_handler);
  go(step, !stopped && full, GuestPlace::too_many_dbs);
}

void GuestCode::take_gp(Step& step) const {
  const Expr place = step.get(platform_.variables().place);
  go(step, ule(same_sort(place, static_cast<std::uint64_t>(GuestPlace::first)), place),
     GuestPlace::took_gp);
}

Expr GuestCode::written(const Step& step, machine::Instruction instruction, Expr otherwise) const {
  InStep here(step, platform_.variables().result, {});
  for (const Call& call : calls_) {
    if (call.operation->instruction == instruction) {
      otherwise = ite(here(call.guard), here(call.operands.value), otherwise);
    }
  }
  return otherwise;
}

GuestOutcome GuestCode::outcome(Expr in_guest_mode) const {
  const GuestVariables& v = platform_.variables();
  const Expr place = system_.variable(v.place);
  Expr at_end = system_.pool->boolean(false);
  for (const Expr guard : ends_) {
    at_end = at_end || guard;
  }
  const Expr stopped = ult(place, same_sort(place, static_cast<std::uint64_t>(GuestPlace::first)));
  return {stopped || (in_guest_mode && at_end), v.place, observed_, v.dbs, v.log, expectations_};
}

}  // namespace airlock
