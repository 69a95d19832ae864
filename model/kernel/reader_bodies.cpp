// Function bodies: statements and expressions.
#include <algorithm>
#include <set>

#include "model/kernel/reader.hpp"

namespace airlock::kernel {

using c::children_of;
using c::field_of;
using c::fields_of;
using c::is_null;
using c::named_children_of;
using c::type_of;

Node* TextReader::bad(TSNode node) {
  Node* made = make(Is::bad, node);
  made->text = text(node);
  return made;
}

Node* TextReader::read_body() {
  for (const TSNode child : named_children_of(tree_.root())) {
    if (type_of(child) == "function_definition") {
      return ts_node_has_error(tree_.root()) ? nullptr : statement(field_of(child, "body"));
    }
  }
  return nullptr;
}

/// Whether the words made `while` of an iterating macro there.
bool TextReader::iterates(const Node* node) const {
  return notes_ != nullptr && std::any_of(notes_->begin(), notes_->end(), [&](const Note& note) {
           return note.kind == NoteKind::Iterator && note.line == node->line &&
                  note.column == node->column;
         });
}

Node* TextReader::block_of(TSNode node) {
  Node* made = make(Is::block, node);
  for (const TSNode child : named_children_of(node)) {
    made->kids.push_back(statement(child));
  }
  return made;
}

Node* TextReader::condition(TSNode node) {
  if (is_null(node)) {
    return nullptr;
  }
  return expression(node);
}

Node* TextReader::statement(TSNode node) {
  const std::string_view type = type_of(node);
  if (ts_node_is_missing(node)) {
    return bad(node);
  }
  if (type == "compound_statement") {
    return block_of(node);
  }
  if (type == "expression_statement") {
    const std::vector<TSNode> kids = named_children_of(node);
    if (kids.empty()) {
      return make(Is::empty, node);
    }
    Node* made = make(Is::expression, node);
    for (const TSNode kid : kids) {
      made->kids.push_back(expression(kid));
    }
    return made;
  }
  if (type == "declaration") {
    return declaration(node);
  }
  if (type == "if_statement") {
    Node* made = make(Is::if_, node);
    made->kids = {condition(field_of(node, "condition")), statement(field_of(node, "consequence")),
                  nullptr};
    const TSNode alternative = field_of(node, "alternative");
    if (!is_null(alternative)) {
      const std::vector<TSNode> kids = named_children_of(alternative);
      made->kids[2] = type_of(alternative) == "else_clause" && !kids.empty()
                          ? statement(kids.front())
                          : statement(alternative);
    }
    return made;
  }
  if (type == "while_statement") {
    Node* made = make(Is::while_, node);
    made->kids = {condition(field_of(node, "condition")), statement(field_of(node, "body"))};
    made->text = iterates(made) ? "iterator" : "";
    return made;
  }
  if (type == "do_statement") {
    Node* made = make(Is::do_, node);
    made->kids = {statement(field_of(node, "body")), condition(field_of(node, "condition"))};
    return made;
  }
  if (type == "for_statement") {
    Node* made = make(Is::for_, node);
    const TSNode first = field_of(node, "initializer");
    Node* init = nullptr;
    if (!is_null(first)) {
      init = type_of(first) == "declaration" ? declaration(first) : expression(first);
    }
    made->kids = {init, condition(field_of(node, "condition")), condition(field_of(node, "update")),
                  statement(field_of(node, "body"))};
    return made;
  }
  if (type == "switch_statement") {
    Node* made = make(Is::switch_, node);
    made->kids = {condition(field_of(node, "condition")), statement(field_of(node, "body"))};
    return made;
  }
  if (type == "case_statement") {
    Node* made = make(Is::case_, node);
    const TSNode value = field_of(node, "value");
    made->kids = {condition(value), nullptr};
    bool past = is_null(value);
    for (const TSNode child : named_children_of(node)) {
      if (!past) {
        past = ts_node_eq(child, value);
        continue;
      }
      made->kids.push_back(statement(child));
    }
    return made;
  }
  if (type == "labeled_statement") {
    Node* made = make(Is::label, node);
    made->text = text(field_of(node, "label"));
    const std::vector<TSNode> kids = named_children_of(node);
    made->kids.push_back(kids.size() > 1 ? statement(kids.back()) : make(Is::empty, node));
    return made;
  }
  if (type == "return_statement") {
    Node* made = make(Is::return_, node);
    for (const TSNode kid : named_children_of(node)) {
      made->kids.push_back(expression(kid));
    }
    return made;
  }
  if (type == "goto_statement") {
    Node* made = make(Is::goto_, node);
    made->text = text(field_of(node, "label"));
    return made;
  }
  if (type == "break_statement") {
    return make(Is::break_, node);
  }
  if (type == "continue_statement") {
    return make(Is::continue_, node);
  }
  if (type == "struct_specifier" || type == "union_specifier" || type == "enum_specifier") {
    specifier(node, "local");
    return make(Is::empty, node);
  }
  if (type == "else_clause" && !named_children_of(node).empty()) {
    return statement(named_children_of(node).front());
  }
  if (type == "gnu_asm_expression") {
    Node* made = make(Is::assembly, node);
    made->text = text(node);
    return made;
  }
  return bad(node);
}

Node* TextReader::declaration(TSNode node) {
  Node* made = make(Is::declaration, node);
  const Type base = type_before(node, "local");
  for (const TSNode child : children_of(node)) {
    made->is_static = made->is_static || (type_of(child) == "storage_class_specifier" &&
                                          tree_.text(child) == "static");
    if (type_of(child) == "ERROR") {
      made->kids.push_back(bad(child));
    }
  }
  for (const TSNode each : fields_of(node, "declarator")) {
    const Declared declared = declarator(each, base);
    Node* variable = make(Is::variable, each);
    variable->text = declared.name;
    variable->type = declared.type;
    if (type_of(each) == "init_declarator") {
      variable->kids.push_back(expression(field_of(each, "value")));
    }
    if (declared.has_parameters) {
      continue;  // a prototype
    }
    made->kids.push_back(variable);
  }
  return made;
}

Node* TextReader::initialisers(TSNode node) {
  Node* made = make(Is::initialisers, node);
  for (const TSNode each : named_children_of(node)) {
    if (type_of(each) != "initializer_pair") {
      made->kids.push_back(expression(each));
      continue;
    }
    Node* pair = make(Is::designated, each);
    const std::vector<TSNode> designators = fields_of(each, "designator");
    pair->kids.push_back(expression(field_of(each, "value")));
    for (const TSNode designator : designators) {
      pair->text += text(designator);
      const std::vector<TSNode> kids = named_children_of(designator);
      if (type_of(designator) == "subscript_designator" && !kids.empty()) {
        pair->kids.push_back(expression(kids.front()));
      }
    }
    made->kids.push_back(pair);
  }
  return made;
}

/// A typedef that was read, or one that every kernel has.
bool TextReader::names_type(const std::string& name) const {
  static const std::set<std::string> known = {
      "u8",   "u16",   "u32",   "u64",   "s8",      "s16",      "s32",      "s64",      "bool",
      "__u8", "__u16", "__u32", "__u64", "uint8_t", "uint16_t", "uint32_t", "uint64_t", "size_t"};
  return known.contains(name) || index_.is_type(name);
}

Node* TextReader::expression(TSNode node) {
  const std::string_view type = type_of(node);
  const auto with = [&](Is is, std::initializer_list<const char*> names) {
    Node* made = make(is, node);
    for (const char* name : names) {
      const TSNode kid = field_of(node, name);
      made->kids.push_back(is_null(kid) ? bad(node) : expression(kid));
    }
    const TSNode op = field_of(node, "operator");
    if (!is_null(op)) {
      made->text = text(op);
    }
    return made;
  };
  if (ts_node_is_missing(node)) {
    return bad(node);
  }
  if (type == "number_literal" || type == "char_literal" || type == "true" || type == "false" ||
      type == "null") {
    Node* made = make(Is::number, node);
    made->text = text(node);
    return made;
  }
  if (type == "string_literal" || type == "concatenated_string") {
    return make(Is::string, node);
  }
  if (type == "identifier" || type == "type_identifier" || type == "primitive_type") {
    Node* made = make(Is::name, node);
    made->text = text(node);
    return made;
  }
  // "(u8)*p" and "(u8)(x)" look like a product and a call until one knows that u8 is a type.
  const auto cast = [&](Node* made) -> Node* {
    const Node* first = made->kids[0];
    if (first->is != Is::paren || first->kids[0]->is != Is::name ||
        !names_type(first->kids[0]->text)) {
      return nullptr;
    }
    Node* operand = made->kids[1];
    if (made->is == Is::binary) {
      if (made->text != "*" && operand->is == Is::binary) {
        return bad(node);
      }
      Node* inner = make(Is::unary, node);
      inner->begin = first->end;
      inner->text = made->text;
      inner->kids = {operand};
      operand = inner;
    }
    Node* result = make(Is::cast, node);
    result->type = Type{first->kids[0]->text};
    result->kids = {operand};
    return result;
  };
  if (type == "call_expression") {
    Node* made = make(Is::call, node);
    made->kids.push_back(expression(field_of(node, "function")));
    for (const TSNode argument : named_children_of(field_of(node, "arguments"))) {
      made->kids.push_back(expression(argument));
    }
    Node* read = made->kids.size() == 2 ? cast(made) : nullptr;
    return read == nullptr ? made : read;
  }
  if (type == "field_expression") {
    Node* made = make(Is::field, node);
    made->kids.push_back(expression(field_of(node, "argument")));
    made->text = text(field_of(node, "field"));
    made->arrow = text(field_of(node, "operator")) == "->";
    return made;
  }
  if (type == "subscript_expression") {
    return with(Is::index, {"argument", "index"});
  }
  if (type == "pointer_expression" || type == "unary_expression") {
    return with(Is::unary, {"argument"});
  }
  if (type == "binary_expression") {
    Node* made = with(Is::binary, {"left", "right"});
    static const std::set<std::string> also_unary = {"*", "&", "+", "-"};
    Node* read = also_unary.contains(made->text) ? cast(made) : nullptr;
    return read == nullptr ? made : read;
  }
  if (type == "assignment_expression") {
    return with(Is::assign, {"left", "right"});
  }
  if (type == "update_expression") {
    return with(Is::update, {"argument"});
  }
  if (type == "conditional_expression") {
    Node* made = make(Is::conditional, node);
    const TSNode first = field_of(node, "consequence");
    made->kids.push_back(expression(field_of(node, "condition")));
    made->kids.push_back(is_null(first) ? made->kids[0] : expression(first));
    made->kids.push_back(expression(field_of(node, "alternative")));
    return made;
  }
  if (type == "cast_expression") {
    // "(f(x)) & y" looks like a cast to a function type, which C does not have.
    const std::string target = text(field_of(node, "type"));
    if (target.find('(') != std::string::npos && target.find('*') == std::string::npos &&
        !target.starts_with("typeof") && !target.starts_with("__typeof")) {
      return bad(node);
    }
    Node* made = make(Is::cast, node);
    made->type = type_name(field_of(node, "type"));
    made->kids.push_back(expression(field_of(node, "value")));
    return made;
  }
  if (type == "comma_expression") {
    return with(Is::comma, {"left", "right"});
  }
  if (type == "sizeof_expression" || type == "alignof_expression" ||
      type == "offsetof_expression") {
    return make(Is::size_of, node);
  }
  if (type == "parenthesized_expression") {
    const std::vector<TSNode> kids = named_children_of(node);
    if (kids.size() == 1 && type_of(kids.front()) == "compound_statement") {
      Node* made = make(Is::statement_expr, node);
      made->kids.push_back(block_of(kids.front()));
      return made;
    }
    if (kids.size() == 1) {
      Node* made = make(Is::paren, node);
      made->kids.push_back(expression(kids.front()));
      return made;
    }
    return bad(node);
  }
  if (type == "initializer_list") {
    return initialisers(node);
  }
  if (type == "compound_literal_expression") {
    Node* made = make(Is::compound, node);
    made->type = type_name(field_of(node, "type"));
    made->kids.push_back(expression(field_of(node, "value")));
    return made;
  }
  if (type == "gnu_asm_expression") {
    Node* made = make(Is::assembly, node);
    made->text = text(node);
    return made;
  }
  if (type == "compound_statement") {
    return block_of(node);
  }
  if (type == "type_descriptor") {  // sizeof-like macros take types
    Node* made = make(Is::size_of, node);
    made->type = type_name(node);
    return made;
  }
  return bad(node);
}

}  // namespace airlock::kernel
