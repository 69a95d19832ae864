// Projects from memory: rows that are whole versions of a base.
#include <doctest/doctest.h>
#include <set>

#include "model/system/input_error.hpp"
#include "model/world/project.hpp"

using namespace airlock;

namespace {

bool contains(const std::string& whole, const std::string& part) {
  return whole.find(part) != std::string::npos;
}

/// Two versions of a tree that is on no disk, with a header and a property beside them.
ModelSources model() {
  const std::string header = "#define COUNT 3\n";
  const std::string start =
      "#include <airlock/svm.h>\n"
      "#include \"../include/count.h\"\n"
      "u64 value;\n";
  const std::string end =
      "void flbri(void) { update_debugctlmsr(1); }\n"
      "void ioctl_run(void) { helper(); stgi(); }\n";
  ModelSources result;
  result.name = "tree";
  result.rows = {
      {"base",
       "The tree as it is.",
       {{"kvm/svm.c", start + "static void helper(void) { value = COUNT; }\n" + end}},
       {{"include/count.h", header}},
       {}},
      {"+a.diff",
       "A patch.",
       {{"kvm/svm.c",
         start + "const u64 more = 1;\nstatic void helper(void) { value = COUNT + more; }\n" +
             end}},
       {{"include/count.h", header}},
       {}},
  };
  result.properties = {{"p.c",
                        "#include <airlock/svm.h>\nextern u64 value;\n"
                        "bool always_small(void) { return value < 4; }\n"}};
  Entries entries;
  entries.run = "ioctl_run";
  entries.actors = {{"perf", "flbri", AgentKind::interrupt}};
  result.entries = entries;
  return result;
}

std::set<std::uint64_t> values_of(const World& world, const std::string& name) {
  const VarId id = world.system.find_variable(name).value();
  std::set<std::uint64_t> result;
  for (const Rule& rule : world.system.rules) {
    for (const Update& update : rule.updates) {
      if (update.variable == id && update.value.is_constant()) {
        result.insert(update.value.value());
      }
    }
  }
  return result;
}

std::string error_of(const ModelSources& sources, const Settings& settings = {}) {
  try {
    const Project project = Project::of(sources, settings);
    for (const Fix& fix : project.fixes()) {
      (void)project.build(fix);
    }
  } catch (const InputError& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("each row is a world of its own sources, properties belong to all") {
  const Project project = Project::of(model(), {});
  REQUIRE(project.fixes().size() == 2);
  CHECK(project.fixes()[1].name == "+a.diff");
  CHECK(values_of(project.build(project.fixes()[0]), "value") == std::set<std::uint64_t>{3});
  CHECK(values_of(project.build(project.fix("+a.diff")), "value") == std::set<std::uint64_t>{4});
  for (const Fix& fix : project.fixes()) {
    CHECK(project.build(fix).system.find_property("always_small") != nullptr);
  }
  CHECK(project.actors().size() == 1);
  CHECK(project.actors().front().enabled);
}

TEST_CASE("a row may enter its code elsewhere than the others") {
  ModelSources sources = model();
  Entries entries = *sources.entries;
  entries.run = "helper";
  sources.rows[1].entries = entries;
  const Project project = Project::of(sources, {});
  for (const auto& [row, run] : {std::pair{0, "ioctl_run"}, std::pair{1, "helper"}}) {
    const World world = project.build(project.fixes()[static_cast<std::size_t>(row)]);
    std::set<std::string> threads;
    for (const Rule& rule : world.system.rules) {
      if (rule.agent == AgentKind::thread) {
        threads.insert(rule.actor);
      }
    }
    CHECK(threads == std::set<std::string>{run});
  }
}

TEST_CASE("what a row says is what it has otherwise than the first row") {
  const Project project = Project::of(model(), {});
  CHECK(project.elements(project.fixes()[0]).empty());
  CHECK(project.mutants(project.fixes()[0]).empty());
  const std::vector<Element> elements = project.elements(project.fixes()[1]);
  REQUIRE(!elements.empty());
  for (const Element& element : elements) {
    CHECK(element.location.line == 5);
  }
  const World relaxed = project.build_relaxed(project.fixes()[1], {{0}, {}});
  CHECK(values_of(relaxed, "value").count(4) == 1);
  const std::vector<Mutant> mutants = project.mutants(project.fixes()[1]);
  REQUIRE(!mutants.empty());
  for (const Mutant& mutant : mutants) {
    CHECK(mutant.line == 5);
    (void)project.with_text(mutant.file, mutant.text).build(project.fixes()[1]);
  }
}

TEST_CASE("parameters that a patch brings can be set, and others not") {
  Settings settings;
  settings.parameters["more"] = "5";
  const Project project = Project::of(model(), settings);
  CHECK(values_of(project.build(project.fixes()[0]), "value") == std::set<std::uint64_t>{3});
  CHECK(values_of(project.build(project.fixes()[1]), "value") == std::set<std::uint64_t>{8});
  settings.parameters["nothing"] = "1";
  CHECK(contains(error_of(model(), settings), "unknown parameter 'nothing'"));
  ModelSources sources = model();
  sources.parameters = {{"more", "2"}};
  const Project given = Project::of(sources, {});
  CHECK(values_of(given.build(given.fixes()[1]), "value") == std::set<std::uint64_t>{5});
}

TEST_CASE("actors of a model from memory can be off, and are told apart") {
  ModelSources sources = model();
  sources.actors = {{"perf", false}};
  CHECK_FALSE(Project::of(sources, {}).actors().front().enabled);
  sources.actors = {{"fperf", false}};
  CHECK(contains(error_of(sources), "unknown actor 'fperf'"));
}

TEST_CASE("what is wrong with rows is an error that says so") {
  ModelSources sources = model();
  CHECK(error_of(sources).empty());
  sources.rows[0].headers.clear();
  CHECK(contains(error_of(sources), "cannot open 'include/count.h'"));
  CHECK(contains(error_of(sources), "kvm/svm.c:2:"));
  sources = model();
  sources.rows[1].name = "base";
  CHECK(contains(error_of(sources), "two rows are called 'base'"));
  sources = model();
  sources.rows[1].files.push_back(sources.rows[1].files.front());
  CHECK(contains(error_of(sources), "row '+a.diff' has this file twice"));
  sources = model();
  sources.entries->run = "ioctl_walk";
  CHECK(contains(error_of(sources), "no function 'ioctl_walk' in the model"));
  sources = model();
  sources.rows.clear();
  CHECK(contains(error_of(sources), "has no row"));
  sources = model();
  sources.rows[0].files.front().text += "void broken(void) { valu = 1; }\n";
  CHECK(contains(error_of(sources), "kvm/svm.c:7:21: error: "));
  CHECK(contains(error_of(sources), "void broken(void) { valu = 1; }"));
}

TEST_CASE("sources() has what rows say otherwise by its row") {
  const std::map<std::string, std::string> sources = Project::of(model(), {}).sources();
  CHECK(sources.size() == 4);
  CHECK(sources.count("kvm/svm.c (+a.diff)") == 1);
  CHECK(sources.count("include/count.h") == 1);
}
