// Builds the index from a text: tree-sitter's tree becomes ours.
#pragma once

#include <string>
#include <vector>

#include "model/kernel/index.hpp"
#include "model/software/tree_sitter.hpp"

namespace airlock::kernel {

class TextReader {
 public:
  TextReader(Index& index, std::uint32_t text_id, bool from_lens,
             const std::vector<Note>* notes = nullptr);
  void read_file();
  /// The statements of the first function's body; null if it does not parse.
  Node* read_body();

 private:
  struct Declared {
    std::string name;
    Type type;
    TSNode parameters{};
    TSNode name_node{};
    bool has_parameters = false;
  };
  void top(TSNode node);
  void function(TSNode node);
  void top_declaration(TSNode node);
  void type_definition(TSNode node);
  Type specifier(TSNode node, const std::string& around);
  Type struct_specifier(TSNode node, const std::string& around);
  Type enum_specifier(TSNode node, const std::string& around);
  Type type_before(TSNode declaration, const std::string& around);
  Declared declarator(TSNode node, Type type);
  Type type_name(TSNode descriptor);
  std::vector<Parameter> parameters(TSNode list, bool& variadic,
                                    std::vector<std::pair<std::uint32_t, std::uint32_t>>* ranges);
  Node* statement(TSNode node);
  Node* declaration(TSNode node);
  Node* expression(TSNode node);
  Node* initialisers(TSNode node);
  Node* condition(TSNode node);
  Node* block_of(TSNode node);
  Node* make(Is is, TSNode node);
  Node* bad(TSNode node);
  [[nodiscard]] bool names_type(const std::string& name) const;
  bool iterates(const Node* node) const;
  std::string text(TSNode node) const { return std::string(tree_.text(node)); }

  Index& index_;
  std::uint32_t text_id_;
  bool from_lens_;
  const std::vector<Note>* notes_;
  std::string path_;
  c::ParseTree tree_;
  unsigned anonymous_ = 0;
};

}  // namespace airlock::kernel
