// What of a program is of use to some entries: the functions that run and the objects they look at.
#include "model/software/impl.hpp"

namespace airlock {

Used Program::used_from(const std::set<std::string>& entries) const {
  const c::Unit& unit = impl_->unit;
  Used result;
  for (const std::string& entry : entries) {
    const c::FunctionId id = impl_->checker->find_function(entry);
    if (id == c::none || !unit.functions[id].is_defined()) {
      continue;
    }
    for (const c::FunctionId callee : c::callees(unit, id)) {
      result.functions.insert(unit.functions[callee].name);
      for (const c::Instruction& instruction : unit.functions[callee].code) {
        if (instruction.kind == c::Instruction::Kind::address) {
          for (const c::Address& leaf : c::possible_leaves(unit, instruction.place)) {
            result.objects.insert(unit.objects[leaf.object].name);
          }
        }
      }
    }
    const c::Touched touched = c::touched_by(unit, id);
    for (const std::set<c::Address>* leaves : {&touched.read, &touched.written}) {
      for (const c::Address& leaf : *leaves) {
        result.objects.insert(unit.objects[leaf.object].name);
      }
    }
  }
  for (const c::Object& object : unit.objects) {
    for (const c::Initial& initial : object.initial) {
      if (initial.address.object != c::none) {
        result.objects.insert(unit.objects[initial.address.object].name);
      }
    }
  }
  return result;
}

std::map<std::string, SourceLocation> Program::defined_objects() const {
  std::map<std::string, SourceLocation> result;
  for (const c::Object& object : impl_->unit.objects) {
    if (object.file_scope && object.storage == c::Object::Storage::global) {
      result.emplace(object.name, impl_->unit.sources.location(object.loc));
    }
  }
  return result;
}

}  // namespace airlock
