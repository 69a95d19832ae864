#include "checker/trace/divergence.hpp"

#include <doctest/doctest.h>

#include "checker/trace/names.hpp"

namespace airlock::test {
namespace {

/// A CPU with two registers, the guest's view of one of them, and a mode. Rules set them; the
/// property forbids bits of the register that the view does not have while the guest runs.
struct World {
  TransitionSystem system;
  VarId debugctl;
  VarId mode;
  VarId view;

  World() {
    ExprPool& pool = *system.pool;
    const Display bits{Display::Kind::flags, {{0, "LBR"}, {1, "BTF"}, {2, "BLCKDB"}}};
    const Display modes{Display::Kind::enumeration, {{0, "host"}, {1, "guest"}}};
    debugctl = system.add_variable("DEBUGCTL", Sort::bits(3), pool.bits(3, 0), bits, Role::cpu);
    mode = system.add_variable("mode", Sort::boolean(), pool.boolean(false), modes, Role::cpu_mode);
    view = system.add_variable("guest_view.DEBUGCTL", Sort::bits(3), pool.bits(3, 2), bits,
                               Role::guest_view);
    system.variables[view].counterpart = debugctl;
    system.control = {mode};
    rule("boot", {{debugctl, pool.bits(3, 5)}}, "boot.c", "wrmsrl(DEBUGCTL, 5);");
    rule("vcpu_run", {{mode, pool.boolean(true)}}, "svm.c", "vmrun();");
    rule("vcpu_run", {{debugctl, pool.bits(3, 4)}}, "svm.c", "debugctl = 4;");
    Property property;
    property.name = "always_clean";
    const Expr foreign = system.variable(debugctl) & ~system.variable(view);
    property.predicate = !system.variable(mode) || eq(foreign, pool.bits(3, 0));
    system.properties.push_back(property);
  }

  void rule(const std::string& actor, std::vector<Update> updates, const std::string& file,
            const std::string& text) {
    const auto line = static_cast<unsigned>(system.rules.size() + 1);
    system.rules.push_back({actor,
                            actor,
                            system.pool->boolean(true),
                            std::move(updates),
                            {},
                            {{{file, line, 1}, text, ""}}});
  }

  [[nodiscard]] Trace trace(const std::vector<std::uint32_t>& rules) const {
    Path path;
    for (const std::uint32_t each : rules) {
      path.steps.push_back({each, {}});
    }
    return make_trace(system, system.properties.front(), path);
  }
};

}  // namespace

TEST_CASE("exactly the bits that break the property are blamed") {
  const World world;
  const Trace trace = world.trace({0, 1});
  const Divergence divergence = find_divergence(trace);
  REQUIRE(divergence.differences.size() == 1);
  const Difference& difference = divergence.differences.front();
  CHECK(difference.real == world.debugctl);
  CHECK(difference.reference == world.view);
  CHECK(difference.bits == 5);  // BTF differs too, but only bits that the view lacks are forbidden
  CHECK(sentence_of(world.system, difference) ==
        "DEBUGCTL and the guest view's DEBUGCTL differ in LBR|BLCKDB");
}

TEST_CASE(
    "the guest's registers differ from when the guest runs, not from when the host set them") {
  const World world;
  CHECK(find_divergence(world.trace({0, 1})).state == 2);
}

TEST_CASE("the last C line before the divergence is named where no line wrote the register since") {
  const World world;
  const Trace trace = world.trace({0, 1});
  const auto line = last_line_that_could_help(trace, find_divergence(trace));
  REQUIRE(line);
  CHECK(rule_of(trace, line->step).causes[line->cause].text == "vmrun();");
  const auto writer = last_writer(trace, find_divergence(trace));
  REQUIRE(writer);
  CHECK(rule_of(trace, writer->step).causes[writer->cause].text == "wrmsrl(DEBUGCTL, 5);");
}

TEST_CASE(
    "the last C line that wrote the register since the divergence is named where there is one") {
  const World world;
  const Trace trace = world.trace({0, 1, 2});
  const auto line = last_line_that_could_help(trace, find_divergence(trace));
  REQUIRE(line);
  CHECK(rule_of(trace, line->step).causes[line->cause].text == "debugctl = 4;");
}

TEST_CASE("without a reference the bits are blamed that mend the property when flipped") {
  World world;
  ExprPool& pool = *world.system.pool;
  const Expr btf = extract(world.system.variable(world.debugctl), 0, 0);
  world.system.properties.front().kind = PropertyKind::never;
  world.system.properties.front().predicate =
      world.system.variable(world.mode) && eq(btf, pool.bits(1, 1));
  const Divergence divergence = find_divergence(world.trace({0, 1}));
  REQUIRE(divergence.differences.size() == 1);
  CHECK_FALSE(divergence.differences.front().reference);
  CHECK(divergence.differences.front().bits == 1);
  CHECK(sentence_of(world.system, divergence.differences.front()) ==
        "LBR of DEBUGCTL breaks the property");
}

TEST_CASE("a witness of a reachable_ property has nothing to blame") {
  World world;
  world.system.properties.front().kind = PropertyKind::reachable;
  world.system.properties.front().predicate = world.system.variable(world.mode);
  CHECK(find_divergence(world.trace({0, 1})).differences.empty());
}

TEST_CASE("what the guest read is held against what it should have read, and where it read it") {
  World world;
  TransitionSystem& system = world.system;
  ExprPool& pool = *system.pool;
  const Sort word = Sort::bits(3);
  const auto add = [&](const char* name, Owner owner, std::optional<VarId> counterpart) {
    const VarId id = system.add_variable(name, word, pool.bits(3, 0), {}, owner);
    system.variables[id].counterpart = counterpart;
    return id;
  };
  const VarId reference = add("reference_guest.DEBUGCTL", Role::reference_guest, world.debugctl);
  const VarId read = add("told", hidden(Role::guest_saw), world.debugctl);
  const VarId expected = add("to be told", hidden(Role::guest_saw), read);
  world.rule("guest", {{read, system.variable(world.debugctl)}}, "guest.c", "rdmsr");
  system.properties.front().predicate = eq(system.variable(read), pool.bits(3, 0));
  const Divergence divergence = find_divergence(world.trace({0, 1, 3}));
  REQUIRE(divergence.differences.size() == 2);
  CHECK(divergence.differences[0].real == read);
  CHECK(divergence.differences[0].reference == expected);
  CHECK(divergence.differences[0].bits == 5);
  CHECK(divergence.differences[1].real == world.debugctl);
  CHECK(divergence.differences[1].reference == reference);
}

TEST_CASE("of two runs, the second's variables are compared with their counterparts in the first") {
  World world;
  TransitionSystem& system = world.system;
  system.variables[world.debugctl].copy = Copy::a;
  Variable& second = system.variables[world.view];
  second.owner = Role::cpu;
  second.copy = Copy::b;
  system.properties.front().predicate =
      eq(system.variable(world.debugctl), system.variable(world.view));
  const Divergence divergence = find_divergence(world.trace({0}));
  REQUIRE(divergence.differences.size() == 1);
  CHECK(divergence.differences.front().real == world.debugctl);
  CHECK(divergence.differences.front().reference == world.view);
  CHECK(divergence.differences.front().bits == 7);
}

}  // namespace airlock::test
