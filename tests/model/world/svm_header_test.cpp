// <airlock/svm.h> is written for people; the tables of registers and operations are what the model
// has. Whatever one of them says and the other does not is a mistake.
#include <algorithm>
#include <doctest/doctest.h>
#include <regex>
#include <set>

#include "model/machine/register_table.hpp"
#include "model/software/embedded.hpp"
#include "model/software/program.hpp"
#include "model/world/machine_words.hpp"
#include "model/world/operations.hpp"
#include "model/world/platform.hpp"

using namespace airlock;

namespace {

/// A program of the header and `more`.
/// The header declares what any feature brings.
machine::Features all_features() {
  machine::Features all;
  for (const machine::FeatureText& each : machine::features_declared()) {
    all.insert(each.feature);
  }
  return all;
}

struct WithHeader {
  explicit WithHeader(const std::string& more = "")
      : layout(add_layout(system, {.features = all_features()})),
        platform(layout),
        program(Program::check(
            std::vector<SourceFile>{{"w.c", "#include <airlock/svm.h>\n" + more}}, {}, platform)) {}
  [[nodiscard]] std::uint64_t parameter(const std::string& name) const {
    for (const ProgramParameter& each : program.parameters()) {
      if (each.name == name) {
        return each.value;
      }
    }
    FAIL("no parameter " << name);
    return 0;
  }

  TransitionSystem system;
  Layout layout;
  MachinePlatform platform;
  Program program;
};

std::set<std::string> declared_constants() {
  std::set<std::string> result;
  for (const machine::Format* format : machine::formats_declared()) {
    for (const machine::NamedValue& each : format->names) {
      result.insert(each.in_c);
    }
  }
  result.erase("");
  return result;
}

}  // namespace

TEST_CASE("svm.h has the objects that the tables have, and no others") {
  const WithHeader with;
  std::set<std::string> in_c;
  for (const auto& [path, location] : with.program.objects()) {
    in_c.insert(path);
  }
  std::set<std::string> in_tables;
  for (const auto& [path, leaf] : with.layout.objects) {
    in_tables.insert(path);
  }
  CHECK(in_c == in_tables);
}

TEST_CASE("an object of svm.h is as wide as the register: exactly, where C writes it") {
  std::string text;
  {
    const WithHeader with;
    for (const auto& [path, leaf] : with.layout.objects) {
      const std::string name = std::regex_replace(path, std::regex("[.]"), "_");
      text += "const u64 width_of_" + name + " = 8 * sizeof(" + path + ");\n";
    }
  }
  const WithHeader with(text);
  for (const auto& [path, leaf] : with.layout.objects) {
    CAPTURE(path);
    const std::string name = std::regex_replace(path, std::regex("[.]"), "_");
    const std::uint64_t in_c = with.parameter("width_of_" + name);
    const unsigned width = with.system.variables[leaf.variable].sort.width();
    CHECK((leaf.writable ? in_c == width : in_c >= width));
  }
}

TEST_CASE("svm.h's constants are the bits and values of the tables") {
  std::string text;
  for (const std::string& each : declared_constants()) {
    text += "const u64 value_of_" + each + " = " + each + ";\n";
  }
  const WithHeader with(text);
  for (const machine::Format* format : machine::formats_declared()) {
    for (const machine::NamedValue& each : format->names) {
      if (!each.in_c.empty()) {
        CAPTURE(each.in_c);
        const std::uint64_t value =
            format->masks_in_c ? std::uint64_t{1} << each.value : each.value;
        CHECK(with.parameter("value_of_" + each.in_c) == value);
      }
    }
  }
}

TEST_CASE("svm.h has no constant of a register that the tables lack") {
  // What is no register's bit or value.
  const std::set<std::string> others{"MSR_IA32_DEBUGCTLMSR", "DR6_ACTIVE_LOW",
                                     "DR_TRAP_BITS",         "DB_VECTOR",
                                     "SVM_EVTINJ_VALID",     "SVM_EVTINJ_TYPE_EXEPT"};
  const std::string text(embedded_header("airlock/svm.h"));
  REQUIRE(!text.empty());
  const std::regex constant("(?:^|\\n)(?:#define |\\t)([A-Z][A-Z0-9_]+)(?: =)? [^\\n]");
  std::set<std::string> found;
  for (std::sregex_iterator at(text.begin(), text.end(), constant), end; at != end; ++at) {
    if (others.count((*at)[1]) == 0) {
      found.insert((*at)[1]);
    }
  }
  CHECK(found == declared_constants());
}

TEST_CASE("svm.h declares the operations that the table has, and no others") {
  const WithHeader with;
  std::set<std::string> in_c;
  for (const Function& function : with.program.functions_without_body()) {
    in_c.insert(function.name);
  }
  for (const char* checkers : {"any_bits", "any_bool", "assume", "assert"}) {
    in_c.erase(checkers);
  }
  std::set<std::string> in_table;
  for (const Operation& operation : operations()) {
    in_table.emplace(operation.name);
  }
  CHECK(in_c == in_table);
}

TEST_CASE("each register has a row of its own, and names and paths are unique") {
  machine::Registers registers;
  std::set<const VarId*> fields;
  std::set<std::string_view> names;
  std::set<std::string_view> paths;
  for (const machine::Register& each : machine::registers_declared()) {
    CAPTURE(each.name);
    CHECK(fields.insert(&machine::at(registers, each.field)).second);
    CHECK(names.insert(each.name).second);
    CHECK((each.from_c == machine::FromC::hidden) == each.path.empty());
    CHECK((each.path.empty() || paths.insert(each.path).second));
    CHECK((each.on_reference_host == machine::OnReferenceHost::own) == (each.host != nullptr));
  }
  CHECK(fields.size() * sizeof(VarId) == sizeof(machine::Registers));
}

TEST_CASE("what changes C text learns the machine's words from the tables") {
  const MachineWords& words = machine_words();
  CHECK(words.registers == std::vector<std::string>{"vmcb.save.dr6", "vmcb.save.dbgctl"});
  CHECK(words.boundaries == std::set<std::string>{"local_irq_disable", "local_irq_enable", "clgi",
                                                  "stgi", "preempt_disable", "preempt_enable"});
  CHECK(words.value_mask == 0x183f);
  const std::vector<std::string> dr6{"DR6_BUS_LOCK", "DR6_BS"};
  CHECK(std::count(words.constants.begin(), words.constants.end(), dr6) == 1);
  for (const std::vector<std::string>& kind : words.constants) {
    CHECK(std::count(kind.begin(), kind.end(), "SVM_EXIT_NONE") == 0);
  }
}
