// The kernel's text as a tree of statements and expressions that knows where each piece stands.
//
// Much simpler than the front end's: nothing is checked here. What the grammar does not read
// becomes a node `bad`, whose words the slicer still sees.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace airlock::kernel {

/// A type as declared: base, and how many pointers are around it. Arrays count as arrays, not as
/// pointers. Anonymous structs have the name of where they stand: "struct kvm_vcpu_arch.apf".
struct Type {
  std::string base;  ///< "u64", "struct kvm_vcpu", "enum exit", "" if unknown
  unsigned pointers = 0;
  unsigned arrays = 0;
  bool function = false;  ///< a function, or with pointers a pointer to one
  [[nodiscard]] bool known() const { return !base.empty(); }
  [[nodiscard]] bool is_struct() const {
    return base.starts_with("struct ") || base.starts_with("union ");
  }
  friend bool operator==(const Type&, const Type&) = default;
};

enum class Is {
  // Expressions
  number,  ///< text: a number or character literal; true, false, NULL too
  string,
  name,         ///< text
  call,         ///< kids[0] what is called, then arguments
  field,        ///< kids[0] the object or (arrow) pointer; text: the field
  index,        ///< kids[0][kids[1]]
  unary,        ///< text: & * - + ! ~ ; kids[0]
  binary,       ///< text
  assign,       ///< text: = += ...
  update,       ///< text: ++ --; kids[0]
  conditional,  ///< three kids
  cast,         ///< type, kids[0]
  comma,
  size_of,
  paren,           ///< kids[0]
  initialisers,    ///< { ... }: kids are values or `designated`
  designated,      ///< text: ".name" or "[index]"; kids[0] the value; kids[1] an index
  compound,        ///< (type){ ... }
  statement_expr,  ///< ({ ... })
  // Statements
  expression,   ///< kids[0]
  declaration,  ///< kids: `variable`
  variable,     ///< text: its name; type; kids[0] the initialiser, if any
  if_,          ///< condition, then, else or null
  while_,       ///< condition, body
  do_,          ///< body, condition
  for_,         ///< initialiser, condition, update (each or null), body
  switch_,      ///< value, body
  case_,        ///< value or null (default), the end of a range or null, then its statements
  break_,
  continue_,
  goto_,    ///< text: the label
  label,    ///< text; kids[0] the statement
  return_,  ///< kids[0] or nothing
  block,
  assembly,
  empty,
  bad,  ///< what the grammar did not read
};

struct Node {
  Is is = Is::bad;
  bool arrow = false;
  bool is_static = false;  ///< declarations
  std::string text;
  std::vector<Node*> kids;
  Type type;
  std::uint32_t text_id = 0;  ///< which text it stands in
  std::uint32_t begin = 0, end = 0;
  std::uint32_t line = 0, column = 0;  ///< from 1

  [[nodiscard]] bool is_statement() const { return is >= Is::expression; }
};

/// Removes parentheses around an expression.
const Node* bare(const Node* node);

/// Calls visit(node) for the node and all below it, in the order of the text.
template <class Visit>
void walk(const Node* node, const Visit& visit) {
  if (node == nullptr) {
    return;
  }
  visit(node);
  for (const Node* kid : node->kids) {
    walk(kid, visit);
  }
}

/// The identifiers of a text, in order.
std::vector<std::string> words_of(std::string_view text);

}  // namespace airlock::kernel
