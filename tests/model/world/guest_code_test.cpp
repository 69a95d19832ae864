// What of a guest's file is read, and how: its programs, expectations, instructions.
#include "model/world/guest_code.hpp"

#include <doctest/doctest.h>
#include <set>

#include "model/system/input_error.hpp"
#include "model/world/project.hpp"

namespace airlock {
namespace {

const std::string head = "#include <airlock/guest.h>\n";

/// The error of reading and lowering the text, as far as it is said where.
std::string error_in(const std::string& text) {
  try {
    for (const GuestSource& each : guests_of({"g.c", head + text})) {
      TransitionSystem system;
      const GuestCode code(system, each);
    }
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

bool is_at(const std::string& error, const std::string& place) {
  return error.starts_with("g.c:" + place + ": error: ");
}

}  // namespace

TEST_CASE("guest.h declares the instructions that the table has, and no others") {
  const GuestSkeleton skeleton;
  const std::vector<SourceFile> guest{{"g.c", head + "void guest(void) { }\n"}};
  const std::vector<SourceFile> host{{"h.c", "#include <airlock/svm.h>\n"}};
  const auto declared = [&](const std::vector<SourceFile>& files) {
    std::set<std::string> names;
    for (const Function& each :
         Program::check(files, {}, skeleton.platform).functions_without_body()) {
      names.insert(each.name);
    }
    return names;
  };
  std::set<std::string> in_c = declared(guest);
  for (const std::string& name : declared(host)) {
    in_c.erase(name);
  }
  std::set<std::string> in_table;
  std::set<machine::Instruction> instructions;
  for (const GuestOperation& each : guest_operations()) {
    if (each.kind == GuestOperation::Kind::instruction) {
      in_table.emplace(each.name);
      instructions.insert(each.instruction);
    }
  }
  CHECK(in_c == in_table);
  CHECK(instructions.size() == machine::all_instructions.size());
}

TEST_CASE("a file's programs, each with the expectations before it") {
  const std::vector<GuestSource> guests = guests_of({"g.c", head + R"(u64 x;
/* Expect:
 *   forall x == 1
 *	under none, v1 : never x == 2 && dbs
 */
void guest_a(void) { nop(); }
/* Says nothing. */
void guest_b(void) { nop(); }
/*
 * Expect:
 * exists x == 3 */
)"});
  REQUIRE(guests.size() == 2);
  CHECK(guests[0].entry == "guest_a");
  REQUIRE(guests[0].expectations.size() == 2);
  CHECK(guests[0].expectations[0].condition == "x == 1");
  CHECK(guests[0].expectations[0].location.line == 4);
  CHECK(guests[0].expectations[0].location.column == 13);
  CHECK(guests[0].expectations[1].kind == GuestExpectation::Kind::never);
  CHECK(guests[0].expectations[1].rows == std::vector<std::string>{"none", "v1"});
  CHECK(is_about(guests[0], guests[0].expectations[0], "merged"));
  CHECK(is_about(guests[0], guests[0].expectations[0], bare_metal_row));
  CHECK_FALSE(is_about(guests[0], guests[0].expectations[0], "v1"));
  CHECK(is_about(guests[0], guests[0].expectations[1], "v1"));
  CHECK_FALSE(is_about(guests[0], guests[0].expectations[1], "merged"));
  REQUIRE(guests[1].expectations.size() == 1);
  CHECK(guests[1].expectations[0].condition == "x == 3");
}

TEST_CASE("what is wrong in a file is said where it is") {
  const std::string guest = "void guest(void) { nop(); }\n";
  CHECK(error_in(guest).empty());
  CHECK(is_at(error_in("void gest(void) { nop(); }\n"), "1:1"));
  CHECK(is_at(error_in("bool guest(void) { return true; }\n"), "2:6"));
  CHECK(is_at(error_in("void guest(int x) { nop(); }\n"), "2:6"));
  CHECK(is_at(error_in("u64 db_handler(void) { return 0; }\n" + guest), "2:5"));
  CHECK(is_at(error_in("void guest(void) { assume(dbs == 0); }\n"), "2:20"));
  CHECK(is_at(error_in("void guest(void) { vmrun(); }\n"), "2:20"));
  CHECK(is_at(error_in("void guest(void) { wrmsr(0x1d8, 0); }\n"), "2:20"));
  CHECK(is_at(error_in("void guest(void) { iret(0, 1); }\n"), "2:20"));
  CHECK_FALSE(error_in("void guest(void) { if (any_bool()) nop(); }\n").empty());
  CHECK_FALSE(error_in("void guest(void) { u64 x; if (x) nop(); }\n").empty());
  CHECK(is_at(error_in("void guest(void) { for (;;); }\n"), "2:20"));
  CHECK(is_at(error_in("/* Expect:\n * forall y == 1\n */\n" + guest), "3:11"));
  CHECK(is_at(error_in("/* Expect:\n * always dbs == 1\n */\n" + guest), "3:4"));
  CHECK(error_in("/* Expect: forall dbs == 1 */\n" + guest).empty());
  CHECK(is_at(error_in("/* Expect: forall y == 1 */\n" + guest), "2:19"));
  CHECK(is_at(error_in("/* Expected: dbs == 1 */\n" + guest), "2:4"));
  CHECK(is_at(error_in("/* Expect:\n * under none forall 1\n */\n" + guest), "3:10"));
  CHECK(is_at(error_in("/* Expect:\n * under none,: forall 1\n */\n" + guest), "3:10"));
  CHECK(is_at(error_in("/* Expect:\n * forall db_frame.tf\n */\n" + guest), "3:11"));
  CHECK(is_at(error_in("/* Expect:\n * forall 1 << dbs\n */\n" + guest), "3:11"));
}

TEST_CASE("an error in a condition shows the line as the file has it") {
  const std::string error = error_in("/* Expect:\n *   forall y == 1\n */\nvoid guest(void) {}\n");
  CHECK(error.find(" *   forall y == 1\n") != std::string::npos);
}

}  // namespace airlock
