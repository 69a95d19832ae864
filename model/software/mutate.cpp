// Mutation (R. DeMillo, R. Lipton, F. Sayward, Hints on Test Data Selection, Computer 1978): if a
// specification means anything, a fix with a small mistake in it must break it.
//
// Changes are found on tree-sitter's syntax tree and made in the text, so that what is checked is C
// as somebody could have written it, and its diff can be read. Kinds of change:
//  - a statement is dropped;
//  - a condition (of if, while, do, for and ?:, an operand of && and ||, or what a bool function
//    returns) is negated, made true or false, or loses one operand of its && or ||; a comparison
//    becomes another;
//  - two neighbouring statements change places;
//  - a constant becomes another of its kind: a bit of DebugCtl another bit of DebugCtl, a number
//  its
//    neighbours; a register becomes another of its kind: the VMCB's DebugCtl, its DR6, a 64-bit
//    global of the file, a parameter;
//  - a statement goes to the other side of the next interrupt boundary in its block. For a fix
//  whose
//    functions are called at such boundaries, the call is that statement.
#include "model/software/mutate.hpp"

#include <algorithm>
#include <array>
#include <functional>

#include "model/software/boundaries.hpp"

namespace airlock {
namespace {

using c::field_of;
using c::is_null;
using c::named_children_of;
using c::type_of;

/// Bytes `begin` to `end` of the text become `with`.
struct Edit {
  std::size_t begin;
  std::size_t end;
  std::string with;
};

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

std::string with_newline(std::string_view line) {
  return std::string(line) + (line.ends_with('\n') ? "" : "\n");
}

/// Fills in line and diff: the lines between the common beginning and the common end.
void describe(Mutant& mutant, const std::string& before) {
  const std::vector<std::string_view> old_lines = lines_of(before);
  const std::vector<std::string_view> new_lines = lines_of(mutant.text);
  std::size_t head = 0;
  while (head < old_lines.size() && head < new_lines.size() && old_lines[head] == new_lines[head]) {
    ++head;
  }
  std::size_t tail = 0;
  while (tail + head < old_lines.size() && tail + head < new_lines.size() &&
         old_lines[old_lines.size() - 1 - tail] == new_lines[new_lines.size() - 1 - tail]) {
    ++tail;
  }
  const std::size_t removed = old_lines.size() - head - tail;
  const std::size_t added = new_lines.size() - head - tail;
  mutant.line = static_cast<unsigned>(head + 1);
  mutant.diff = "--- " + mutant.file + "\n+++ " + mutant.file + "\n@@ -" +
                std::to_string(head + 1) + "," + std::to_string(removed) + " +" +
                std::to_string(head + 1) + "," + std::to_string(added) + " @@\n";
  for (std::size_t i = head; i < head + removed; ++i) {
    mutant.diff += "-" + with_newline(old_lines[i]);
  }
  for (std::size_t i = head; i < head + added; ++i) {
    mutant.diff += "+" + with_newline(new_lines[i]);
  }
}

class Mutator {
 public:
  Mutator(const SourceFile& file, const MachineWords& words)
      : file_(file), words_(words), tree_(file.text, file.path) {}

  std::set<std::string> functions() {
    std::set<std::string> result;
    for (const TSNode node : named_children_of(tree_.root())) {
      if (type_of(node) == "function_definition") {
        result.insert(name_of_function(node));
      }
    }
    result.erase("");
    return result;
  }

  std::map<std::string, FunctionText> texts() {
    std::map<std::string, FunctionText> result;
    for (const TSNode node : named_children_of(tree_.root())) {
      if (type_of(node) == "function_definition") {
        result.insert_or_assign(
            name_of_function(node),
            FunctionText{std::string(tree_.text(node)), ts_node_start_point(node).row + 1,
                         ts_node_end_point(node).row + 1});
      }
    }
    result.erase("");
    return result;
  }

  std::vector<Mutant> all() {
    find_registers();
    for_each_function([this](TSNode body) { visit(body); });
    return std::move(mutants_);
  }

  std::vector<Mutant> calls(const std::set<std::string>& wanted) {
    for_each_function([&](TSNode body) {
      walk(body, [&](TSNode node) {
        if (type_of(node) == "compound_statement") {
          const std::vector<TSNode> statements = named_children_of(node);
          for (std::size_t i = 0; i < statements.size(); ++i) {
            if (wanted.count(callee_of(statements[i])) != 0) {
              move_across(statements, i);
            }
          }
        }
      });
    });
    return std::move(mutants_);
  }

 private:
  static std::size_t begin(TSNode node) { return ts_node_start_byte(node); }
  static std::size_t end(TSNode node) { return ts_node_end_byte(node); }
  [[nodiscard]] std::string text(TSNode node) const { return std::string(tree_.text(node)); }

  static void walk(TSNode node, const std::function<void(TSNode)>& visit) {
    visit(node);
    for (const TSNode child : named_children_of(node)) {
      walk(child, visit);
    }
  }

  void for_each_function(const std::function<void(TSNode)>& visit) {
    for (const TSNode node : named_children_of(tree_.root())) {
      if (type_of(node) == "function_definition") {
        function_ = node;
        visit(field_of(node, "body"));
      }
    }
  }

  [[nodiscard]] std::string name_of_function(TSNode definition) const {
    return c::name_of_function(tree_, definition);
  }
  [[nodiscard]] std::string callee_of(TSNode statement) const {
    return c::callee_of(tree_, statement);
  }
  [[nodiscard]] bool is_boundary(TSNode statement) const {
    return words_.boundaries.count(callee_of(statement)) != 0;
  }

  // --- edits ------------------------------------------------------------------------------------

  void change(const std::string& what, std::vector<Edit> edits) {
    std::sort(edits.begin(), edits.end(),
              [](const Edit& a, const Edit& b) { return a.begin > b.begin; });
    std::string text = file_.text;
    for (const Edit& edit : edits) {
      text.replace(edit.begin, edit.end - edit.begin, edit.with);
      drop_blank_line(text, edit.begin);
    }
    if (text == file_.text || !seen_.insert(text).second) {
      return;
    }
    Mutant mutant{file_.path, 0, what, std::move(text), {}};
    describe(mutant, file_.text);
    mutants_.push_back(std::move(mutant));
  }

  /// The line around `at`, where an edit left nothing on it.
  static void drop_blank_line(std::string& text, std::size_t at) {
    const std::size_t before = at == 0 ? std::string::npos : text.rfind('\n', at - 1);
    const std::size_t first = before == std::string::npos ? 0 : before + 1;
    const std::size_t last = std::min(text.find('\n', at), text.size() - 1) + 1;
    if (is_blank(std::string_view(text).substr(first, last - first - 1))) {
      text.erase(first, last - first);
    }
  }

  void replace(TSNode node, const std::string& with, const std::string& what) {
    change(what, {{begin(node), end(node), with}});
  }

  // --- kinds of change --------------------------------------------------------------------------

  void visit(TSNode body) {
    walk(body, [this](TSNode node) {
      const std::string_view type = type_of(node);
      if (type == "compound_statement" || type == "case_statement") {
        block(named_children_of(node));
      } else if (type == "if_statement" || type == "while_statement" || type == "do_statement" ||
                 type == "for_statement") {
        condition(field_of(node, "condition"));
        drop(field_of(node, type == "if_statement" ? "consequence" : "body"));
        drop(field_of(node, "alternative"));
      } else if (type == "conditional_expression") {
        condition(field_of(node, "condition"));
      } else if (type == "return_statement") {
        returned(node);
      } else if (type == "binary_expression") {
        binary(node);
      } else if (type == "number_literal") {
        number(node);
      }
      value(node);
    });
  }

  static bool can_be_dropped(TSNode statement) {
    const std::string_view type = type_of(statement);
    return type.ends_with("_statement") && type != "compound_statement" &&
           type != "case_statement" && type != "labeled_statement";
  }

  void block(const std::vector<TSNode>& statements) {
    for (std::size_t i = 0; i < statements.size(); ++i) {
      if (!can_be_dropped(statements[i])) {
        continue;
      }
      replace(statements[i], "", "statement dropped");
      if (i + 1 < statements.size() && can_be_dropped(statements[i + 1])) {
        change("neighbouring statements swapped",
               {{begin(statements[i]), end(statements[i]), text(statements[i + 1])},
                {begin(statements[i + 1]), end(statements[i + 1]), text(statements[i])}});
      }
      if (!is_boundary(statements[i])) {
        move_across(statements, i);
      }
    }
  }

  /// To the other side of the next boundary up, and of the next one down.
  void move_across(const std::vector<TSNode>& statements, std::size_t at) {
    const TSNode moved = statements[at];
    const std::string what = "statement moved across an interrupt boundary";
    for (std::size_t i = at; i-- > 0;) {
      if (is_boundary(statements[i])) {
        change(what, {{begin(moved), end(moved), ""},
                      {begin(statements[i]), begin(statements[i]),
                       text(moved) + indentation(statements[i])}});
        break;
      }
    }
    for (std::size_t i = at + 1; i < statements.size(); ++i) {
      if (is_boundary(statements[i])) {
        change(what, {{begin(moved), end(moved), ""},
                      {end(statements[i]), end(statements[i]),
                       indentation(statements[i]) + text(moved)}});
        break;
      }
    }
  }

  /// A new line that begins as the statement's does.
  [[nodiscard]] std::string indentation(TSNode statement) const {
    const std::size_t newline = file_.text.rfind('\n', begin(statement));
    const std::size_t first = newline == std::string::npos ? 0 : newline + 1;
    const std::string_view before =
        std::string_view(file_.text).substr(first, begin(statement) - first);
    return "\n" + (is_blank(before) ? std::string(before) : std::string());
  }

  /// The only statement of an if or a loop; in a block, `block` sees to it.
  void drop(TSNode statement) {
    if (!is_null(statement) && can_be_dropped(statement)) {
      replace(statement, ";", "statement dropped");
    }
  }

  static TSNode without_parentheses(TSNode node) {
    while (!is_null(node) && type_of(node) == "parenthesized_expression") {
      const std::vector<TSNode> inside = named_children_of(node);
      if (inside.size() != 1) {
        return node;
      }
      node = inside[0];
    }
    return node;
  }

  void condition(TSNode node) {
    node = without_parentheses(node);
    if (is_null(node)) {
      return;
    }
    replace(node, "!(" + text(node) + ")", "condition negated");
    replace(node, "true", "condition weakened");
    replace(node, "false", "condition strengthened");
  }

  void returned(TSNode node) {
    const std::vector<TSNode> inside = named_children_of(node);
    if (inside.size() == 1 && text(field_of(function_, "type")) == "bool") {
      condition(inside[0]);
    }
  }

  void binary(TSNode node) {
    const TSNode left = field_of(node, "left");
    const TSNode right = field_of(node, "right");
    const TSNode op = field_of(node, "operator");
    const std::string name = text(op);
    if (name == "&&" || name == "||") {
      const std::string what = name == "&&" ? "condition weakened" : "condition strengthened";
      replace(node, text(left), what);
      replace(node, text(right), what);
      replace(op, name == "&&" ? "||" : "&&", "condition changed");
      condition(left);
      condition(right);
    }
    static const std::vector<std::vector<std::string>> kinds{
        {"==", "!="}, {"<", "<=", ">", ">="}, {"&", "|"}};
    for (const std::vector<std::string>& kind : kinds) {
      if (std::find(kind.begin(), kind.end(), name) != kind.end()) {
        for (const std::string& other : kind) {
          replace(op, other, "operator replaced");
        }
      }
    }
  }

  void number(TSNode node) {
    std::uint64_t value = 0;
    try {
      value = std::stoull(text(node), nullptr, 0);
    } catch (const std::exception&) {
      return;
    }
    replace(node, std::to_string(value + 1), "constant replaced");
    if (value > 0) {
      replace(node, std::to_string(value - 1), "constant replaced");
    }
  }

  /// 64-bit globals and parameters of the file, and the machine's registers like them.
  void find_registers() {
    registers_ = words_.registers;
    for (const TSNode node : named_children_of(tree_.root())) {
      if (type_of(node) == "declaration" && !is_null(field_of(node, "type")) &&
          text(field_of(node, "type")) == "u64" && text(node).find("const") == std::string::npos) {
        for (const TSNode declarator : c::fields_of(node, "declarator")) {
          const TSNode name = type_of(declarator) == "init_declarator"
                                  ? field_of(declarator, "declarator")
                                  : declarator;
          if (type_of(name) == "identifier") {
            registers_.push_back(text(name));
          }
        }
      }
    }
  }

  void value(TSNode node) {
    const std::string_view type = type_of(node);
    if (type != "identifier" && type != "field_expression" && type != "true" && type != "false") {
      return;
    }
    const std::string name = text(node);
    static const std::vector<std::string> truth{"true", "false"};
    for (const std::vector<std::string>& kind : words_.constants) {
      one_of(node, name, kind, "constant replaced");
    }
    one_of(node, name, truth, "constant replaced");
    one_of(node, name, registers_, "register replaced");
  }

  void one_of(TSNode node, const std::string& name, const std::vector<std::string>& kind,
              const std::string& what) {
    if (std::find(kind.begin(), kind.end(), name) == kind.end()) {
      return;
    }
    for (const std::string& other : kind) {
      replace(node, other, what);
    }
  }

  const SourceFile& file_;
  const MachineWords& words_;
  c::ParseTree tree_;
  TSNode function_{};
  std::vector<std::string> registers_;
  std::set<std::string> seen_;
  std::vector<Mutant> mutants_;
};

const MachineWords no_words;

std::vector<Mutant> in_order(std::vector<Mutant> mutants) {
  std::stable_sort(mutants.begin(), mutants.end(),
                   [](const Mutant& a, const Mutant& b) { return a.line < b.line; });
  return mutants;
}

}  // namespace

std::set<std::string> functions_of(const SourceFile& file) {
  return Mutator(file, no_words).functions();
}

std::map<std::string, FunctionText> function_texts(const SourceFile& file) {
  return Mutator(file, no_words).texts();
}

std::vector<Mutant> mutants(const SourceFile& file, const MachineWords& words) {
  return in_order(Mutator(file, words).all());
}

std::vector<Mutant> moved_calls(const SourceFile& file, const std::set<std::string>& functions,
                                const MachineWords& words) {
  return in_order(Mutator(file, words).calls(functions));
}

}  // namespace airlock
