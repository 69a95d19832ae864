#include <algorithm>
#include <map>
#include <tuple>

#include "model/software/flatten.hpp"
#include "model/software/impl.hpp"
#include "model/software/parameter_value.hpp"
#include "model/system/input_error.hpp"

namespace airlock {

using c::Address;
using c::FunctionId;
using c::FunctionInfo;
using c::Object;

namespace {

void declare_all(Program::Impl& impl, std::span<const SourceFile> base,
                 std::span<const SourceFile> fixes) {
  impl.files.reserve(base.size() + fixes.size());
  unsigned file_set = 0;
  const auto read = [&](const SourceFile& file, bool replaces) {
    impl.files.push_back(impl.reader->read(file));
    for (const auto& decl : impl.files.back().decls) {
      impl.checker->file_scope(*decl, file_set, replaces);
    }
  };
  for (const SourceFile& file : base) {
    read(file, false);
    ++file_set;
  }
  for (const SourceFile& file : fixes) {
    read(file, true);
    ++file_set;
  }
}

void compile_all(Program::Impl& impl, const Platform& platform) {
  c::Unit& unit = impl.unit;
  for (FunctionId id = 0; id < unit.functions.size(); ++id) {
    if (unit.functions[id].is_defined()) {
      c::Flattener(unit, *impl.checker, platform, id).run();
    }
  }
  c::reject_recursion(unit);
  c::collect_addresses(unit);
  for (FunctionInfo& function : unit.functions) {
    c::compute_liveness(unit, function);
  }
}

bool is_u64(const c::Type& type) {
  return type.is_integer() && !type.is_bool && !type.is_signed && type.width == 64;
}

void list_functions(Program::Impl& impl) {
  std::vector<const FunctionInfo*> defined;
  for (const FunctionInfo& function : impl.unit.functions) {
    if (function.is_defined()) {
      defined.push_back(&function);
    }
  }
  std::sort(defined.begin(), defined.end(),
            [](const FunctionInfo* a, const FunctionInfo* b) { return a->rank < b->rank; });
  for (const FunctionInfo* function : defined) {
    impl.functions.push_back(
        {function->name, impl.unit.sources.location(function->loc), function->comment,
         function->type->target->is_bool, is_u64(*function->type->target),
         static_cast<unsigned>(function->parameters.size()), function->returns_conjunction,
         function->returns_negated_conjunction});
  }
}

ParameterRange range_of(const c::Type& type) {
  return {type.is_bool ? 1 : type.width, type.is_signed && !type.is_bool, type.name};
}

Display display_of(const c::Type& type) {
  Display display;
  if (!type.enumerators.empty()) {
    display.kind = Display::Kind::enumeration;
    for (const auto& [name, value] : type.enumerators) {
      display.names.push_back({value, name});
    }
  }
  return display;
}

void list_globals(Program::Impl& impl) {
  for (const Object& object : impl.unit.objects) {
    if (object.storage != Object::Storage::global) {
      continue;
    }
    const SourceLocation location = impl.unit.sources.location(object.loc);
    if (object.is_const) {
      if (object.file_scope && object.type->is_integer()) {
        const std::uint64_t value = object.initial[0].value;
        impl.parameters.push_back({object.name, value, shown_number(value, range_of(*object.type)),
                                   object.comment, location});
      }
      continue;
    }
    for (unsigned i = 0; i < object.type->leaves; ++i) {
      const c::Leaf leaf = c::leaf_of(object.type, i);
      if (leaf.type->is_integer()) {
        impl.globals.push_back({object.name + leaf.path, leaf.type->sort(), object.initial[i].value,
                                display_of(*leaf.type), location});
      }
    }
  }
}

std::set<std::string> names_of(const Program::Impl& impl, const std::set<Address>& leaves) {
  std::set<std::string> result;
  for (const Address& leaf : leaves) {
    const Object& object = impl.unit.objects[leaf.object];
    const c::Leaf what = c::leaf_of(object.type, leaf.offset);
    if (object.storage == Object::Storage::global && !object.is_const && what.type->is_integer()) {
      result.insert(object.name + what.path);
    }
  }
  return result;
}

c::Touched touched(const Program::Impl& impl, const std::string& function) {
  const FunctionId id = impl.checker->find_function(function);
  if (id == c::none) {
    throw InputError({}, "there is no function '" + function + "'");
  }
  return c::touched_by(impl.unit, id);
}

}  // namespace

Program::Program(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Program::~Program() = default;
Program::Program(Program&&) noexcept = default;
Program& Program::operator=(Program&&) noexcept = default;

Program Program::check(std::span<const SourceFile> base, std::span<const SourceFile> fixes,
                       const Platform& platform, const std::vector<SourceFile>* headers) {
  auto impl = std::make_unique<Impl>();
  impl->platform = &platform;
  impl->reader = std::make_unique<c::FileReader>(impl->unit.sources, headers);
  impl->checker = std::make_unique<c::Checker>(impl->unit, platform);
  declare_all(*impl, base, fixes);
  compile_all(*impl, platform);
  list_functions(*impl);
  list_globals(*impl);
  impl->reader->forget_headers();
  return Program(std::move(impl));
}

const std::vector<Function>& Program::functions() const {
  return impl_->functions;
}

const Function* Program::find_function(const std::string& name) const {
  const auto found = std::find_if(impl_->functions.begin(), impl_->functions.end(),
                                  [&](const Function& f) { return f.name == name; });
  return found == impl_->functions.end() ? nullptr : &*found;
}

const std::vector<ProgramParameter>& Program::parameters() const {
  return impl_->parameters;
}
const std::vector<GlobalLeaf>& Program::globals() const {
  return impl_->globals;
}

std::set<std::string> Program::globals_touched(const std::string& function) const {
  const c::Touched both = touched(*impl_, function);
  std::set<std::string> result = names_of(*impl_, both.read);
  result.merge(names_of(*impl_, both.written));
  return result;
}

std::set<std::string> Program::globals_written(const std::string& function) const {
  return names_of(*impl_, touched(*impl_, function).written);
}

std::optional<SourceLocation> Program::assumption_in(const std::string& function) const {
  for (const c::FunctionId id : c::callees(impl_->unit, impl_->checker->find_function(function))) {
    for (const c::Instruction& instruction : impl_->unit.functions[id].code) {
      if (instruction.kind == c::Instruction::Kind::assume) {
        return impl_->unit.sources.location(instruction.loc);
      }
    }
  }
  return std::nullopt;
}

bool Program::reads_of_machine(const std::string& function, const std::string& prefix) const {
  const std::set<Address> read = touched(*impl_, function).read;
  return std::any_of(read.begin(), read.end(), [&](const Address& leaf) {
    const Object& object = impl_->unit.objects[leaf.object];
    return object.storage == Object::Storage::machine &&
           (object.name + c::leaf_of(object.type, leaf.offset).path).starts_with(prefix);
  });
}

std::vector<CodePoint> Program::code_points(const std::set<std::string>& entries) const {
  const c::Unit& unit = impl_->unit;
  std::vector<c::FunctionId> todo;
  std::set<c::FunctionId> known;
  const auto add = [&](c::FunctionId id) {
    if (id != c::none && unit.functions[id].is_defined() && known.insert(id).second) {
      todo.push_back(id);
    }
  };
  for (const std::string& entry : entries) {
    add(impl_->checker->find_function(entry));
  }
  std::map<std::tuple<std::string, unsigned, unsigned, bool>, CodePoint> points;
  const auto note = [&](c::Loc loc, const std::string& function, bool condition) {
    const SourceLocation at = unit.sources.location(loc);
    points.try_emplace({at.file, at.line, at.column, condition},
                       CodePoint{at, unit.sources.trimmed_line(loc), function, condition});
  };
  while (!todo.empty()) {
    const c::FunctionInfo& function = unit.functions[todo.back()];
    todo.pop_back();
    for (const c::Instruction& instruction : function.code) {
      if (instruction.kind == c::Instruction::Kind::call) {
        add(instruction.index);
      }
      if (c::is_told(instruction)) {
        note(instruction.statement, function.name, false);
      }
      if (instruction.kind == c::Instruction::Kind::branch &&
          instruction.args[0].kind != c::Operand::Kind::constant) {
        note(instruction.loc, function.name, true);
      }
    }
  }
  std::vector<CodePoint> result;
  for (auto& [key, point] : points) {
    result.push_back(std::move(point));
  }
  return result;
}

void Program::set_parameter(const std::string& name, const std::string& value) {
  const SourceLocation here{"--set", 0, 0};
  const auto parameter = std::find_if(impl_->parameters.begin(), impl_->parameters.end(),
                                      [&](const ProgramParameter& p) { return p.name == name; });
  if (parameter == impl_->parameters.end()) {
    std::string names;
    for (const ProgramParameter& known : impl_->parameters) {
      names += (names.empty() ? "" : ", ") + known.name;
    }
    throw InputError(here, "unknown parameter '" + name + "'", {},
                     names.empty() ? "this program has no parameters" : "one of: " + names);
  }
  const auto named = [&](const std::string& word) -> std::optional<std::uint64_t> {
    if (const auto enumerator = impl_->checker->enumerator(word)) {
      return enumerator;
    }
    const auto macro = impl_->reader->all_macros().find(word);
    if (macro != impl_->reader->all_macros().end()) {
      return impl_->checker->constant(*impl_->reader->expression_of(macro->second),
                                      "macro '" + word + "'");
    }
    if (word == "true" || word == "false") {
      return word == "true" ? 1 : 0;
    }
    return impl_->platform->bit_name(word);
  };
  for (Object& object : impl_->unit.objects) {
    if (object.file_scope && object.name == name) {
      const auto [bits, shown] = parse_parameter_value(name, value, range_of(*object.type), named);
      object.initial[0].value = bits;
      parameter->value = bits;
      parameter->shown = shown;
    }
  }
}

}  // namespace airlock
