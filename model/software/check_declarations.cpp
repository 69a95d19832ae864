// Declarations: types, functions, globals, initialisers.
#include <cassert>

#include "model/software/checker.hpp"

namespace airlock::c {

namespace {
constexpr std::uint64_t max_leaves = 4096;
constexpr std::size_t max_scalars = 65536;  // of all objects at file scope and static locals
const char* const builtins[] = {"any_bits", "any_bool", "assume", "assert"};
}  // namespace

Checker::Checker(Unit& unit, const Platform& platform) : unit_(unit), platform_(platform) {
  scopes_.emplace_back();
}

const Checker::Symbol* Checker::find(const std::string& name) const {
  for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
    const auto found = scope->names.find(name);
    if (found != scope->names.end()) {
      return &found->second;
    }
  }
  return nullptr;
}

const Type* Checker::type_name(const std::string& name) const {
  const Symbol* symbol = find(name);
  if (symbol != nullptr) {
    return symbol->kind == Symbol::Kind::type ? symbol->type : nullptr;
  }
  return name == "void" ? unit_.types.void_type() : unit_.types.named(name);
}

FunctionId Checker::find_function(const std::string& name) const {
  const auto found = scopes_.front().names.find(name);
  return found != scopes_.front().names.end() && found->second.kind == Symbol::Kind::function
             ? found->second.index
             : none;
}

std::optional<std::uint64_t> Checker::enumerator(const std::string& name) const {
  const auto found = scopes_.front().names.find(name);
  if (found == scopes_.front().names.end() || found->second.kind != Symbol::Kind::enumerator) {
    return std::nullopt;
  }
  return found->second.value;
}

std::optional<Declared> Checker::declared(const std::string& name) const {
  using Kind = Declared::Kind;
  const auto found = scopes_.front().names.find(name);
  if (found == scopes_.front().names.end()) {
    return std::nullopt;
  }
  const SourceLocation location = unit_.sources.location(found->second.loc);
  switch (found->second.kind) {
    case Symbol::Kind::enumerator: return Declared{Kind::enumerator, "an enumerator", location};
    case Symbol::Kind::type: return Declared{Kind::type, "a type", location};
    case Symbol::Kind::function: return Declared{Kind::function, "a function", location};
    case Symbol::Kind::object: break;
  }
  const Object& object = unit_.objects[found->second.index];
  const SourceLocation place = unit_.sources.location(object.loc);
  if (!object.is_const) {
    return Declared{Kind::variable, "a global that is not const", place};
  }
  if (!object.type->is_integer()) {
    return Declared{Kind::variable, "a global of type '" + object.type->name + "'", place};
  }
  return object.storage == Object::Storage::global
             ? Declared{Kind::parameter, "a parameter", place}
             : Declared{Kind::external, "declared, not defined", place};
}

void Checker::add(const std::string& name, const Symbol& symbol) {
  const auto [at, inserted] = scopes_.back().names.insert({name, symbol});
  if (!inserted) {
    fail(symbol.loc, "'" + name + "' is already declared at " + unit_.sources.brief(at->second.loc),
         "another name");
  }
}

// ---- Types

const Type* Checker::type(const SyntaxType& syntax) {
  switch (syntax.kind) {
    case SyntaxType::Kind::named: {
      const Type* found = type_name(syntax.name);
      if (found == nullptr) {
        fail(syntax.loc, "unknown type '" + syntax.name + "'",
             "an integer type, a typedef, 'struct …' or 'enum …'");
      }
      return found;
    }
    case SyntaxType::Kind::structure:
    case SyntaxType::Kind::enumeration: {
      const auto known = syntax.has_body ? bodies_.find(&syntax) : bodies_.end();
      if (known != bodies_.end()) {
        return known->second;
      }
      const Type* found =
          syntax.kind == SyntaxType::Kind::structure ? structure(syntax) : enumeration(syntax);
      if (syntax.has_body) {
        bodies_[&syntax] = found;
      }
      return found;
    }
    case SyntaxType::Kind::pointer: {
      if (syntax.target->kind == SyntaxType::Kind::function) {
        fail(syntax.loc, "a function pointer is not supported", "a direct call");
      }
      return unit_.types.pointer_to(type(*syntax.target), syntax.target->is_const);
    }
    case SyntaxType::Kind::array: {
      const Type* element = type(*syntax.target);
      if (!element->complete || element->is_void() || element->is_function()) {
        fail(syntax.loc, "an array of '" + element->name + "'", "elements of a complete type");
      }
      std::uint64_t count = 0;
      if (syntax.size != nullptr) {
        count = constant(*syntax.size, "the size of an array");
        if (count == 0 || count > max_leaves || count * element->leaves > max_leaves) {
          fail(syntax.size->loc, "an array of " + std::to_string(count) + " elements",
               "1 to " + std::to_string(max_leaves) + " scalars");
        }
      }
      return unit_.types.array_of(element, syntax.target->is_const, count);
    }
    case SyntaxType::Kind::function: {
      const Type* result = type(*syntax.target);
      if (!result->is_void() && !result->is_scalar()) {
        fail(syntax.loc, "a function that returns '" + result->name + "' is not supported",
             "void, an integer or a pointer");
      }
      std::vector<const Type*> parameters;
      for (const auto& parameter : syntax.members) {
        const Type* of = type(*parameter->type);
        if (!of->is_scalar()) {
          fail(parameter->loc, "a parameter of type '" + of->name + "' is not supported",
               of->is_structure() ? "a pointer to it" : "an integer or a pointer");
        }
        parameters.push_back(of);
      }
      return unit_.types.function(result, std::move(parameters));
    }
  }
  assert(false);
  return nullptr;
}

const Type* Checker::structure(const SyntaxType& syntax) {
  Type* result = nullptr;
  if (!syntax.name.empty()) {
    // A definition belongs to the innermost scope, a mention to the nearest that knows it.
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend() && result == nullptr; ++scope) {
      const auto found = scope->tags.find(syntax.name);
      if (found != scope->tags.end() && (!syntax.has_body || scope == scopes_.rbegin())) {
        result = found->second;
      }
    }
  }
  if (result == nullptr) {
    result = unit_.types.structure(syntax.name, syntax.loc);
    if (!syntax.name.empty()) {
      scopes_.back().tags[syntax.name] = result;
    }
  }
  if (result->is_integer()) {
    fail(syntax.loc, "'" + syntax.name + "' is an enumeration", "enum " + syntax.name);
  }
  if (!syntax.has_body) {
    return result;
  }
  if (result->complete) {
    fail(syntax.loc,
         "'" + result->name + "' is already defined at " + unit_.sources.brief(result->loc),
         "one definition");
  }
  result->loc = syntax.loc;
  std::uint64_t leaves = 0;
  for (const auto& member : syntax.members) {
    const Type* of = type(*member->type);
    if (!of->complete || of->is_void() || of->is_function() || (of->is_array() && of->count == 0)) {
      fail(member->loc, "member '" + member->name + "' has type '" + of->name + "'",
           "a complete type");
    }
    for (const Field& other : result->fields) {
      if (other.name == member->name) {
        fail(member->loc, "two members named '" + member->name + "'", "another name");
      }
    }
    leaves += of->leaves;
    if (leaves > max_leaves) {
      fail(member->loc, "'" + result->name + "' is too large",
           "at most " + std::to_string(max_leaves) + " scalars");
    }
    result->fields.push_back({member->name, of, member->type->is_const, 0});
  }
  Types::lay_out(*result);
  return result;
}

const Type* Checker::enumeration(const SyntaxType& syntax) {
  if (!syntax.has_body) {
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
      const auto found = scope->tags.find(syntax.name);
      if (found != scope->tags.end() && found->second->is_integer()) {
        return found->second;
      }
    }
    fail(syntax.loc, "unknown enumeration 'enum " + syntax.name + "'", "its definition before");
  }
  Type* result = unit_.types.enumeration(syntax.name);
  if (!syntax.name.empty() && !scopes_.back().tags.insert({syntax.name, result}).second) {
    fail(syntax.loc, "'enum " + syntax.name + "' is already defined", "one definition");
  }
  std::uint64_t next = 0;
  for (std::size_t i = 0; i < syntax.enumerators.size(); ++i) {
    const auto& [name, value] = syntax.enumerators[i];
    const Loc loc = syntax.enumerator_locs[i];
    if (value != nullptr) {
      const TreePtr tree = constant_tree(*value, "the value of an enumerator");
      next = tree->value;
      if (tree->type->is_signed && tree->type->width == 32 && (next >> 31U) != 0) {
        fail(loc, "enumerator '" + name + "' is negative, which is not supported", "0 or more");
      }
    }
    if (next > 0x7FFFFFFFU) {
      fail(loc, "enumerator '" + name + "' does not fit int", "a value of at most 2147483647");
    }
    result->enumerators.emplace_back(name, next);
    add(name, {Symbol::Kind::enumerator, 0, next, unit_.types.int_type(), loc});
    ++next;
  }
  return result;
}

// ---- File scope

void Checker::declare_typedef(const SyntaxDecl& decl) {
  const Type* of = type(*decl.type);
  const auto known = scopes_.back().names.find(decl.name);
  if (known != scopes_.back().names.end() && known->second.kind == Symbol::Kind::type &&
      same(known->second.type, of)) {
    return;
  }
  add(decl.name, {Symbol::Kind::type, 0, 0, of, decl.loc});
}

const Type* Checker::object_type(const SyntaxDecl& decl) {
  const Type* of = type(*decl.type);
  if (of->is_array() && of->count == 0) {
    if (decl.init == nullptr || decl.init->kind != SyntaxExpr::Kind::init_list) {
      fail(decl.loc, "the size of array '" + decl.name + "' is not known",
           "[n], or an initialiser");
    }
    std::uint64_t next = 0;
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < decl.init->kids.size(); ++i) {
      const auto& path = decl.init->designators[i];
      if (path.empty() && !of->target->is_scalar() &&
          decl.init->kids[i]->kind != SyntaxExpr::Kind::init_list) {
        fail(decl.init->kids[i]->loc,
             "an element of '" + decl.name + "', whose size is not " +
                 "written, is initialised without braces",
             "[n], or { … }");
      }
      if (!path.empty() && path[0].index != nullptr) {
        next = constant(*path[0].index, "an array index");
      }
      if (++next > max_leaves) {
        fail(decl.loc, "the array is too large",
             "at most " + std::to_string(max_leaves) + " scalars");
      }
      count = std::max(count, next);
    }
    of = unit_.types.array_of(of->target, of->target_const, count);
  }
  if (!of->complete || of->is_void() || of->leaves == 0) {
    fail(decl.loc, "'" + decl.name + "' has the incomplete type '" + of->name + "'",
         "a complete type");
  }
  return of;
}

void Checker::file_scope(const SyntaxDecl& decl, unsigned file_set, bool replaces) {
  if (decl.name.empty()) {
    static_cast<void>(type(*decl.type));
    return;
  }
  for (const char* name : builtins) {
    if (decl.name == name && (decl.is_typedef || decl.body != nullptr ||
                              decl.type->kind != SyntaxType::Kind::function)) {
      fail(decl.loc, "'" + decl.name + "' is built in", "another name");
    }
  }
  if (decl.is_typedef) {
    declare_typedef(decl);
  } else if (decl.type->kind == SyntaxType::Kind::function) {
    function(decl, type(*decl.type), file_set, replaces);
  } else {
    const bool incomplete_array =
        decl.is_extern && decl.type->kind == SyntaxType::Kind::array && decl.type->size == nullptr;
    if (incomplete_array) {
      fail(decl.loc, "the size of array '" + decl.name + "' is not known", "[n]");
    }
    bool is_const = decl.type->is_const;
    for (const SyntaxType* at = decl.type.get(); at->kind == SyntaxType::Kind::array;) {
      at = at->target.get();
      is_const = at->is_const;
    }
    global(decl, object_type(decl), is_const, file_set);
  }
}

void Checker::function(const SyntaxDecl& decl, const Type* type, unsigned file_set, bool replaces) {
  FunctionId id = find_function(decl.name);
  if (id == none) {
    id = static_cast<FunctionId>(unit_.functions.size());
    add(decl.name, {Symbol::Kind::function, id, 0, type, decl.loc});
    unit_.functions.emplace_back();
    unit_.functions[id].name = decl.name;
    unit_.functions[id].type = type;
    unit_.functions[id].loc = decl.loc;
  }
  FunctionInfo& info = unit_.functions[id];
  if (!same(info.type, type)) {
    fail(decl.loc,
         "'" + decl.name + "' is declared as " + type->name + " here, but as " + info.type->name +
             " at " + unit_.sources.brief(info.loc),
         "the same signature");
  }
  if (decl.body == nullptr) {
    return;
  }
  if (info.is_defined()) {
    const bool may_replace = replaces && defined_in_.at(decl.name) != file_set;
    if (!may_replace) {
      fail(decl.loc,
           "function '" + decl.name + "' is already defined at " + unit_.sources.brief(info.loc),
           replaces ? "one definition per fix" : "one definition; a fix (--fix) may replace it");
    }
  } else {
    info.rank = defined_in_.size();
  }
  defined_in_[decl.name] = file_set;
  info.definition = &decl;
  info.loc = decl.loc;
  info.type = type;
  info.comment = decl.comment;
}

void Checker::global(const SyntaxDecl& decl, const Type* type, bool is_const, unsigned file_set) {
  const auto known = scopes_.front().names.find(decl.name);
  ObjectId id = none;
  if (known != scopes_.front().names.end()) {
    if (known->second.kind != Symbol::Kind::object) {
      fail(decl.loc,
           "'" + decl.name + "' is already declared at " + unit_.sources.brief(known->second.loc),
           "another name");
    }
    id = known->second.index;
    Object& object = unit_.objects[id];
    const bool repeated =
        !decl.is_extern && object.storage == Object::Storage::global &&
        (decl.init != nullptr || object.has_initialiser || defined_in_.at(decl.name) != file_set);
    if (!same(object.type, type) || object.is_const != is_const || repeated) {
      fail(decl.loc,
           "'" + decl.name + "' is already " + (repeated ? "defined" : "declared differently") +
               " at " + unit_.sources.brief(object.loc),
           repeated ? "one definition" : "the same type");
    }
  } else {
    id = static_cast<ObjectId>(unit_.objects.size());
    Object object;
    object.name = decl.name;
    object.type = type;
    object.is_const = is_const;
    object.storage = Object::Storage::machine;  // until it is defined
    object.loc = decl.loc;
    object.file_scope = true;
    object.comment = decl.comment;
    count_scalars(decl, type);
    object.initial.resize(type->leaves);
    unit_.objects.push_back(std::move(object));
    add(decl.name, {Symbol::Kind::object, id, 0, type, decl.loc});
  }
  if (decl.is_extern && decl.init == nullptr) {
    return;
  }
  unit_.objects[id].storage = Object::Storage::global;
  unit_.objects[id].loc = decl.loc;
  if (!decl.comment.empty()) {
    unit_.objects[id].comment = decl.comment;
  }
  defined_in_[decl.name] = file_set;
  static_initialiser(unit_.objects[id], decl.init.get());
}

void Checker::count_scalars(const SyntaxDecl& decl, const Type* type) {
  unit_.scalars += type->leaves;
  if (unit_.scalars > max_scalars) {
    fail(decl.loc,
         "the program has more than " + std::to_string(max_scalars) +
             " scalars in its globals up to here",
         "fewer or smaller globals");
  }
}

ObjectId Checker::declare_local(const SyntaxDecl& decl, const Type* type, bool is_const,
                                FunctionId function) {
  const auto id = static_cast<ObjectId>(unit_.objects.size());
  Object object;
  object.name = decl.name;
  object.type = type;
  object.is_const = is_const;
  object.storage = Object::Storage::local;
  object.function = function;
  object.loc = decl.loc;
  unit_.objects.push_back(std::move(object));
  add(decl.name, {Symbol::Kind::object, id, 0, type, decl.loc});
  return id;
}

ObjectId Checker::declare_static(const SyntaxDecl& decl, const Type* type, bool is_const,
                                 const std::string& function) {
  const auto id = static_cast<ObjectId>(unit_.objects.size());
  Object object;
  object.name = function + "." + decl.name;
  for (const Object& other : unit_.objects) {
    if (other.name == object.name) {
      object.name += "_" + std::to_string(decl.loc.line);
    }
  }
  object.type = type;
  object.is_const = is_const;
  object.loc = decl.loc;
  count_scalars(decl, type);
  object.initial.resize(type->leaves);
  unit_.objects.push_back(std::move(object));
  add(decl.name, {Symbol::Kind::object, id, 0, type, decl.loc});
  static_initialiser(unit_.objects[id], decl.init.get());
  return id;
}

}  // namespace airlock::c
