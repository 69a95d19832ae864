#include "model/world/guest_platform.hpp"

#include <fmt/format.h>

#include "model/machine/debugctl.hpp"
#include "model/machine/register_table.hpp"
#include "model/machine/registers.hpp"
#include "model/system/input_error.hpp"

namespace airlock {
namespace {

Expr operand(const IntrinsicCall& call, const std::optional<std::size_t>& which) {
  return which ? call.arguments.at(*which) : Expr{};
}

/// A step of a thread begins with the assumption that it is at a place.
std::uint64_t place_of(const Step& step) {
  const Expr here = step.assumed().empty() ? Expr{} : step.assumed().front();
  for (unsigned i = 0; i < 2; ++i) {
    if (here.valid() && here.op() == Op::eq && here.arg(i).is_constant()) {
      return here.arg(i).value();
    }
  }
  throw std::logic_error("a guest's step does not say where it begins");
}

void expect_debugctl(const IntrinsicCall& call, Expr msr) {
  if (!msr.is_value(machine::debugctl::msr)) {
    const std::string given =
        msr.is_constant() ? fmt::format("{:#x}", msr.value()) : std::string("not a constant");
    throw InputError(
        call.location,
        "'" + call.name + "' of a register that the model does not have (" + given + ")", {},
        "MSR_IA32_DEBUGCTLMSR");
  }
}

}  // namespace

GuestVariables add_guest_variables(TransitionSystem& system) {
  const auto bits = [&](const std::string& name, unsigned width, Owner owner,
                        Display display = {}) {
    return system.add_variable(name, Sort::bits(width), system.pool->bits(width, 0),
                               std::move(display), owner);
  };
  const auto boolean = [&](const std::string& name, Owner owner) {
    return system.add_variable(name, Sort::boolean(), system.pool->boolean(false), {}, owner);
  };
  const Owner shown = Role::guests_program;
  const Owner unseen = hidden(Role::guests_program);
  GuestVariables all{};
  all.place = bits("guest's place", 16, unseen);
  all.result = bits("guest's result", 64, unseen);
  all.noted = bits("guest's call", 32, unseen);
  all.in_handler = boolean("guest is in db_handler()", unseen);
  all.return_place = bits("db_frame's place", 16, unseen);
  all.frame_tf = boolean("db_frame.tf", shown);
  all.frame_cpl = bits("db_frame.cpl", 2, shown);
  all.dbs = bits("dbs", 8, shown);
  const Display dr6 = machine::display_of(machine::dr6::format());
  for (std::size_t i = 0; i < most_dbs; ++i) {
    const std::string name = "#DB " + std::to_string(i + 1);
    const VarId at = bits(name + " at", 16, unseen);
    all.log.push_back({at, bits(name + " DR6", 64, unseen, dr6)});
  }
  return all;
}

std::optional<ObjectLeaf> GuestPlatform::object(const std::string& path) const {
  if (path == "db_frame.tf") {
    return ObjectLeaf{variables_.frame_tf, false, true};
  }
  if (path == "db_frame.cpl") {
    return ObjectLeaf{variables_.frame_cpl, false, false};
  }
  if (path == "dbs") {
    return ObjectLeaf{variables_.dbs, false, false};
  }
  return std::nullopt;
}

std::optional<IntrinsicTraits> GuestPlatform::intrinsic(const std::string& name) const {
  return find_guest_operation(name) == nullptr
             ? std::nullopt
             : std::optional(IntrinsicTraits{.shared = true, .ends_step = false});
}

std::vector<std::pair<Step, Expr>> GuestPlatform::call(const IntrinsicCall& call, Step step) const {
  const GuestOperation* const operation = find_guest_operation(call.name);
  if (operation == nullptr) {
    throw std::logic_error("'" + call.name + "' is no instruction");
  }
  ExprPool& pool = step.pool();
  GuestCall noted{operation, place_of(step), step.guard(), {}, call.location};
  if (operation->msr) {
    expect_debugctl(call, call.arguments.at(*operation->msr));
  }
  if (const Expr flags = operand(call, operation->flags); flags.valid()) {
    noted.operands.tf = bit(flags, machine::rflags::TF);
  }
  if (const Expr cpl = operand(call, operation->cpl); cpl.valid()) {
    if (cpl.is_constant() && cpl.value() != 0 && cpl.value() != 3) {
      throw InputError(
          call.location,
          fmt::format("'{}' to CPL {}, which the model does not have", call.name, cpl.value()), {},
          "0 or 3");
    }
    noted.operands.user = ne(cpl, same_sort(cpl, 0));
  }
  noted.operands.value = operand(call, operation->value);
  if (operation->kind == GuestOperation::Kind::returns_from_db) {
    const Expr cpl = step.get(variables_.frame_cpl);
    noted.operands.tf = step.get(variables_.frame_tf);
    noted.operands.user = ne(cpl, same_sort(cpl, 0));
    step.set(variables_.in_handler, pool.boolean(false));
    step.set(variables_.frame_tf, pool.boolean(false));
    step.set(variables_.frame_cpl, same_sort(cpl, 0));
  }
  calls_.push_back(noted);
  step.set(variables_.noted, pool.bits(32, calls_.size()));
  Expr result;
  if (call.result) {
    result = step.get(variables_.result);
  }
  return {{std::move(step), result}};
}

std::optional<std::uint64_t> GuestPlatform::bit_name(const std::string& /*name*/) const {
  return std::nullopt;  // nothing of a guest's program is set from outside
}

}  // namespace airlock
