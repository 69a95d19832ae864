#include "checker/trace/trace.hpp"

#include <doctest/doctest.h>
#include <stdexcept>

#include "checker/trace/render.hpp"
#include "tests/checker/trace/story_system.hpp"

namespace airlock {
namespace {

using test::story_path;
using test::story_system;

TraceHeading heading() {
  return {"specs/kvm", "none", {{"bits", "LBR|BTF"}}, {"irq_perf"}, {{"sticky", "yes"}}};
}

}  // namespace

TEST_CASE("a trace holds every state of its path, the initial one first") {
  const TransitionSystem system = story_system();
  const Trace trace = make_trace(system, system.properties[0], story_path());
  REQUIRE(trace.states.size() == 4);
  CHECK(trace.steps() == 3);
  CHECK(trace.states[0][test::debugctl] == 0);
  CHECK(trace.states[1][test::debugctl] == 4);
}

TEST_CASE("a path that ends in no violation is not shown but refused") {
  const TransitionSystem system = story_system();
  Path path = story_path();
  path.steps[0].inputs[0] = 1;
  CHECK_THROWS_AS(make_trace(system, system.properties[0], path), std::logic_error);
  path = story_path();
  path.steps.pop_back();
  CHECK_THROWS_AS(make_trace(system, system.properties[0], path), std::logic_error);
}

TEST_CASE("a path whose guard does not hold is refused") {
  const TransitionSystem system = story_system();
  Path path = story_path();
  std::swap(path.steps[0], path.steps[1]);
  CHECK_THROWS_AS(make_trace(system, system.properties[0], path), std::logic_error);
}

TEST_CASE("a witness of a reachable property is where its predicate is true") {
  const TransitionSystem system = story_system();
  Path path = story_path();
  path.steps.resize(2);
  CHECK(make_trace(system, system.properties[1], path).steps() == 2);
  path.steps.resize(1);
  CHECK_THROWS_AS(make_trace(system, system.properties[1], path), std::logic_error);
}

TEST_CASE("changes come with the machine before the software and the references last") {
  const TransitionSystem system = story_system();
  const Trace trace = make_trace(system, system.properties[0], story_path());
  const std::vector<Change> step = changes(trace, 3);
  REQUIRE(step.size() == 2);
  CHECK(step[0].variable == test::counter);
  CHECK(step[1].variable == test::reference_debugctl);
}

TEST_CASE("a text trace reads like a story") {
  const TransitionSystem system = story_system();
  const Trace trace = make_trace(system, system.properties[0], story_path());
  CHECK(render_text(trace, heading(), {}) ==
        "always_clean is violated in 3 steps\n"
        "  No bit of the host's DebugCtl is in effect while the guest runs.\n"
        "\n"
        "  model       specs/kvm\n"
        "  fix         base\n"
        "  parameters  bits=LBR|BTF\n"
        "  actors      irq_perf\n"
        "  choices     sticky=yes (pinned)\n"
        "  start       reference_guest.debugctl=LBR, host.value=0xffffffffffffffff; everything "
        "else that\n"
        "              plays a part is 0\n"
        "\n"
        "   1   boot\n"
        "       boot.c:12  wrmsrl(MSR_IA32_DEBUGCTLMSR, value);\n"
        "         DEBUGCTL: 0 -> BLCKDB\n"
        "\n"
        "   2   vcpu_run\n"
        "       svm.c:42  vmrun();\n"
        "       VMRUN [APM 15.5.1]\n"
        "         GUEST_MODE: 0 -> 1\n"
        "\n"
        "   3   guest\n"
        "       WRMSR DebugCtl [APM 13.1.1.6]\n"
        "         host.value: 0xffffffffffffffff -> 7\n"
        "         reference guest: debugctl: LBR -> 0\n"
        "\n"
        "The guest runs with DebugCtl BLCKDB; it should be 0 {sic}.\n");
}

TEST_CASE("a text trace fits the width that it is given") {
  const TransitionSystem system = story_system();
  const Trace trace = make_trace(system, system.properties[0], story_path());
  TextStyle style;
  style.width = 60;
  const std::string text = render_text(trace, heading(), style);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    CHECK(columns(text.substr(at, end - at)) <= 60);
    at = end + 1;
  }
}

TEST_CASE("a property without a sentence ends with its text and the values that it mentions") {
  const TransitionSystem system = story_system();
  Path path = story_path();
  path.steps.resize(2);
  const Trace trace = make_trace(system, system.properties[1], path);
  CHECK(last_sentence(trace) == "Reached: The guest runs. Here GUEST_MODE is 1.");
}

TEST_CASE("what is hidden is never shown") {
  const TransitionSystem system = story_system();
  const Trace trace = make_trace(system, system.properties[0], story_path());
  CHECK(render_text(trace, heading(), {}).find("pc") == std::string::npos);
  const nlohmann::ordered_json json = render_json(trace, heading());
  CHECK(!json["initial"].contains("pc"));
}

TEST_CASE("a JSON trace has the documented shape") {
  const TransitionSystem system = story_system();
  const Trace trace = make_trace(system, system.properties[0], story_path());
  const nlohmann::ordered_json json = render_json(trace, heading());
  CHECK(json["model"] == "specs/kvm");
  CHECK(json["fix"] == "none");
  CHECK(json["property"] == "always_clean");
  CHECK(json["verdict"] == "violated");
  CHECK(json["steps"] == 3);
  CHECK(json["parameters"]["bits"] == "LBR|BTF");
  CHECK(json["choices"]["sticky"] == "yes (pinned)");
  CHECK(json["initial"]["host.value"] == "0xffffffffffffffff");
  REQUIRE(json["trace"].size() == 3);
  const auto& step = json["trace"][0];
  CHECK(step["step"] == 1);
  CHECK(step["actor"] == "boot");
  CHECK(step["rule"] == "boot");
  CHECK(step["causes"][0]["file"] == "specs/linux/boot.c");
  CHECK(step["causes"][0]["line"] == 12);
  CHECK(step["choices"]["boot value"] == "0x4");
  CHECK(step["changes"][0]["name"] == "DEBUGCTL");
  CHECK(step["changes"][0]["group"] == "cpu");
  CHECK(step["changes"][0]["from"] == "0");
  CHECK(step["changes"][0]["to"] == "BLCKDB");
  CHECK(step["changes"][0]["from_value"] == "0x0");
  CHECK(step["changes"][0]["to_value"] == "0x4");
  CHECK(json["trace"][1]["causes"][1]["reference"] == "APM 15.5.1");
  CHECK(json["sentence"] == "The guest runs with DebugCtl BLCKDB; it should be 0 {sic}.");
}

TEST_CASE("names from files cannot break JSON or a terminal") {
  TransitionSystem system = story_system();
  system.variables[test::debugctl].name = "\"\\\033[31m\xFF\n";
  system.rules[0].causes[0].text = "wrmsrl(\"\x01\xFF\");";
  const Trace trace = make_trace(system, system.properties[0], story_path());
  const std::string text = render_text(trace, heading(), {});
  CHECK(text.find('\033') == std::string::npos);
  CHECK(text.find("\"\\?[31m??: 0 -> BLCKDB") != std::string::npos);
  const auto parsed = nlohmann::ordered_json::parse(dump(render_json(trace, heading())));
  CHECK(parsed["steps"] == 3);
}

TEST_CASE("a reading is shown as pinned, as what the run took, or as any") {
  const TransitionSystem system = story_system();
  const State state = make_trace(system, system.properties[0], story_path()).states[0];
  CHECK(shown_choices(system, {{"sticky", "no"}}, &state)[0].second == "no (pinned)");
  CHECK(shown_choices(system, {{"sticky", "any"}}, &state)[0].second == "yes");
  CHECK(shown_choices(system, {}, &state)[0].second == "yes");
  CHECK(shown_choices(system, {})[0].second == "any");
}

}  // namespace airlock
