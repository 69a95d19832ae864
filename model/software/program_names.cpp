// What the program's names are, and what its functions do, for those who find things by name.
#include <algorithm>

#include "model/software/impl.hpp"

namespace airlock {

using c::FunctionInfo;
using c::Instruction;
using c::Object;

namespace {

/// What a store writes, where it writes a global or an object of the machine for certain: through a
/// pointer, it may as well be one of the function's own locals.
std::optional<std::string> certainly_written(const c::Unit& unit, const c::Place& place) {
  const std::set<c::Address> leaves = c::possible_leaves(unit, place);
  const bool local = std::any_of(leaves.begin(), leaves.end(), [&](const c::Address& leaf) {
    return unit.objects[leaf.object].storage == Object::Storage::local;
  });
  if (local || leaves.empty()) {
    return std::nullopt;
  }
  const Object& object = unit.objects[leaves.begin()->object];
  return object.name + c::leaf_of(object.type, leaves.begin()->offset).path;
}

}  // namespace

std::vector<Function> Program::functions_without_body() const {
  std::vector<Function> result;
  for (const FunctionInfo& function : impl_->unit.functions) {
    if (!function.is_defined()) {
      Function declared;
      declared.name = function.name;
      declared.location = impl_->unit.sources.location(function.loc);
      result.push_back(std::move(declared));
    }
  }
  return result;
}

std::map<std::string, SourceLocation> Program::macros() const {
  std::map<std::string, SourceLocation> result;
  for (const auto& [name, loc] : impl_->reader->macro_places()) {
    result[name] = impl_->unit.sources.location(loc);
  }
  return result;
}

std::vector<std::pair<std::string, SourceLocation>> Program::objects() const {
  std::vector<std::pair<std::string, SourceLocation>> result;
  for (const Object& object : impl_->unit.objects) {
    for (unsigned i = 0; object.file_scope && i < object.type->leaves; ++i) {
      result.emplace_back(object.name + c::leaf_of(object.type, i).path,
                          impl_->unit.sources.location(object.loc));
    }
  }
  return result;
}

std::vector<Declared> Program::declared(const std::string& name) const {
  using Kind = Declared::Kind;
  std::vector<Declared> result;
  if (auto found = impl_->checker->declared(name)) {
    result.push_back(std::move(*found));
  }
  const auto macro = impl_->reader->macro_places().find(name);
  if (macro != impl_->reader->macro_places().end()) {
    result.push_back({Kind::macro, "a macro", impl_->unit.sources.location(macro->second)});
  }
  return result;
}

std::string Effect::text() const {
  switch (kind) {
    case Kind::write: return "'" + name + "' is written";
    case Kind::call: return "'" + name + "' is called";
    case Kind::assume: return "assume()";
    case Kind::input: return "a choice is made";
  }
  return {};
}

std::vector<Effect> Program::effects_of(const std::string& function) const {
  const c::Unit& unit = impl_->unit;
  std::vector<Effect> result;
  for (const c::FunctionId id : c::callees(unit, impl_->checker->find_function(function))) {
    for (const Instruction& instruction : unit.functions[id].code) {
      const SourceLocation location = unit.sources.location(instruction.loc);
      switch (instruction.kind) {
        case Instruction::Kind::intrinsic:
          result.push_back({Effect::Kind::call, unit.functions[instruction.index].name, location});
          break;
        case Instruction::Kind::assume:
          result.push_back({Effect::Kind::assume, {}, location});
          break;
        case Instruction::Kind::any_bits:
        case Instruction::Kind::any_bool:
          result.push_back({Effect::Kind::input, {}, location});
          break;
        case Instruction::Kind::store:
          if (const auto written = certainly_written(unit, instruction.place)) {
            result.push_back({Effect::Kind::write, *written, location});
          }
          break;
        default: break;
      }
    }
  }
  return result;
}

}  // namespace airlock
