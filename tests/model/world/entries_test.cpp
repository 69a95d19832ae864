// Where a world enters its code: by name, or as it is told.
#include "model/world/entries.hpp"

#include <doctest/doctest.h>
#include <set>

#include "model/system/input_error.hpp"
#include "model/world/compose.hpp"
#include "model/world/platform.hpp"

using namespace airlock;

namespace {

struct Composed {
  TransitionSystem system;
  Layout layout;

  Composed(const std::string& text, const std::set<std::string>& actors, const Entries* entries) {
    TransitionSystem skeleton;
    const Layout skeleton_layout = add_layout(skeleton, {});
    const MachinePlatform platform(skeleton_layout);
    const std::vector<SourceFile> base{{"model.c", "#include <airlock/svm.h>\n" + text}};
    const Program program = Program::check(base, {}, platform);
    layout = add_layout(system, {});
    Composition what{program, actors};
    what.entries = entries;
    compose(system, layout, what);
  }

  /// Every agent of a rule that changes `variable`.
  std::set<std::pair<std::string, AgentKind>> writers(const std::string& variable) const {
    const VarId id = system.find_variable(variable).value();
    std::set<std::pair<std::string, AgentKind>> result;
    for (const Rule& rule : system.rules) {
      for (const Update& update : rule.updates) {
        if (update.variable == id) {
          result.emplace(rule.actor, rule.agent);
        }
      }
    }
    return result;
  }
};

using Writers = std::set<std::pair<std::string, AgentKind>>;

/// A kernel's names: what is called vcpu_run, boot, irq_x and always_x is none of it here.
const char* const text =
    "u64 a; u64 b; u64 c; u64 d; u64 e;\n"
    "void vcpu_run(void) { a = 1; }\n"
    "void boot(void) { a = 2; }\n"
    "void irq_enter(void) { a = 3; }\n"
    "u64 always_x(void) { return a; }\n"
    "void ioctl_run(void) { vcpu_run(); b = 1; stgi(); c = 2; clgi(); irq_enter(); }\n"
    "void start(void) { d = 1; }\n"
    "void flbri_on(void) { e = d; update_debugctlmsr(1); }\n";

std::string error_of(const Entries& entries, const std::set<std::string>& actors = {}) {
  try {
    const Composed world(text, actors, &entries);
  } catch (const InputError& error) {
    return error.what();
  }
  return {};
}

bool contains(const std::string& whole, const std::string& part) {
  return whole.find(part) != std::string::npos;
}

Entries kernels() {
  Entries entries;
  entries.run = "ioctl_run";
  entries.boot = "start";
  entries.actors = {{"perf, by NMI", "flbri_on", AgentKind::nmi}};
  entries.property_files = std::set<std::string>{"properties.c"};
  return entries;
}

}  // namespace

TEST_CASE("entries that are given are the only ones, whatever other functions are called") {
  const Entries entries = kernels();
  const Composed world(text, {"perf, by NMI"}, &entries);
  CHECK(world.writers("b") == Writers{{"ioctl_run", AgentKind::thread}});
  CHECK(world.writers("a") == Writers{{"ioctl_run", AgentKind::thread}});
  CHECK(world.writers("d") == Writers{{"start", AgentKind::boot}});
  CHECK(world.writers("e") == Writers{{"perf, by NMI", AgentKind::nmi}});
  CHECK(world.writers("reference_host.DEBUGCTL") == Writers{{"perf, by NMI", AgentKind::nmi}});
  CHECK(world.system.find_property("always_x") == nullptr);
}

TEST_CASE("without entries the names of docs/language.md are meant") {
  const Composed world(
      "u64 a; u64 b; u64 c;\n"
      "void vcpu_run(void) { a = 1; stgi(); }\n"
      "void boot(void) { b = 2; }\n"
      "void irq_enter(void) { c = 3; }\n",
      {"irq_enter"}, nullptr);
  CHECK(world.writers("a") == Writers{{"vcpu_run", AgentKind::thread}});
  CHECK(world.writers("b") == Writers{{"boot", AgentKind::boot}});
  CHECK(world.writers("c") == Writers{{"irq_enter", AgentKind::interrupt}});
}

TEST_CASE("an entry that is not there, or is told twice, is an error that names it") {
  Entries entries = kernels();
  CHECK(error_of(entries) == "");
  entries.load = "vcpu_put";
  CHECK(contains(error_of(entries), "no function 'vcpu_put' in the model"));
  entries = kernels();
  entries.run = "";
  CHECK(contains(error_of(entries), "no function ''"));
  entries = kernels();
  entries.actors.push_back({"perf, by NMI", "vcpu_run", AgentKind::interrupt});
  CHECK(contains(error_of(entries), "two agents are called 'perf, by NMI'"));
  entries = kernels();
  entries.actors.front().kind = AgentKind::guest;
  CHECK(contains(error_of(entries), "of no kind that an actor can have"));
  CHECK(contains(error_of(kernels(), {"irq_enter"}), "no actor 'irq_enter'"));
}
