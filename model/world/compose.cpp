// The order of events (DESIGN.md, "model/software"): vcpu_create() makes the initial state; boot()
// runs once, alone, from reset; then vcpu_run() runs forever, and actors come between any two of
// its steps where nothing masks them. boot() and every actor run twice in one atomic step with the
// same inputs: on the machine, and on the reference host with copies of their own of every global
// that they touch (both_hosts.cpp). A task switch ends with vcpu_load(), on the machine alone.
#include "model/world/compose.hpp"

#include <algorithm>

#include "model/machine/register_table.hpp"
#include "model/machine/svm.hpp"
#include "model/software/lower.hpp"
#include "model/system/input_error.hpp"
#include "model/system/reduce.hpp"
#include "model/world/both_hosts.hpp"
#include "model/world/guest.hpp"
#include "model/world/platform.hpp"
#include "model/world/properties.hpp"
#include "model/world/words.hpp"

namespace airlock {

namespace {

class Composer {
 public:
  Composer(TransitionSystem& system, const Layout& layout, const Composition& what,
           bool judges_events)
      : system_(system),
        layout_(layout),
        program_(what.program),
        actors_(what.actors),
        entries_(what.entries != nullptr ? *what.entries : entries_by_name(what.program)),
        numbering_(what.numbering != nullptr ? *what.numbering : own_numbering_),
        machine_(layout),
        vcpu_(layout, entries_.enter_guest.empty() ? entries_.run : entries_.enter_guest),
        switched_in_(layout),
        hosts_(system, layout, program_, machine_, globals_, reference_globals_, numbering_.lost),
        operands_(what.operands),
        can_continue_(what.can_continue) {
    const auto undefined = [this](Step& step, const std::string& reason) {
      become_undefined(step, reason);
    };
    for (MachinePlatform* platform :
         {static_cast<MachinePlatform*>(&machine_), static_cast<MachinePlatform*>(&vcpu_),
          static_cast<MachinePlatform*>(&switched_in_)}) {
      platform->undefined = undefined;
      platform->judges_events = judges_events;
    }
    vcpu_.software_dr6 = [this](const Step& step) { return software_dr6(step); };
  }

  /// False, and the system is not to be used: VMRUN must look at what it injects.
  [[nodiscard]] bool run() {
    check_words(program_, entries_, machine_);
    check_entries(program_, entries_);
    check_guest_dr6();
    bind_globals();
    create_vcpu();
    const std::uint64_t start = add_vcpu_thread();
    if (!vcpu_.judges_events && !writes_known_events()) {
      return false;
    }
    add_boot(start);
    for (const std::string& actor : actors_) {
      add_actor(actor_entry(actor));
    }
    if (!vcpu_.judges_events && !writes_known_events()) {  // vcpu_load() may, too
      return false;
    }
    std::vector<std::string> machine_alone{entries_.run};
    if (!entries_.load.empty()) {
      machine_alone.push_back(entries_.load);
    }
    hosts_.freeze(machine_alone);
    add_guest_rules(system_, layout_);
    add_undefined_rule();
    system_.assumptions = {
        "an actor runs as one step: no NMI falls inside an interrupt handler or a task switch",
        "the delivery of an injected #DB is not interrupted (no EXITINTINFO)",
        "one physical CPU; what docs/hardware.md lists as left out does not happen",
    };
    for (const machine::Instruction instruction : layout_.options.guest_without) {
      system_.assumptions.push_back("the guest does not execute " + machine::name_of(instruction));
    }
    if (asks_about_debugctl() && !host_writes_debugctl()) {
      system_.assumptions.emplace_back(
          "nobody on the host writes its DebugCtl, no actor that is on and no boot(): whatever "
          "keeps the host's bits away from the guest is not put to the test");
    }
    const GuestSawVariables& saw = layout_.guest_saw;
    system_.lateness = {saw.lost_db, saw.spurious_db, AgentKind::guest,
                        "the guest takes a #DB with DR6={guest_saw.db_dr6}"};
    add_properties(system_, layout_, program_, entries_, machine_, globals_, hosts_.lost(),
                   operands_);
    if (can_continue_) {
      add_can_continue(system_);
    }
    name_undefined_reasons();
    return true;
  }

 private:
  [[nodiscard]] const ActorEntry& actor_entry(const std::string& name) const {
    const ActorEntry* actor = entries_.find_actor(name);
    if (actor == nullptr) {
      throw InputError({}, "no actor '" + name + "' in the model", {}, "one of its actors");
    }
    return *actor;
  }

  [[nodiscard]] bool asks_about_debugctl() const {
    const std::vector<Function>& all = program_.functions();
    return std::any_of(all.begin(), all.end(), [&](const Function& function) {
      return is_property(function, entries_) &&
             program_.reads_of_machine(function.name, "cpu.debugctl");
    });
  }

  /// Whether some step of the host's own changes what its DebugCtl should be.
  [[nodiscard]] bool host_writes_debugctl() const {
    return std::any_of(system_.rules.begin(), system_.rules.end(), [&](const Rule& rule) {
      return is_of_the_host(rule.agent) &&
             std::any_of(rule.updates.begin(), rule.updates.end(), [&](const Update& update) {
               return update.variable == layout_.reference_host.debugctl;
             });
    });
  }

  void check_guest_dr6() const {
    if (entries_.guest_dr6.empty()) {
      return;
    }
    const Function* function = program_.find_function(entries_.guest_dr6);
    if (!function->returns_u64 || function->parameters != 0) {
      throw InputError(function->location, function->name + "() has another type", {},
                       "`u64 " + function->name + "(void)`");
    }
    check_only_reads(program_, function->name, function->name + "()");
  }

  /// The functions of the host that run on the reference host too.
  [[nodiscard]] std::vector<std::string> host_functions() const {
    std::vector<std::string> result;
    for (const std::string& actor : actors_) {
      result.push_back(actor_entry(actor).function);
    }
    if (!entries_.boot.empty()) {
      result.push_back(entries_.boot);
    }
    return result;
  }

  /// A global with a register's name, as the kernel names its copies, shows that register's bits.
  /// Only what people read depends on it.
  [[nodiscard]] Display display_of(const GlobalLeaf& leaf) const {
    const std::string name = leaf.path.substr(leaf.path.rfind('.') + 1);
    if (leaf.display.kind != Display::Kind::plain || leaf.sort.width() < 16) {
      return leaf.display;
    }
    for (const machine::Format* format : machine::formats_declared()) {
      for (const std::string& part : format->copies_are_called) {
        if (name.find(part) != std::string::npos) {
          return machine::display_of(*format);
        }
      }
    }
    return leaf.display;
  }

  void bind_globals() {
    std::set<std::string> by_host;
    for (const std::string& function : host_functions()) {
      by_host.merge(program_.globals_touched(function));
    }
    for (const GlobalLeaf& leaf : program_.globals()) {
      const Expr initial = system_.pool->constant(leaf.sort, leaf.initial);
      const Display display = display_of(leaf);
      globals_[leaf.path] =
          system_.add_variable(leaf.path, leaf.sort, initial, display, Role::software);
      reference_globals_[leaf.path] = globals_[leaf.path];
      if (by_host.count(leaf.path) != 0) {
        reference_globals_[leaf.path] = system_.add_variable(
            "reference_host." + leaf.path, leaf.sort, initial, display, Role::reference_host);
      }
    }
  }

  /// vcpu_create(): everything it does is known before the first step, but for what it chooses:
  /// these inputs become the initial state's.
  void create_vcpu() {
    if (entries_.create.empty()) {
      return;
    }
    const Function* function = program_.find_function(entries_.create);
    const std::string shown = entries_.create + "()";
    // Start from constants: the initial values.
    Step step(system_, entries_.create, entries_.create, AgentKind::boot);
    if (layout_.options.coverage) {
      step.start_marking(Marking::runs);
    }
    for (VarId id = 0; id < system_.variables.size(); ++id) {
      if (system_.variables[id].initial.is_constant()) {
        step.set(id, system_.variables[id].initial);
      }
    }
    const std::vector<AtomicPath> paths =
        run_atomically(program_, entries_.create, step, machine_, globals_);
    if (paths.empty()) {
      throw InputError(function->location, shown + " never ends", {},
                       "an assume() that is true for some choice");
    }
    const auto is_open = [&](Expr e) { return !variables_of(std::vector<Expr>{e}).empty(); };
    for (const AtomicPath& path : paths) {
      if (path.undefined) {
        throw InputError(path.location, "undefined behaviour in vcpu_create(): " + path.reason, {},
                         "code that is defined: its effect is part of the initial state");
      }
      // (With assume() the paths would not be all there is to choose.)
      const bool assumes = !path.step.guard().is_true() && program_.assumption_in(entries_.create);
      if (is_open(path.step.guard()) || assumes) {
        throw InputError(function->location, shown + " can go more than one way", {},
                         "code that depends on any_bool() and any_bits() alone: its effect is part "
                         "of the initial state");
      }
    }
    for (VarId id = 0; id < system_.variables.size(); ++id) {
      if (!system_.variables[id].initial.is_constant()) {
        continue;
      }
      Expr value = paths.front().step.get(id);
      for (const AtomicPath& path : paths) {
        value = ite(path.step.guard(), path.step.get(id), value);
      }
      if (is_open(value)) {
        throw InputError(function->location,
                         shown + " leaves '" + system_.variables[id].name + "' open", {},
                         "one value: its effect is part of the initial state");
      }
      system_.variables[id].initial = value;
    }
    choose_initially();
    for (const AtomicPath& path : paths) {
      mark_creation(path.step);
    }
    // What the vCPU's creation left in a global of the host is there on the reference host too.
    for (const auto& [leaf, id] : globals_) {
      system_.variables[reference_globals_.at(leaf)].initial = system_.variables[id].initial;
    }
  }

  /// What initial values mention is chosen before the first step.
  void choose_initially() {
    std::vector<Expr> roots;
    for (const Variable& variable : system_.variables) {
      roots.push_back(variable.initial);
    }
    for (const InputId id : inputs_of(roots)) {
      auto& known = system_.initial_inputs;
      if (std::find(known.begin(), known.end(), id) == known.end()) {
        known.push_back(id);
      }
    }
  }

  /// What ran before the first step is marked in the states from which that is taken.
  void mark_creation(Step step) const {
    const bool boots = !entries_.boot.empty();
    const Expr pc = system_.variable(layout_.pc);
    step.assume(eq(pc, same_sort(pc, boots ? pc_boot : pc_first)));
    step.finish_markers();
  }

  [[nodiscard]] std::set<std::string> shared_globals() const {
    std::set<std::string> touched;
    std::set<std::string> written;
    const auto add = [&](const std::string& function) {
      touched.merge(program_.globals_touched(function));
      written.merge(program_.globals_written(function));
    };
    bool task_switches = false;
    for (const std::string& actor : actors_) {
      add(actor_entry(actor).function);
      task_switches = task_switches || actor_entry(actor).kind == AgentKind::task_switch;
    }
    if (task_switches && !entries_.load.empty()) {
      add(entries_.load);
    }
    const std::set<std::string> written_by_vcpu = program_.globals_written(entries_.run);
    std::set<std::string> shared;
    for (const std::string& leaf : program_.globals_touched(entries_.run)) {
      // What nobody writes is a constant; an access to it commutes with everything.
      if (touched.count(leaf) != 0 &&
          (written.count(leaf) != 0 || written_by_vcpu.count(leaf) != 0)) {
        shared.insert(leaf);
      }
    }
    return shared;
  }

  [[nodiscard]] Step begin_host_step(const std::string& name, const std::string& actor,
                                     AgentKind agent) const {
    Step step = begin_step(system_, layout_, name, actor, agent);
    step.assume(!step.get(layout_.machine.cpu.guest_mode));
    return step;
  }

  std::uint64_t add_vcpu_thread() {
    const std::set<std::string> shared = shared_globals();
    ThreadOptions options;
    options.pc = layout_.pc;
    options.first_pc = pc_first;
    if (!layout_.options.wide) {
      options.pc_is_too_narrow = [] { throw TooNarrow{}; };
    }
    options.known = &numbering_.places;
    options.begin = [this](const std::string& name) {
      return begin_host_step(name, entries_.run, AgentKind::thread);
    };
    options.shared = [&](const std::string& leaf) { return shared.count(leaf) != 0; };
    options.undefined = [this](Step& step, const std::string& reason) {
      become_undefined(step, reason);
    };
    const std::vector<ThreadLocation> locations =
        lower_thread(program_, entries_.run, system_, vcpu_, globals_, options);
    Display display{Display::Kind::enumeration,
                    {{pc_boot, "boot"}, {pc_undefined, "undefined behaviour"}}};
    for (const ThreadLocation& location : locations) {
      display.names.push_back({location.pc, location.name});
    }
    system_.variables[layout_.pc].display = display;
    return locations.front().pc;
  }

  /// The model injects #DB alone (15.20). Where software computes what it writes to EVENTINJ, as
  /// the kernel does, the value decides, and it does where it is used: VMRUN looks at it, and has
  /// undefined behaviour for another event. A constant that is another event is an error at once.
  /// True: nothing but nothing and #DB is ever written, and VMRUN need not look.
  [[nodiscard]] bool writes_known_events() const {
    const VarId id = layout_.machine.vmcb.event_inj;
    bool known = is_event(system_.variables[id].initial, id);
    for (const Rule& rule : system_.rules) {
      for (const Update& update : rule.updates) {
        if (update.variable != id) {
          continue;
        }
        if (machine::injects_db_or_nothing(update.value).is_false()) {
          throw InputError(rule.causes.empty() ? SourceLocation{} : rule.causes.front().location,
                           "EVENTINJ gets an event that the model does not have", {},
                           "0, or SVM_EVTINJ_VALID | SVM_EVTINJ_TYPE_EXEPT | DB_VECTOR");
        }
        known = known && is_event(update.value, id);
      }
    }
    return known;
  }

  static bool is_event(Expr value, VarId id) {
    if (value.op() == Op::ite) {
      return is_event(value.arg(1), id) && is_event(value.arg(2), id);
    }
    return value.is_value(0) || value.is_value(machine::vmcb::event_db) ||
           (value.op() == Op::variable && value.index() == id);
  }

  void add_boot(std::uint64_t start) {
    if (entries_.boot.empty()) {
      system_.variables[layout_.pc].initial = same_sort(system_.variable(layout_.pc), start);
      return;
    }
    Step step = begin_host_step(entries_.boot, entries_.boot, AgentKind::boot);
    const Expr pc = step.get(layout_.pc);
    step.assume(eq(pc, same_sort(pc, pc_boot)));
    for (AtomicPath& way : hosts_.run(entries_.boot, step)) {
      if (!way.undefined) {
        way.step.set(layout_.pc, same_sort(pc, start));
      }
      finish(way);
    }
  }

  /// Guards: DESIGN.md, "Actors come between any two steps where nothing masks them".
  void add_actor(const ActorEntry& actor) {
    const machine::CpuOf<VarId>& cpu = layout_.machine.cpu;
    Step step = begin_host_step(actor.name, actor.name, actor.kind);
    const Expr pc = step.get(layout_.pc);
    step.assume(ne(pc, same_sort(pc, pc_boot)) && ne(pc, same_sort(pc, pc_undefined)));
    step.assume(step.get(cpu.gif));
    const bool task_switch = actor.kind == AgentKind::task_switch;
    if (task_switch || actor.kind == AgentKind::interrupt) {
      step.assume(bit(step.get(cpu.rflags), machine::rflags::IF));
    }
    if (task_switch) {
      const Expr count = step.get(layout_.preempt_count);
      step.assume(eq(count, same_sort(count, 0)));
    }
    // A handler runs with interrupts off; IRET, or switching back, restores rFLAGS.
    const Expr rflags = step.get(cpu.rflags);
    if (!task_switch) {
      step.set(cpu.rflags, with_bit(rflags, machine::rflags::IF, step.pool().boolean(false)));
    }
    for (AtomicPath& way : hosts_.run(actor.function, step)) {
      if (!way.step.ended()) {
        way.step.set(cpu.rflags, rflags);
      }
      if (task_switch && !way.undefined && !entries_.load.empty()) {
        for (const AtomicPath& path :
             run_atomically(program_, entries_.load, way.step, switched_in_, globals_)) {
          finish(path);
        }
      } else {
        finish(way);
      }
    }
  }

  void finish(const AtomicPath& path) {
    Step step = path.step;
    if (path.undefined && !step.ended()) {
      become_undefined(step, path.reason);
    }
    step.finish();
  }

  /// The DR6 that the guest would read through an intercept: what `u64 guest_dr6(void)` returns.
  [[nodiscard]] Expr software_dr6(const Step& step) const {
    if (entries_.guest_dr6.empty()) {
      return {};
    }
    const auto refuse = [&](const std::string& what) {
      throw InputError(program_.find_function(entries_.guest_dr6)->location,
                       entries_.guest_dr6 + "() " + what, {}, "a function of the vCPU's memory");
    };
    Expr value;
    const std::size_t inputs = system_.inputs.size();
    for (const AtomicPath& path :
         run_atomically(program_, entries_.guest_dr6, step, machine_, globals_)) {
      if (path.undefined || !path.result.valid()) {
        refuse("has no defined value");
      }
      for (VarId id = 0; id < system_.variables.size(); ++id) {
        if (path.step.get(id) != step.get(id)) {
          refuse("changes '" + system_.variables[id].name + "'");
        }
      }
      value = value.valid() ? ite(path.step.guard(), path.result, value) : path.result;
    }
    if (!value.valid()) {
      refuse("has no defined value");
    }
    if (system_.inputs.size() != inputs) {
      refuse("makes a choice: it reads a variable without a value");
    }
    return value;
  }

  /// The last that happens in a step.
  void become_undefined(Step& step, const std::string& reason) {
    auto found = std::find(numbering_.reasons.begin(), numbering_.reasons.end(), reason);
    if (found == numbering_.reasons.end()) {
      numbering_.reasons.push_back(reason);
      found = numbering_.reasons.end() - 1;
      if (numbering_.reasons.size() > system_.variables[layout_.undefined].sort.mask()) {
        if (!layout_.options.wide) {
          throw TooNarrow{};
        }
        throw InputError({}, "more than 65535 kinds of undefined behaviour in one model");
      }
    }
    const auto number = static_cast<std::uint64_t>(found - numbering_.reasons.begin()) + 1;
    step.set(layout_.undefined, same_sort(step.get(layout_.undefined), number));
    step.set(layout_.pc, same_sort(step.get(layout_.pc), pc_undefined));
    step.end(reason);
  }

  /// After undefined behaviour nothing more is claimed; the state stays.
  void add_undefined_rule() {
    Step step =
        begin_step(system_, layout_, "after undefined behaviour", "hardware", AgentKind::hardware);
    const Expr pc = step.get(layout_.pc);
    step.assume(eq(pc, same_sort(pc, pc_undefined)));
    step.finish();
  }

  void name_undefined_reasons() {
    Display display{Display::Kind::enumeration, {{0, "none"}}};
    for (std::size_t i = 0; i < numbering_.reasons.size(); ++i) {
      display.names.push_back({i + 1, numbering_.reasons[i]});
    }
    system_.variables[layout_.undefined].display = display;
  }

  TransitionSystem& system_;
  const Layout& layout_;
  const Program& program_;
  const std::set<std::string>& actors_;
  const Entries entries_;
  Numbering own_numbering_;
  Numbering& numbering_;
  MachinePlatform machine_;
  VcpuPlatform vcpu_;
  SwitchedInPlatform switched_in_;
  GlobalBindings globals_;
  GlobalBindings reference_globals_;
  BothHosts hosts_;
  std::vector<PropertyOperand>* operands_;
  bool can_continue_;
};

}  // namespace

void compose(TransitionSystem& system, const Layout& layout, const Composition& what) {
  const TransitionSystem laid_out = system;
  if (!Composer(system, layout, what, false).run()) {
    system = laid_out;
    (void)Composer(system, layout, what, true).run();
  }
  validate(system);
}

}  // namespace airlock
