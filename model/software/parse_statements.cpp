// Statements. Case labels and labels become statements of their own, in front of what they label.
#include "model/software/parse_depth.hpp"
#include "model/software/parse_expressions.hpp"

namespace airlock::c {

SyntaxStmtPtr TreeReader::make_statement(TSNode node, SyntaxStmt::Kind kind) {
  auto result = std::make_unique<SyntaxStmt>();
  result->kind = kind;
  result->loc = loc(node);
  return result;
}

SyntaxStmtPtr TreeReader::block(TSNode node) {
  auto result = make_statement(node, SyntaxStmt::Kind::block);
  files_.scopes_.emplace_back();
  for (const TSNode child : named_children_of(node)) {
    block_item(child, *result);
  }
  files_.scopes_.pop_back();
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
  } else if (type == "preproc_ifdef" || type == "preproc_if") {
    conditional(node, out);
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
    if (auto product = expression_that_looks_declared(node)) {
      return product;
    }
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
  files_.scopes_.emplace_back();
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
  files_.scopes_.pop_back();
  return result;
}

/// `x * y;` is a declaration to a parser that knows no names. Where x is no type it is a product.
SyntaxStmtPtr TreeReader::expression_that_looks_declared(TSNode node) {
  const TSNode type = field_of(node, "type");
  if (type_of(node) != "declaration" || is_null(type) || type_of(type) != "type_identifier" ||
      ts_node_start_byte(type) != ts_node_start_byte(node) ||
      files_.declared_as_type(text(type)) != std::optional(false)) {
    return nullptr;
  }
  std::vector<Token> tokens = tokens_of(tree_.text(node), loc(node), fixed_.has_value(), within_);
  tokens.pop_back();  // ';'
  auto result = make_statement(node, SyntaxStmt::Kind::expression);
  result->exprs.push_back(ExpressionReader(files_, std::move(tokens), loc(node), depth_).all());
  return result;
}

}  // namespace airlock::c
