// Statements. Case labels and labels become statements of their own, in front of what they label.
#include "model/software/parse.hpp"
#include "model/software/parse_depth.hpp"

namespace airlock::c {

SyntaxStmtPtr TreeReader::make_statement(TSNode node, SyntaxStmt::Kind kind) {
  auto result = std::make_unique<SyntaxStmt>();
  result->kind = kind;
  result->loc = loc(node);
  return result;
}

SyntaxStmtPtr TreeReader::block(TSNode node) {
  auto result = make_statement(node, SyntaxStmt::Kind::block);
  for (const TSNode child : named_children_of(node)) {
    block_item(child, *result);
  }
  const TSPoint end = ts_node_end_point(node);
  result->end = fixed_ ? *fixed_ : Loc{file_, end.row + 1, end.column};
  return result;
}

/// Adds a statement to a block, with the labels before it as items of their own.
void TreeReader::block_item(TSNode node, SyntaxStmt& out) {
  const Deeper deeper(*this, node);
  using Kind = SyntaxStmt::Kind;
  const std::string_view type = type_of(node);
  if (type == "case_statement") {
    const TSNode value = field_of(node, "value");
    auto label = make_statement(node, is_null(value) ? Kind::default_ : Kind::case_);
    if (!is_null(value)) {
      label->exprs.push_back(expression(value));
    }
    out.stmts.push_back(std::move(label));
    bool first = !is_null(value);
    for (const TSNode child : named_children_of(node)) {
      if (first) {
        first = false;  // the value itself
        continue;
      }
      block_item(child, out);
    }
  } else if (type == "labeled_statement") {
    auto label = make_statement(node, Kind::label);
    label->text = text(field_of(node, "label"));
    out.stmts.push_back(std::move(label));
    const std::vector<TSNode> children = named_children_of(node);
    for (std::size_t i = 1; i < children.size(); ++i) {
      block_item(children[i], out);
    }
  } else if (!directive(node, nullptr, false)) {
    out.stmts.push_back(statement(node));
  }
}

SyntaxStmtPtr TreeReader::statement(TSNode node) {
  const Deeper deeper(*this, node);
  using Kind = SyntaxStmt::Kind;
  const std::string_view type = type_of(node);
  if (type == "compound_statement") {
    return block(node);
  }
  if (type == "case_statement" || type == "labeled_statement") {
    auto result = make_statement(node, Kind::block);
    block_item(node, *result);
    return result;
  }
  if (type == "declaration" || type == "struct_specifier" || type == "enum_specifier" ||
      type == "type_definition" || type == "union_specifier") {
    auto result = make_statement(node, Kind::declaration);
    result->decls = declaration(node);
    return result;
  }
  if (type == "expression_statement") {
    const std::vector<TSNode> inner = named_children_of(node);
    if (inner.empty()) {
      return make_statement(node, Kind::empty);
    }
    if (auto expanded = macro_statement(inner[0])) {
      return expanded;
    }
    auto result = make_statement(node, Kind::expression);
    result->exprs.push_back(expression(inner[0]));
    return result;
  }
  if (type == "if_statement") {
    auto result = make_statement(node, Kind::if_);
    result->exprs.push_back(expression(field_of(node, "condition")));
    result->stmts.push_back(statement(field_of(node, "consequence")));
    const TSNode alternative = field_of(node, "alternative");
    if (!is_null(alternative)) {
      result->stmts.push_back(statement(named_children_of(alternative).at(0)));
    }
    return result;
  }
  if (type == "while_statement" || type == "do_statement" || type == "switch_statement") {
    auto result = make_statement(node, type == "while_statement" ? Kind::while_
                                       : type == "do_statement"  ? Kind::do_
                                                                 : Kind::switch_);
    result->exprs.push_back(expression(field_of(node, "condition")));
    result->stmts.push_back(statement(field_of(node, "body")));
    return result;
  }
  if (type == "for_statement") {
    return for_loop(node);
  }
  if (type == "break_statement") {
    return make_statement(node, Kind::break_);
  }
  if (type == "continue_statement") {
    return make_statement(node, Kind::continue_);
  }
  if (type == "return_statement") {
    auto result = make_statement(node, Kind::return_);
    const std::vector<TSNode> inner = named_children_of(node);
    if (!inner.empty()) {
      result->exprs.push_back(expression(inner[0]));
    }
    return result;
  }
  if (type == "goto_statement") {
    auto result = make_statement(node, Kind::goto_);
    result->text = text(field_of(node, "label"));
    return result;
  }
  if (type == "function_definition") {
    unsupported(node, "a function inside a function");
  }
  unsupported(node,
              type == "attributed_statement" ? "an attribute" : "'" + std::string(type) + "'");
}

SyntaxStmtPtr TreeReader::for_loop(TSNode node) {
  auto result = make_statement(node, SyntaxStmt::Kind::for_);
  const TSNode init = field_of(node, "initializer");
  const TSNode condition = field_of(node, "condition");
  const TSNode update = field_of(node, "update");
  if (is_null(init)) {
    result->stmts.push_back(nullptr);
  } else if (type_of(init) == "declaration") {
    result->stmts.push_back(statement(init));
  } else {
    auto first = make_statement(init, SyntaxStmt::Kind::expression);
    first->exprs.push_back(expression(init));
    result->stmts.push_back(std::move(first));
  }
  result->exprs.push_back(is_null(condition) ? nullptr : expression(condition));
  result->exprs.push_back(is_null(update) ? nullptr : expression(update));
  result->stmts.push_back(statement(field_of(node, "body")));
  return result;
}

/// A macro whose body is a statement: do { … } while (0).
SyntaxStmtPtr TreeReader::macro_statement(TSNode node) {
  if (type_of(node) != "call_expression" || type_of(field_of(node, "function")) != "identifier") {
    return nullptr;
  }
  const auto found = files_.macros_.find(text(field_of(node, "function")));
  if (found == files_.macros_.end() || !found->second.is_function ||
      !found->second.body.starts_with("do")) {
    return nullptr;
  }
  const Macro& macro = found->second;
  const std::string body = expansion(node, macro, named_children_of(field_of(node, "arguments")));
  const Loc place = loc(node);
  const ParseTree tree("void _(void) { " + body + "\n; }", files_.sources_.path(place.file));
  if (ts_node_has_error(tree.root()) || expansion_depth_ > 40) {
    fail(node, "the body of macro '" + macro.name + "' is not a statement: " + macro.body,
         "a macro that stands for an expression, or for do { … } while (0)");
  }
  TreeReader reader(files_, tree, place.file, place, expansion_depth_ + 1, depth_);
  return reader.block(field_of(named_children_of(tree.root()).at(0), "body"));
}

}  // namespace airlock::c
