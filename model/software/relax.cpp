// Relaxation: a program that may do more. Where mutation (mutate.cpp) asks what happens if a line
// is gone, relaxation asks what happens if the line cannot be relied upon: a statement may be
// skipped, anew each time; an operand of a condition may come out either way; a value may be
// another; two statements may change places. A relaxed program can do all that the original does,
// so
//  - what holds for it holds for the original, without vacuity being a question;
//  - relaxing more allows more: if a property holds with some pieces relaxed, it holds with fewer,
//    so that taking pieces away one by one, each tried once, ends with a minimal set of those that
//    must be kept (checker/compare/needs.cpp).
//
// It is done in the text, as mutation is, so that the front end gives it its meaning: any_bool() is
// C here. A statement that may come early is written twice,
//
//     moved = any_bool(); if (moved) { S } X  { if (!moved) { S } }
//
// Not relaxed are: the selector of a switch, initialiser lists, and what is not a statement. Moved
// are expression statements and ifs that do not leave their block.
#include "model/software/relax.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <functional>
#include <map>

#include "model/software/boundaries.hpp"
#include "model/software/tree_sitter.hpp"

namespace airlock {
namespace {

using c::field_of;
using c::is_null;
using c::type_of;

class Relaxer {
 public:
  Relaxer(const SourceFile& file, const ElementScope& scope, const std::set<std::size_t>& which,
          const MachineWords& words)
      : file_(file), scope_(scope), which_(which), words_(words), tree_(file.text, file.path) {}

  std::vector<Element> elements;

  std::string run() {
    std::string functions;
    std::string before;
    std::size_t at = 0;
    for (const TSNode node : c::named_children_of(tree_.root())) {
      if (type_of(node) != "function_definition") {
        continue;
      }
      std::string& gap = functions.empty() ? before : functions;
      gap += file_.text.substr(at, begin(node) - at);
      functions += is_meant(node) ? function(node) : text(node);
      at = end(node);
    }
    return before + declarations_ + functions + file_.text.substr(at);
  }

 private:
  static std::size_t begin(TSNode node) { return ts_node_start_byte(node); }
  static std::size_t end(TSNode node) { return ts_node_end_byte(node); }
  [[nodiscard]] std::string text(TSNode node) const { return std::string(tree_.text(node)); }

  [[nodiscard]] bool only_calls() const { return !scope_.calls_of.empty(); }

  [[nodiscard]] bool is_meant(TSNode definition) const {
    return scope_.without.count(c::name_of_function(tree_, definition)) == 0;
  }

  std::string function(TSNode node) {
    const std::string type = text(field_of(node, "type"));
    returns_bool_ = type == "bool";
    return render(node);
  }

  // --- elements ---------------------------------------------------------------------------------

  /// Notes a piece; true if it is to be relaxed.
  bool relax(Element::Kind kind, TSNode node, const std::string& what) {
    const TSPoint point = ts_node_start_point(node);
    elements.push_back({kind, {file_.path, point.row + 1, point.column + 1}, what});
    return which_.count(elements.size() - 1) != 0;
  }

  /// A statement on one line, cut to what fits one.
  static std::string in_a_line(const std::string& text) {
    std::string line;
    for (const char c : text) {
      const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
      if (!blank) {
        line += c;
      } else if (!line.empty() && line.back() != ' ') {
        line += ' ';
      }
    }
    constexpr std::size_t longest = 70;
    return line.size() > longest ? line.substr(0, longest) + "..." : line;
  }

  static std::string without_semicolon(std::string line) {
    if (line.ends_with(';')) {
      line.pop_back();
    }
    return line;
  }

  // --- rendering --------------------------------------------------------------------------------

  /// The node's text with its pieces relaxed.
  std::string render(TSNode node) {
    const std::string_view type = type_of(node);
    if (type == "compound_statement" || type == "case_statement") {
      return block(node);
    }
    if (only_calls()) {
      return parts(node, {});
    }
    if (type == "if_statement" || type == "while_statement" || type == "do_statement" ||
        type == "for_statement" || type == "conditional_expression") {
      return parts(node, field_of(node, "condition"));
    }
    if (type == "return_statement") {
      return returned(node);
    }
    if (type == "init_declarator") {
      return initialised(node);
    }
    if (type == "expression_statement" || type == "break_statement" ||
        type == "continue_statement" || type == "goto_statement") {
      return statement(node);
    }
    return parts(node, {});
  }

  /// The children with what is between them; `condition`, if it is one of them, as a condition.
  std::string parts(TSNode node, TSNode condition_node) {
    std::string out;
    std::size_t at = begin(node);
    const std::uint32_t count = ts_node_child_count(node);
    for (std::uint32_t i = 0; i < count; ++i) {
      const TSNode child = ts_node_child(node, i);
      out += file_.text.substr(at, begin(child) - at);
      out += !is_null(condition_node) && ts_node_eq(child, condition_node) ? condition(child)
                                                                           : render(child);
      at = end(child);
    }
    return out + file_.text.substr(at, end(node) - at);
  }

  std::string statement(TSNode node) {
    const bool skipped = relax(Element::Kind::statement, node, in_a_line(text(node)));
    const std::string inside = parts(node, {});
    return skipped ? "{ if (any_bool()) { " + inside + " } }" : inside;
  }

  /// Each operand of && and || by itself.
  std::string condition(TSNode node) {
    const std::string_view type = type_of(node);
    if (type == "parenthesized_expression") {
      const std::vector<TSNode> inside = c::named_children_of(node);
      if (inside.size() == 1) {
        return between(node, {inside[0]});
      }
    }
    if (type == "binary_expression") {
      const std::string op = text(field_of(node, "operator"));
      if (op == "&&" || op == "||") {
        return between(node, {field_of(node, "left"), field_of(node, "right")});
      }
    }
    const bool free = relax(Element::Kind::condition, node, in_a_line(text(node)));
    const std::string inside = render(node);
    return free ? "((" + inside + ") ? any_bool() : any_bool())" : inside;
  }

  /// `node` with these children as conditions.
  std::string between(TSNode node, const std::vector<TSNode>& conditions) {
    std::string out;
    std::size_t at = begin(node);
    for (const TSNode child : conditions) {
      out += file_.text.substr(at, begin(child) - at) + condition(child);
      at = end(child);
    }
    return out + file_.text.substr(at, end(node) - at);
  }

  std::string returned(TSNode node) {
    const std::vector<TSNode> inside = c::named_children_of(node);
    if (inside.size() != 1) {
      return statement(node);
    }
    return file_.text.substr(begin(node), begin(inside[0]) - begin(node)) +
           value(inside[0], returns_bool_) +
           file_.text.substr(end(inside[0]), end(node) - end(inside[0]));
  }

  std::string initialised(TSNode node) {
    const TSNode first = field_of(node, "value");
    const TSNode declaration = ts_node_parent(node);
    if (is_null(first) || type_of(first) == "initializer_list") {
      return text(node);
    }
    return file_.text.substr(begin(node), begin(first) - begin(node)) +
           value(first, text(field_of(declaration, "type")) == "bool");
  }

  std::string value(TSNode node, bool is_bool) {
    if (is_bool) {
      return condition(node);
    }
    const bool free = relax(Element::Kind::value, node, in_a_line(text(node)));
    const std::string inside = render(node);
    return free ? fmt::format("(any_bool() ? ({}) : any_bits({:#x}))", inside, words_.value_mask)
                : inside;
  }

  // --- order ------------------------------------------------------------------------------------

  /// What is put around a statement of a block.
  struct Around {
    std::string before;  ///< at its place, whether or not it has been moved itself
    std::string after;
    std::vector<std::string> earlier;  ///< variables that say that it has come already
    std::vector<std::string> later;    ///< likewise, that it is to come
  };

  [[nodiscard]] bool is_boundary(TSNode statement) const {
    return words_.boundaries.count(c::callee_of(tree_, statement)) != 0;
  }

  /// Whether it can stand elsewhere in its block.
  static bool can_move(TSNode node) {
    const std::string_view type = type_of(node);
    return (type == "expression_statement" || type == "if_statement") && !leaves(node);
  }

  static bool leaves(TSNode node) {
    const std::string_view type = type_of(node);
    if (type == "return_statement" || type == "goto_statement" || type == "break_statement" ||
        type == "continue_statement" || type == "labeled_statement" || type == "declaration") {
      return true;
    }
    const std::vector<TSNode> children = c::named_children_of(node);
    return std::any_of(children.begin(), children.end(), leaves);
  }

  static bool is_statement(TSNode node) {
    const std::string_view type = type_of(node);
    return type.ends_with("_statement") || type == "declaration";
  }

  std::string block(TSNode node) {
    std::vector<TSNode> statements = c::named_children_of(node);
    statements.erase(std::remove_if(statements.begin(), statements.end(),
                                    [](TSNode each) { return !is_statement(each); }),
                     statements.end());
    std::vector<std::string> rendered;
    for (const TSNode each : statements) {
      rendered.push_back(render(each));
    }
    std::vector<Around> around(statements.size());
    for (std::size_t i = 0; i < statements.size(); ++i) {
      orders(statements, i, rendered, around);
    }
    std::string out;
    std::size_t at = begin(node);
    for (std::size_t i = 0; i < statements.size(); ++i) {
      out += file_.text.substr(at, begin(statements[i]) - at);
      out += around[i].before + in_place(rendered[i], around[i]) + around[i].after;
      at = end(statements[i]);
    }
    return out + file_.text.substr(at, end(node) - at);
  }

  /// Where statement `at` may stand otherwise: before the boundary before it, before its neighbour,
  /// after the boundary after it.
  void orders(const std::vector<TSNode>& statements, std::size_t at,
              const std::vector<std::string>& rendered, std::vector<Around>& around) {
    if (!can_move(statements[at]) ||
        (only_calls() && scope_.calls_of.count(c::callee_of(tree_, statements[at])) == 0)) {
      return;
    }
    const bool boundary = is_boundary(statements[at]);
    for (std::size_t i = at; !boundary && i-- > 0;) {
      if (type_of(statements[i]) == "declaration") {
        break;
      }
      if (is_boundary(statements[i])) {
        come_before(statements, at, i, rendered, around);
        break;
      }
    }
    if (!only_calls() && at > 0 && can_move(statements[at - 1]) &&
        is_boundary(statements[at - 1]) == boundary) {
      come_before(statements, at, at - 1, rendered, around);
    }
    for (std::size_t i = at + 1; !boundary && i < statements.size(); ++i) {
      if (is_boundary(statements[i])) {
        come_after(statements, at, i, rendered, around);
        break;
      }
    }
  }

  /// Its name has the file's path in it: other files may be relaxed too.
  std::string new_flag() {
    std::string name = "airlock_moved_" + std::to_string(elements.size() - 1) + "_";
    for (const char c : file_.path) {
      const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      name += plain ? std::string(1, c) : "_" + std::to_string(static_cast<unsigned char>(c)) + "_";
    }
    declarations_ += "bool " + name + "; ";
    return name;
  }

  bool relax_order(const std::vector<TSNode>& statements, std::size_t at, std::size_t other,
                   const char* word) {
    return relax(Element::Kind::order, statements[at],
                 without_semicolon(in_a_line(text(statements[at]))) + " " + word + " " +
                     without_semicolon(in_a_line(text(statements[other]))));
  }

  void come_before(const std::vector<TSNode>& statements, std::size_t at, std::size_t other,
                   const std::vector<std::string>& rendered, std::vector<Around>& around) {
    if (!relax_order(statements, at, other, "after")) {
      return;
    }
    const std::string flag = new_flag();
    around[other].before += flag + " = " + not_yet(around[at]) + "any_bool(); if (" + flag +
                            ") { " + flat(rendered[at]) + " } ";
    around[at].earlier.push_back(flag);
  }

  void come_after(const std::vector<TSNode>& statements, std::size_t at, std::size_t other,
                  const std::vector<std::string>& rendered, std::vector<Around>& around) {
    if (!relax_order(statements, at, other, "before")) {
      return;
    }
    const std::string flag = new_flag();
    around[other].after += " if (" + flag + ") { " + flat(rendered[at]) + " }";
    around[at].later.push_back(flag);
  }

  /// "!a && " for each way in which the statement may have come already.
  static std::string not_yet(const Around& around) {
    std::string out;
    for (const std::string& flag : around.earlier) {
      out += "!" + flag + " && ";
    }
    return out;
  }

  static std::string in_place(const std::string& statement, const Around& around) {
    if (around.earlier.empty() && around.later.empty()) {
      return statement;
    }
    std::string out = "{ ";
    std::string here = not_yet(around);
    for (const std::string& flag : around.later) {
      out += flag + " = " + not_yet(around) + "any_bool(); ";
      here += "!" + flag + " && ";
    }
    return out + "if (" + here + "true) { " + statement + " } }";
  }

  /// On one line, so that the lines after it keep their numbers.
  static std::string flat(std::string text) {
    if (text.find("//") == std::string::npos) {
      std::replace(text.begin(), text.end(), '\n', ' ');
    }
    return text;
  }

  const SourceFile& file_;
  const ElementScope& scope_;
  const std::set<std::size_t>& which_;
  const MachineWords& words_;
  c::ParseTree tree_;
  bool returns_bool_ = false;
  std::string declarations_;
};

}  // namespace

std::vector<Element> elements_of(const SourceFile& file, const ElementScope& scope,
                                 const MachineWords& words) {
  const std::set<std::size_t> none;
  Relaxer relaxer(file, scope, none, words);
  relaxer.run();
  return std::move(relaxer.elements);
}

std::string relaxed(const SourceFile& file, const ElementScope& scope,
                    const std::set<std::size_t>& which, const MachineWords& words) {
  return Relaxer(file, scope, which, words).run();
}

}  // namespace airlock
