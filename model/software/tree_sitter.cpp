#include "model/software/tree_sitter.hpp"

#include <cassert>

#include "model/system/input_error.hpp"

extern "C" const TSLanguage* tree_sitter_c(void);

namespace airlock::c {
namespace {

constexpr std::uint64_t parse_timeout_micros = 10'000'000;

/// Walks a node's children with a cursor: ts_node_child is linear in its index.
template <class Visit>
void for_children(TSNode node, Visit visit) {
  TSTreeCursor cursor = ts_tree_cursor_new(node);
  if (ts_tree_cursor_goto_first_child(&cursor)) {
    do {
      const char* field = ts_tree_cursor_current_field_name(&cursor);
      visit(ts_tree_cursor_current_node(&cursor),
            field == nullptr ? std::string_view{} : std::string_view{field});
    } while (ts_tree_cursor_goto_next_sibling(&cursor));
  }
  ts_tree_cursor_delete(&cursor);
}

/// What would have been right inside a node of this type.
std::string expected_inside(std::string_view type) {
  if (type == "translation_unit" || type == "declaration_list" || type.starts_with("preproc_if")) {
    return "a declaration or a function definition";
  }
  if (type == "compound_statement" || type == "case_statement") {
    return "a statement or a declaration";
  }
  if (type == "field_declaration_list") {
    return "a member declaration";
  }
  if (type == "enumerator_list") {
    return "an enumerator";
  }
  if (type == "parameter_list") {
    return "a parameter declaration";
  }
  if (type == "argument_list") {
    return "an argument, ',' or ')'";
  }
  if (type.ends_with("_expression") || type == "init_declarator") {
    return "an expression";
  }
  if (type.ends_with("_statement")) {
    return "a complete statement, ended by ';'";
  }
  if (type.ends_with("declaration")) {
    return "a declarator, an initialiser or ';'";
  }
  return {};
}

std::string shortened(std::string_view text) {
  std::string result(text.substr(0, text.find('\n')));
  if (result.size() > 30) {
    result.resize(30);
    while (!result.empty() && (static_cast<unsigned char>(result.back()) & 0x80U) != 0) {
      result.pop_back();
    }
    result += "…";
  }
  return result;
}

}  // namespace

ParseTree::ParseTree(std::string text, const std::string& path) : text_(std::move(text)) {
  struct DeleteParser {
    void operator()(TSParser* parser) const { ts_parser_delete(parser); }
  };
  const std::unique_ptr<TSParser, DeleteParser> parser(ts_parser_new());
  const bool fits = ts_parser_set_language(parser.get(), tree_sitter_c());
  assert(fits && "the grammar's ABI does not fit the library");
  static_cast<void>(fits);
  ts_parser_set_timeout_micros(parser.get(), parse_timeout_micros);
  tree_.reset(ts_parser_parse_string(parser.get(), nullptr, text_.data(),
                                     static_cast<std::uint32_t>(text_.size())));
  if (tree_ == nullptr) {
    throw InputError({path, 0, 0}, "the file cannot be parsed within 10 seconds", {}, "C source");
  }
}

std::string_view ParseTree::text(TSNode node) const {
  const std::uint32_t begin = ts_node_start_byte(node);
  return std::string_view(text_).substr(begin, ts_node_end_byte(node) - begin);
}

std::string_view type_of(TSNode node) {
  return ts_node_type(node);
}

std::vector<TSNode> children_of(TSNode node) {
  std::vector<TSNode> result;
  for_children(node, [&](TSNode child, std::string_view) {
    if (type_of(child) != "comment") {
      result.push_back(child);
    }
  });
  return result;
}

std::vector<TSNode> named_children_of(TSNode node) {
  std::vector<TSNode> result;
  for_children(node, [&](TSNode child, std::string_view) {
    if (ts_node_is_named(child) && type_of(child) != "comment") {
      result.push_back(child);
    }
  });
  return result;
}

TSNode field_of(TSNode node, std::string_view field) {
  return ts_node_child_by_field_name(node, field.data(), static_cast<std::uint32_t>(field.size()));
}

std::vector<TSNode> fields_of(TSNode node, std::string_view field) {
  std::vector<TSNode> result;
  for_children(node, [&](TSNode child, std::string_view name) {
    if (name == field && type_of(child) != "comment") {
      result.push_back(child);
    }
  });
  return result;
}

SyntaxProblem first_problem(const ParseTree& tree) {
  if (!ts_node_has_error(tree.root())) {
    return {};
  }
  TSTreeCursor cursor = ts_tree_cursor_new(tree.root());
  std::string_view parent = "translation_unit";
  SyntaxProblem problem;
  // Descend into the first child that contains an error until the error itself is reached.
  while (true) {
    const TSNode node = ts_tree_cursor_current_node(&cursor);
    if (ts_node_is_missing(node)) {
      const std::string what = ts_node_is_named(node) ? std::string(type_of(node))
                                                      : "'" + std::string(type_of(node)) + "'";
      problem = {ts_node_start_point(node), "syntax error: " + what + " is missing", what};
      break;
    }
    if (type_of(node) == "ERROR") {
      const std::string near = shortened(tree.text(node));
      problem = {ts_node_start_point(node),
                 near.empty() ? "syntax error" : "syntax error near '" + near + "'",
                 expected_inside(parent)};
      break;
    }
    parent = type_of(node);
    bool found = ts_tree_cursor_goto_first_child(&cursor);
    while (found && !ts_node_has_error(ts_tree_cursor_current_node(&cursor)) &&
           !ts_node_is_missing(ts_tree_cursor_current_node(&cursor))) {
      found = ts_tree_cursor_goto_next_sibling(&cursor);
    }
    if (!found) {
      problem = {ts_node_start_point(node), "syntax error", expected_inside(parent)};
      break;
    }
  }
  ts_tree_cursor_delete(&cursor);
  return problem;
}

}  // namespace airlock::c
