// Opening what MODEL... names: manifests, C files, fixes, parameters and actors.
#include "model/world/project.hpp"

#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <unistd.h>

#include "model/system/input_error.hpp"
#include "model/system/interpreter.hpp"

using namespace airlock;

namespace {

namespace fs = std::filesystem;

/// A model of its own: a manifest, a base, a property, two fixes.
class Model {
 public:
  Model() {
    std::string pattern = (fs::temp_directory_path() / "airlock-project-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path = pattern;
    file("model.c",
         "#include <airlock/svm.h>\n"
         "/* How many. */\n"
         "const u64 count = 3;\n"
         "u64 value;\n"
         "void helper(void) { value = count; }\n"
         "/* By interrupt. */\n"
         "void irq_a(void) { update_debugctlmsr(1); }\n"
         "void nmi_b(void) { update_debugctlmsr(2); }\n"
         "void vcpu_run(void) { helper(); stgi(); }\n");
    file("p.c", "#include <airlock/svm.h>\nbool always_p(void) { return true; }\n");
    file("first.c",
         "/*\n * Does the first thing. And more.\n */\n#include <airlock/svm.h>\n"
         "extern u64 value;\nvoid helper(void) { value = 77; }\n");
    file("second.c",
         "/* Adds a global. */\n#include <airlock/svm.h>\nu64 added = 5;\n"
         "void irq_a(void) { update_debugctlmsr(4); added = 5; }\n");
    manifest("");
  }
  ~Model() { fs::remove_all(path); }
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  void file(const std::string& name, const std::string& text) const {
    std::ofstream(path / name) << text;
  }
  void manifest(const std::string& more) const {
    file("airlock.toml",
         "files = [\"model.c\"]\nproperties = [\"p.c\"]\nfixes = [\"first.c\", \"second.c\"]\n" +
             more);
  }
  [[nodiscard]] Project open(const Settings& settings = {}) const {
    return Project::open({path.string()}, settings);
  }
  [[nodiscard]] std::string error(const Settings& settings) const {
    try {
      (void)open(settings);
    } catch (const InputError& e) {
      return e.what();
    }
    return "no error";
  }

  fs::path path;
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

bool has_actor(const World& world, const std::string& actor) {
  for (const Rule& rule : world.system.rules) {
    if (rule.actor == actor) {
      return true;
    }
  }
  return false;
}

/// What some rule of `actor` writes to `variable`, if it is a constant.
std::set<std::uint64_t> written(const World& world, const std::string& actor,
                                const std::string& variable) {
  std::set<std::uint64_t> values;
  const auto id = world.system.find_variable(variable);
  REQUIRE(id);
  for (const Rule& rule : world.system.rules) {
    for (const Update& update : rule.updates) {
      if (rule.actor == actor && update.variable == *id && update.value.is_constant()) {
        values.insert(update.value.value());
      }
    }
  }
  return values;
}

}  // namespace

TEST_CASE("a project lists its fixes, the base first, each with its first sentence") {
  const Model m;
  const Project p = m.open();
  CHECK(p.name() == m.path.string());
  REQUIRE(p.fixes().size() == 3);
  CHECK(p.fixes()[0].name == "none");
  CHECK(p.fixes()[0].files.empty());
  CHECK(p.fixes()[1].name == "first");
  CHECK(p.fixes()[1].summary == "Does the first thing.");
  CHECK(p.fixes()[2].name == "second");
  CHECK(p.fixes()[2].summary == "Adds a global.");
}

TEST_CASE("a project lists its actors and parameters with their comments") {
  const Model m;
  m.manifest("[actors]\nnmi_b = false\n");
  const Project p = m.open();
  REQUIRE(p.actors().size() == 2);
  CHECK(p.actors()[0].name == "irq_a");
  CHECK(p.actors()[0].enabled);
  CHECK(contains(p.actors()[0].text, "By interrupt."));
  CHECK(p.actors()[1].name == "nmi_b");
  CHECK_FALSE(p.actors()[1].enabled);
  REQUIRE(p.parameters().size() == 3);
  CHECK(p.parameters()[0].name == "count");
  CHECK(p.parameters()[0].value == 3);
  CHECK(contains(p.parameters()[0].text, "How many."));
  CHECK(p.parameters()[1].name == "guest_debugctl_bits");
  CHECK(p.parameters()[1].value == 1);
  CHECK(p.parameters()[1].shown == "LBR");
  CHECK(p.parameters()[2].name == "cpu_has_lbrv");
}

TEST_CASE("actors are on unless the manifest says off, and the command line has the last word") {
  const Model m;
  m.manifest("[actors]\nnmi_b = false\n");
  Settings settings;
  World world = m.open(settings).build({"none", {}, {}});
  CHECK(has_actor(world, "irq_a"));
  CHECK_FALSE(has_actor(world, "nmi_b"));
  settings.add_actors = {"nmi_b"};
  settings.remove_actors = {"irq_a"};
  world = m.open(settings).build({"none", {}, {}});
  CHECK_FALSE(has_actor(world, "irq_a"));
  CHECK(has_actor(world, "nmi_b"));
}

TEST_CASE("an unknown actor is an error where it was named, with those that there are") {
  const Model m;
  CHECK(contains(m.error({{}, {"irq_x"}, {}}), "--actor: error: unknown actor 'irq_x'"));
  CHECK(contains(m.error({{}, {}, {"irq_x"}}), "--no-actor: error: unknown actor 'irq_x'"));
  CHECK(contains(m.error({{}, {"irq_x"}, {}}), "expected: irq_a, nmi_b"));
  m.manifest("[actors]\nirq_x = true\n");
  CHECK(contains(m.error({}), "airlock.toml:5:1: error: unknown actor 'irq_x'"));
}

TEST_CASE("parameters: the file's value, then the manifest's, then the command line's") {
  const Model m;
  const auto value_of = [&](const Settings& settings) {
    return m.open(settings).parameters()[0].value;
  };
  CHECK(value_of({}) == 3);
  m.manifest("[parameters]\ncount = 4\n");
  CHECK(value_of({}) == 4);
  CHECK(value_of({{{"count", "0x10"}}, {}, {}}) == 16);
  const World world = m.open({{{"count", "LBR|BTF"}}, {}, {}}).build({"none", {}, {}});
  CHECK(written(world, "vcpu_run", "value") == std::set<std::uint64_t>{3});
}

TEST_CASE("an unknown parameter is an error where it was named") {
  const Model m;
  const Project project = m.open({{{"cuont", "1"}}, {}, {}});  // a fix might bring it
  std::string message;
  try {
    (void)project.build({"none", {}, {}});
  } catch (const InputError& error) {
    message = error.what();
  }
  CHECK(contains(message, "--set: error: unknown parameter 'cuont'"));
  m.manifest("[parameters]\ncuont = 4\n");
  CHECK(contains(m.error({}), "airlock.toml:5:1: error: unknown parameter 'cuont'"));
}

TEST_CASE("the guest's DebugCtl bits and LbrVirt can be set where no file declares them") {
  const Model m;
  const Settings settings{{{"guest_debugctl_bits", "LBR|BTF|0x4"}, {"cpu_has_lbrv", "0"}}, {}, {}};
  const Project p = m.open(settings);
  CHECK(p.parameters()[1].value == 7);
  CHECK(p.parameters()[1].shown == "LBR|BTF|BLCKDB");
  CHECK(p.parameters()[2].value == 0);
  for (const char* bad : {"", "LBRS", "3x", "LBR|", "01"}) {
    CAPTURE(bad);
    CHECK(
        contains(m.error({{{"guest_debugctl_bits", bad}}, {}, {}}), "neither a number nor a name"));
  }
  CHECK(contains(m.error({{{"guest_debugctl_bits", "-1"}}, {}, {}}), "does not fit 'u64'"));
  CHECK(contains(m.error({{{"cpu_has_lbrv", "2"}}, {}, {}}), "does not fit 'bool'"));
}

TEST_CASE("a fix's functions replace the base's, and a stack of fixes applies in order") {
  const Model m;
  const Project p = m.open();
  CHECK(written(p.build(p.fix("none")), "vcpu_run", "value") == std::set<std::uint64_t>{3});
  CHECK(written(p.build(p.fix("first")), "vcpu_run", "value") == std::set<std::uint64_t>{77});
  const Fix both = p.fix("first+second");
  CHECK(both.name == "first+second");
  CHECK(both.files.size() == 2);
  CHECK(both.summary == "Does the first thing.");
  const World world = p.build(both);
  CHECK(world.fix.name == "first+second");
  CHECK(written(world, "vcpu_run", "value") == std::set<std::uint64_t>{77});
  CHECK(written(world, "irq_a", "DEBUGCTL") == std::set<std::uint64_t>{4});
  CHECK(world.system.find_variable("added"));
}

TEST_CASE("a fix may be a path, anything else is an error with the names that there are") {
  const Model m;
  const Project p = m.open();
  CHECK(p.fix((m.path / "first.c").string()).files.size() == 1);
  try {
    (void)p.fix("frist");
    FAIL("no error");
  } catch (const InputError& e) {
    CHECK(contains(e.what(), "--fix: error: unknown fix 'frist'"));
    CHECK(contains(e.what(), "none, first, second"));
  }
  CHECK_THROWS_AS((void)p.fix("first+"), InputError);
  CHECK_THROWS_AS((void)p.fix(""), InputError);
}

TEST_CASE("sources are all files of base and fixes with their contents") {
  const Model m;
  const auto sources = m.open().sources();
  CHECK(sources.size() == 4);
  CHECK(contains(sources.at((m.path / "second.c").string()), "Adds a global."));
}

TEST_CASE("MODEL may be C files, or a mixture, and a file named twice counts once") {
  const Model m;
  const std::string base = (m.path / "model.c").string();
  const std::string property = (m.path / "p.c").string();
  const Project p = Project::open({base, property, base}, {});
  CHECK(p.name() == base + " " + property + " " + base);
  CHECK(p.fixes().size() == 1);
  CHECK(p.build(p.fix("none")).system.find_property("always_p") != nullptr);
  CHECK_NOTHROW((void)Project::open({m.path.string(), property}, {}));
  CHECK_THROWS_AS((void)Project::open({(m.path / "gone.c").string()}, {}), InputError);
}

TEST_CASE("a world has all readings free, and validates") {
  const Model m;
  const Project p = m.open();
  const World world = p.build(p.fix("none"));
  CHECK(world.system.choices.size() == 6);
  for (const Choice& choice : world.system.choices) {
    CHECK_FALSE(world.system.variables[choice.variable].initial.is_constant());
  }
  CHECK_NOTHROW(validate(world.system));
}

TEST_CASE("the other values of parameters are those of [values] that are not in force, each once") {
  const Model model;
  model.manifest(
      "[values]\ncount = [3, 4, \"0x4\", 5]\nguest_debugctl_bits = [\"LBR\", \"LBR|BTF\"]\n");
  const auto others = [&](const Settings& settings) {
    std::vector<std::string> result;
    const Project project = model.open(settings);
    for (const OtherValue& other : project.other_values(project.fix("none"))) {
      result.push_back(other.parameter + "=" + other.text + " (" + other.shown + ")");
    }
    return result;
  };
  CHECK(others({}) == std::vector<std::string>{"count=4 (4)", "count=5 (5)",
                                               "guest_debugctl_bits=LBR|BTF (LBR|BTF)"});
  CHECK(others({{{"count", "4"}, {"guest_debugctl_bits", "3"}}, {}, {}}) ==
        std::vector<std::string>{"count=3 (3)", "count=5 (5)", "guest_debugctl_bits=LBR (LBR)"});
}

TEST_CASE("a world with another value calls the same places and reasons the same") {
  const Model model;
  model.file("model.c",
             "#include <airlock/svm.h>\n"
             "const u64 count = 0;\nu64 x;\n"
             "void vcpu_run(void) {\n"
             "  if (count) { clgi(); }\n"
             "  update_debugctlmsr(1);\n"
             "  if (count) { x = 1 << (64 + x); }\n"
             "  stgi();\n"
             "  assert(get_debugctlmsr() == 1);\n"
             "}\n");
  model.file("first.c", "#include <airlock/svm.h>\n");
  model.file("second.c", "#include <airlock/svm.h>\n");
  model.manifest("[values]\ncount = [1]\n");
  const Project project = model.open();
  const CoverageWorld world = project.build_for_coverage(project.fix("none"));
  REQUIRE(world.others.size() == 1);
  const TransitionSystem other = world.others[0].build();
  const auto names = [](const TransitionSystem& system, const std::string& variable) {
    std::map<std::string, std::uint64_t> result;
    for (const auto& name : system.variables[*system.find_variable(variable)].display.names) {
      result[name.name] = name.value;
    }
    return result;
  };
  for (const std::string variable : {"pc", "undefined behaviour"}) {
    const auto here = names(world.system, variable);
    const auto there = names(other, variable);
    CHECK(there.size() > here.size());
    for (const auto& [name, number] : here) {
      REQUIRE(there.count(name) == 1);
      CHECK(there.at(name) == number);
    }
  }
}

TEST_CASE("a world for costs has counters, and one without has none") {
  const Model m;
  const Project p = m.open();
  const CostWorld cost = p.build_for_cost(p.fix("none"));
  CHECK(cost.entry_complete.is_bool());
  CHECK(cost.fastpath_complete.is_bool());
  CHECK(cost.system.variables[cost.rdmsr].name == "cost.rdmsr");
  CHECK(cost.system.variables[cost.wrmsr].name == "cost.wrmsr");
  CHECK_FALSE(p.build(p.fix("none")).system.find_variable("cost.rdmsr"));
}
