// Tests as text: what is written is read, and what is no test is an error with a place.
#include "checker/testgen/test_file.hpp"

#include <doctest/doctest.h>

#include "model/system/input_error.hpp"

namespace airlock {
namespace {

GuestTest example() {
  GuestTest test;
  test.model = "specs/kvm";
  test.fix = "merged";
  test.property = "always_dr6_is_the_guests";
  test.sentence = "The guest read DR6 as FFFF0FF0h; a #DB came.";
  test.program = {{GuestOp::mov_from_dr6, false, false, 0, "step 7"},
                  {GuestOp::iret, true, true},
                  {GuestOp::mov_to_dr6, false, false, 0xffff07f0},
                  {GuestOp::db_handler},
                  {GuestOp::sysret, true}};
  test.bare_metal = {{Seen::Kind::dr6, 1, 0xffff0ff0, {}}, {Seen::Kind::db, 3, 0, {}}};
  test.predicted = {{Seen::Kind::dr6, 1, 0xffff0ff0, {}}};
  test.controls = {
      {"without it", {{GuestOp::nop}}, {}},
      {"other", {{GuestOp::wrmsr_debugctl, false, false, 0x1003}}, {{Seen::Kind::gp, 1, 0, {}}}}};
  test.needs = {"DebugCtl"};
  test.host = {"DEBUGCTL=BLCKDB"};
  test.not_by_a_guest = {"step 2 is irq_perf, between a.c:1 and a.c:2"};
  return test;
}

void same(const GuestProgram& a, const GuestProgram& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    CAPTURE(i);
    CHECK(same(a[i], b[i]));
  }
}

TEST_CASE("what is written is read back") {
  const GuestTest test = example();
  const GuestTest again = read_test("x.test", write_test(test));
  CHECK(again.model == test.model);
  CHECK(again.fix == test.fix);
  CHECK(again.property == test.property);
  CHECK(again.sentence == test.sentence);
  same(again.program, test.program);
  CHECK(again.bare_metal == test.bare_metal);
  CHECK(again.predicted == test.predicted);
  REQUIRE(again.controls.size() == 2);
  CHECK(again.controls[0].name == "without it");
  CHECK(again.controls[0].bare_metal.empty());
  same(again.controls[1].program, test.controls[1].program);
  CHECK(again.controls[1].bare_metal == test.controls[1].bare_metal);
  CHECK(again.needs == test.needs);
  CHECK(again.host == test.host);
  CHECK(again.not_by_a_guest == test.not_by_a_guest);
}

TEST_CASE("every instruction has a word of its own") {
  for (unsigned i = 0; i <= static_cast<unsigned>(GuestOp::db_handler); ++i) {
    CHECK(op_of(word_of(static_cast<GuestOp>(i))) == static_cast<GuestOp>(i));
  }
  CHECK_FALSE(op_of("noop"));
}

/// The error's text for `text`.
std::string error_of(const std::string& text) {
  try {
    (void)read_test("x.test", text);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

/// The example with one piece of its text replaced.
std::string error_with(const std::string& from, const std::string& to) {
  std::string text = write_test(example());
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return error_of(text.replace(at, from.size(), to));
}

bool has(const std::string& text, const std::string& part) {
  CAPTURE(text);
  return text.find(part) != std::string::npos;
}

TEST_CASE("what is no test is an error that names the place") {
  CHECK(has(error_of(""), "this is no test of this version"));
  CHECK(has(error_of("airlock test 2\n"), "x.test:1:1: error: this is no test"));
  CHECK(has(error_of("airlock test 1\n"), "something is missing"));
  CHECK(has(error_with("mov_from_dr6", "move_from_dr6"),
            "x.test:14:1: error: 'move_from_dr6' is no instruction of a test"));
  CHECK(has(error_with("iret CPL3 TF", "iret CPL2 TF"), "'CPL2' has no meaning here"));
  CHECK(has(error_with("mov_to_dr6 ffff07f0", "mov_to_dr6"), "the value that is written"));
  CHECK(has(error_with("DB@3", "DB@9"), "'DB@9' is nothing that this guest can see"));
  CHECK(has(error_with("DB@3", "DB@0"), "'DB@0' is nothing that this guest can see"));
  CHECK(has(error_with("dr6=ffff0ff0@1", "dr6@1"), "'dr6@1' is nothing"));
  CHECK(has(error_with("predicted", "predicated"), "'predicated' is no part of a test"));
  CHECK(has(error_with("\nmodel", "\nfix"), "'fix' is in the wrong place, or there twice"));
  CHECK(has(error_of("airlock test 1\npredicted nothing\n"), "'predicted' is in the wrong place"));
  CHECK(has(error_of("airlock test 1\nbare-metal nothing\n"), "'bare-metal' is in the wrong"));
  CHECK(has(error_of("airlock test 1\ncontrol x\n"), "something is missing before this"));
  CHECK(has(error_of("airlock test 1\n  nop\n"), "an instruction outside of a program"));
  CHECK(has(error_with("control    other", "guest"), "'guest' is in the wrong place"));
  CHECK(has(error_with("bare-metal nothing", ""), "the program before this is not complete"));
}

TEST_CASE("a test whose prediction is what bare metal shows is none") {
  CHECK(has(error_with("predicted  dr6=ffff0ff0@1", "predicted  dr6=ffff0ff0@1 DB@3"),
            "this tests nothing"));
}

}  // namespace
}  // namespace airlock
