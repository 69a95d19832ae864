// A thin C++ skin over tree-sitter's C interface, and the first syntax error of a tree.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <tree_sitter/api.h>
#include <vector>

#include "model/software/source.hpp"

namespace airlock::c {

/// A parsed text. Nodes borrow the tree and the text.
class ParseTree {
 public:
  /// Parses `text` as a C file. Throws InputError only if tree-sitter gives up (10 s).
  ParseTree(std::string text, const std::string& path);
  [[nodiscard]] TSNode root() const { return ts_tree_root_node(tree_.get()); }
  [[nodiscard]] std::string_view text(TSNode node) const;

 private:
  struct Delete {
    void operator()(TSTree* tree) const { ts_tree_delete(tree); }
  };
  std::string text_;
  std::unique_ptr<TSTree, Delete> tree_;
};

[[nodiscard]] std::string_view type_of(TSNode node);
/// All children (or the named ones) except comments, in order.
[[nodiscard]] std::vector<TSNode> children_of(TSNode node);
[[nodiscard]] std::vector<TSNode> named_children_of(TSNode node);
/// The child in that field, a null node without one.
[[nodiscard]] TSNode field_of(TSNode node, std::string_view field);
[[nodiscard]] std::vector<TSNode> fields_of(TSNode node, std::string_view field);
[[nodiscard]] inline bool is_null(TSNode node) {
  return ts_node_is_null(node);
}

struct SyntaxProblem {
  TSPoint position;
  std::string message;
  std::string expected;
};
/// The first ERROR or MISSING node in the order of the text; an empty message if there is none.
[[nodiscard]] SyntaxProblem first_problem(const ParseTree& tree);

}  // namespace airlock::c
