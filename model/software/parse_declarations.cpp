// Declarations: specifiers, declarators, structures, enumerations, function definitions.
#include "model/software/parse.hpp"
#include "model/software/parse_depth.hpp"

namespace airlock::c {

struct TreeReader::Specifiers {
  SyntaxTypePtr type;
  bool is_extern = false;
  bool is_static = false;
};

namespace {

/// Attributes that change nothing that a model could see.
bool is_harmless_attribute(const std::string& text) {
  static const std::set<std::string> names{
      "unused", "noinline",   "always_inline", "const",
      "pure",   "__unused__", "noreturn",      "warn_unused_result"};
  std::string word;
  for (const char c : text + " ") {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_') {
      word += c;
    } else if (!word.empty()) {
      if (names.count(word) == 0) {
        return false;
      }
      word.clear();
    }
  }
  return true;
}

/// Type qualifiers and specifiers in one order: "unsigned long", however they were written.
std::string squeezed(const std::string& text) {
  std::string result;
  std::string word;
  for (const char c : text + " ") {
    if (std::isspace(static_cast<unsigned char>(c)) == 0) {
      word += c;
    } else if (!word.empty()) {
      result += (result.empty() ? "" : " ") + word;
      word.clear();
    }
  }
  return result;
}

}  // namespace

SyntaxExprPtr TreeReader::make(TSNode node, SyntaxExpr::Kind kind) {
  auto result = std::make_unique<SyntaxExpr>();
  result->kind = kind;
  result->loc = loc(node);
  return result;
}

void TreeReader::attribute(TSNode node) {
  const std::string arguments = text(named_children_of(node).at(0));
  if (!is_harmless_attribute(arguments)) {
    unsupported(node, "the attribute " + arguments);
  }
}

TreeReader::Specifiers TreeReader::specifiers(TSNode node) {
  Specifiers result;
  result.type = type_specifier(field_of(node, "type"));
  for (const TSNode child : named_children_of(node)) {
    const std::string_view type = type_of(child);
    const std::string word = text(child);
    if (type == "storage_class_specifier") {
      if (word == "extern") {
        result.is_extern = true;
      } else if (word == "static") {
        result.is_static = true;
      } else if (word == "thread_local" || word == "__thread" || word == "auto") {
        unsupported(child, "'" + word + "'");
      }  // inline and register change nothing
    } else if (type == "type_qualifier") {
      if (word == "const") {
        // A copy: the specifier's type may be a shared definition.
        result.type = std::make_shared<SyntaxType>(std::move(*result.type));
        result.type->is_const = true;
      } else if (word != "volatile" && word != "_Noreturn" && word != "noreturn" &&
                 word != "restrict") {
        unsupported(child, "'" + word + "'");
      }
    } else if (type == "attribute_specifier") {
      attribute(child);
    } else if (type == "attribute_declaration" || type.starts_with("ms_")) {
      unsupported(child, "'" + word + "'");
    }
  }
  return result;
}

SyntaxTypePtr TreeReader::type_specifier(TSNode node) {
  const Deeper deeper(*this, node);
  const std::string_view type = type_of(node);
  if (type == "struct_specifier") {
    return structure(node);
  }
  if (type == "enum_specifier") {
    return enumeration(node);
  }
  if (type == "union_specifier") {
    unsupported(node, "union");
  }
  if (type == "macro_type_specifier") {
    fail(node, "unknown type '" + text(node) + "'", "a type");
  }
  auto result = std::make_shared<SyntaxType>();
  result->kind = SyntaxType::Kind::named;
  result->loc = loc(node);
  result->name = squeezed(text(node));
  if (result->name.find("float") != std::string::npos ||
      result->name.find("double") != std::string::npos) {
    unsupported(node, "floating point (" + result->name + ")");
  }
  const auto macro = files_.macros_.find(result->name);
  if (macro != files_.macros_.end()) {
    unsupported(node, "macro '" + result->name + "' as a type");
  }
  return result;
}

SyntaxTypePtr TreeReader::structure(TSNode node) {
  auto result = std::make_shared<SyntaxType>();
  result->kind = SyntaxType::Kind::structure;
  result->loc = loc(node);
  const TSNode name = field_of(node, "name");
  result->name = is_null(name) ? "" : text(name);
  for (const TSNode child : named_children_of(node)) {
    if (type_of(child) == "attribute_specifier") {
      attribute(child);
    }
  }
  const TSNode body = field_of(node, "body");
  result->has_body = !is_null(body);
  if (!result->has_body) {
    return result;
  }
  for (const TSNode child : named_children_of(body)) {
    if (type_of(child) != "field_declaration") {
      unsupported(child, "a directive inside a struct");
    }
    for (const TSNode part : named_children_of(child)) {
      if (type_of(part) == "bitfield_clause") {
        unsupported(part, "a bit-field");
      }
    }
    for (auto& member : declaration(child)) {
      if (member->name.empty()) {
        unsupported(child, "an unnamed member");
      }
      result->members.push_back(std::move(member));
    }
  }
  return result;
}

SyntaxTypePtr TreeReader::enumeration(TSNode node) {
  auto result = std::make_shared<SyntaxType>();
  result->kind = SyntaxType::Kind::enumeration;
  result->loc = loc(node);
  const TSNode name = field_of(node, "name");
  result->name = is_null(name) ? "" : text(name);
  if (!is_null(field_of(node, "underlying_type"))) {
    unsupported(node, "an enumeration with a chosen type");
  }
  const TSNode body = field_of(node, "body");
  result->has_body = !is_null(body);
  if (result->has_body) {
    for (const TSNode child : named_children_of(body)) {
      if (type_of(child) != "enumerator") {
        unsupported(child, "a directive inside an enum");
      }
      const TSNode value = field_of(child, "value");
      result->enumerators.emplace_back(
          text(field_of(child, "name")),
          is_null(value) ? nullptr : std::shared_ptr<SyntaxExpr>(expression(value)));
      result->enumerator_locs.push_back(loc(child));
      files_.declare_name(result->enumerators.back().first, false);
    }
  }
  return result;
}

std::vector<std::unique_ptr<SyntaxDecl>> TreeReader::declaration(TSNode node) {
  std::vector<std::unique_ptr<SyntaxDecl>> result;
  const std::string_view type = type_of(node);
  if (type == "struct_specifier" || type == "enum_specifier" || type == "union_specifier") {
    auto only = std::make_unique<SyntaxDecl>();
    only->loc = loc(node);
    only->type = type_specifier(node);
    result.push_back(std::move(only));
    return result;
  }
  const Specifiers base = specifiers(node);
  for (const TSNode child : fields_of(node, "declarator")) {
    auto decl = std::make_unique<SyntaxDecl>();
    decl->is_extern = base.is_extern;
    decl->is_static = base.is_static;
    decl->is_typedef = type == "type_definition";
    const bool has_init = type_of(child) == "init_declarator";
    declarator(has_init ? field_of(child, "declarator") : child, base.type, *decl);
    if (type != "field_declaration") {
      files_.declare_name(decl->name, decl->is_typedef);  // known in its own initialiser
    }
    if (has_init) {
      decl->init = initialiser(field_of(child, "value"));
    }
    result.push_back(std::move(decl));
  }
  if (result.empty()) {
    auto only = std::make_unique<SyntaxDecl>();
    only->loc = loc(node);
    only->type = base.type;
    result.push_back(std::move(only));
  }
  return result;
}

void TreeReader::declarator(TSNode node, SyntaxTypePtr base, SyntaxDecl& out) {
  const Deeper deeper(*this, node);
  const std::string_view type = type_of(node);
  const auto wrap = [&](SyntaxType::Kind kind) {
    auto result = std::make_shared<SyntaxType>();
    result->kind = kind;
    result->loc = loc(node);
    result->target = std::move(base);
    return result;
  };
  if (type == "identifier" || type == "field_identifier" || type == "type_identifier" ||
      type == "primitive_type") {
    out.name = text(node);
    out.loc = loc(node);
    out.type = std::move(base);
    const auto macro = files_.macros_.find(out.name);
    if (macro != files_.macros_.end() && !macro->second.is_function &&
        macro->second.body != out.name) {
      fail(node,
           "'" + out.name + "' is a macro, defined at " + files_.sources_.brief(macro->second.loc),
           "another name");
    }
    return;
  }
  if (type == "pointer_declarator" || type == "abstract_pointer_declarator") {
    auto pointer = wrap(SyntaxType::Kind::pointer);
    for (const TSNode child : named_children_of(node)) {
      if (type_of(child) == "type_qualifier" && text(child) == "const") {
        pointer->is_const = true;
      }
    }
    base = std::move(pointer);
  } else if (type == "array_declarator" || type == "abstract_array_declarator") {
    auto array = wrap(SyntaxType::Kind::array);
    const TSNode size = field_of(node, "size");
    if (!is_null(size)) {
      if (type_of(size) == "*") {
        unsupported(size, "a variable-length array");
      }
      array->size = std::shared_ptr<SyntaxExpr>(expression(size));
    }
    base = std::move(array);
  } else if (type == "function_declarator" || type == "abstract_function_declarator") {
    auto function = wrap(SyntaxType::Kind::function);
    function->members = parameters(field_of(node, "parameters"));
    base = std::move(function);
    const TSNode name = field_of(node, "declarator");
    for (const TSNode child : named_children_of(node)) {
      if (!is_null(name) && ts_node_eq(child, name)) {
        continue;
      }
      if (type_of(child) == "attribute_specifier") {
        attribute(child);
      } else if (type_of(child) == "gnu_asm_expression") {
        unsupported(child, "inline assembly");
      } else if (type_of(child) == "identifier" || type_of(child) == "call_expression") {
        fail(child, "syntax error near '" + text(child) + "'", "';' or '{'");
      }
    }
  } else if (type == "parenthesized_declarator" || type == "abstract_parenthesized_declarator") {
    declarator(named_children_of(node).at(0), std::move(base), out);
    return;
  } else if (type == "gnu_asm_expression") {
    unsupported(node, "inline assembly");
  } else {
    unsupported(node, "'" + std::string(type) + "'");
  }
  const TSNode inner = field_of(node, "declarator");
  if (is_null(inner)) {  // abstract
    out.loc = loc(node);
    out.type = std::move(base);
    return;
  }
  declarator(inner, std::move(base), out);
}

std::vector<std::unique_ptr<SyntaxDecl>> TreeReader::parameters(TSNode node) {
  std::vector<std::unique_ptr<SyntaxDecl>> result;
  for (const TSNode child : named_children_of(node)) {
    if (type_of(child) == "variadic_parameter") {
      unsupported(child, "a variadic function");
    }
    if (type_of(child) != "parameter_declaration") {
      fail(child, "a parameter without a type", "a parameter declaration");
    }
    auto parameter = std::make_unique<SyntaxDecl>();
    parameter->loc = loc(child);
    const Specifiers base = specifiers(child);
    const TSNode inner = field_of(child, "declarator");
    if (is_null(inner)) {
      parameter->type = base.type;
    } else {
      declarator(inner, base.type, *parameter);
    }
    result.push_back(std::move(parameter));
  }
  // (void) is no parameter.
  if (result.size() == 1 && result[0]->name.empty() &&
      result[0]->type->kind == SyntaxType::Kind::named && result[0]->type->name == "void") {
    result.clear();
  }
  return result;
}

SyntaxTypePtr TreeReader::type_descriptor(TSNode node) {
  SyntaxTypePtr base = specifiers(node).type;
  const TSNode inner = field_of(node, "declarator");
  if (is_null(inner)) {
    return base;
  }
  SyntaxDecl decl;
  declarator(inner, std::move(base), decl);
  return decl.type;
}

SyntaxExprPtr TreeReader::initialiser(TSNode node) {
  if (type_of(node) != "initializer_list") {
    return expression(node);
  }
  const Deeper deeper(*this, node);
  auto result = make(node, SyntaxExpr::Kind::init_list);
  for (const TSNode child : named_children_of(node)) {
    std::vector<Designator> path;
    TSNode value = child;
    if (type_of(child) == "initializer_pair") {
      for (const TSNode designator : fields_of(child, "designator")) {
        Designator step;
        if (type_of(designator) == "subscript_designator") {
          step.index = expression(named_children_of(designator).at(0));
        } else if (type_of(designator) == "field_designator") {
          step.field = text(named_children_of(designator).at(0));
        } else {
          unsupported(designator, "this designator");
        }
        path.push_back(std::move(step));
      }
      value = field_of(child, "value");
    }
    result->kids.push_back(initialiser(value));
    result->designators.push_back(std::move(path));
  }
  return result;
}

SyntaxDecl TreeReader::function_definition(TSNode node) {
  SyntaxDecl result;
  const Specifiers base = specifiers(node);
  declarator(field_of(node, "declarator"), base.type, result);
  if (result.type->kind != SyntaxType::Kind::function) {
    fail(node, "this is not a function definition", "a function definition");
  }
  for (const TSNode child : named_children_of(node)) {
    if (type_of(child) == "declaration") {
      unsupported(child, "an old-style parameter declaration");
    }
  }
  files_.declare_name(result.name, false);
  files_.scopes_.emplace_back();
  for (const auto& parameter : result.type->members) {
    files_.declare_name(parameter->name, false);
  }
  result.body = block(field_of(node, "body"));
  files_.scopes_.pop_back();
  return result;
}

}  // namespace airlock::c
