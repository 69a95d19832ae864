#include "model/software/boundaries.hpp"

namespace airlock::c {

std::string name_of_function(const ParseTree& tree, TSNode definition) {
  TSNode declarator = field_of(definition, "declarator");
  while (!is_null(declarator) && type_of(declarator) != "identifier") {
    declarator = field_of(declarator, "declarator");
  }
  return is_null(declarator) ? "" : std::string(tree.text(declarator));
}

std::string callee_of(const ParseTree& tree, TSNode statement) {
  if (type_of(statement) != "expression_statement") {
    return {};
  }
  const std::vector<TSNode> inside = named_children_of(statement);
  if (inside.size() != 1 || type_of(inside[0]) != "call_expression") {
    return {};
  }
  return std::string(tree.text(field_of(inside[0], "function")));
}

}  // namespace airlock::c
