// Expressions: operands, places, conversions, operators. Every implicit conversion of C becomes a
// node, so that what comes after knows only operations on equal types.
#include <cassert>

#include "model/software/checker.hpp"

namespace airlock::c {

using Kind = Tree::Kind;
using Syntax = SyntaxExpr::Kind;

TreePtr Checker::make(Kind kind, Loc loc, const Type* type) {
  auto tree = std::make_unique<Tree>();
  tree->kind = kind;
  tree->loc = loc;
  tree->type = type;
  return tree;
}

TreePtr Checker::expression(const SyntaxExpr& syntax) {
  return value_of(any(syntax));
}

TreePtr Checker::condition(const SyntaxExpr& syntax) {
  return truth(expression(syntax));
}

TreePtr Checker::value_of(TreePtr tree) {
  if (!tree->is_place() || tree->type->is_structure()) {
    return tree;
  }
  if (tree->type->is_array()) {
    fail(tree->loc, "an array is used as a value", "an element of it, or the address of one");
  }
  if (!tree->type->is_scalar()) {
    fail(tree->loc, "a value of type '" + tree->type->name + "' is used",
         "an integer or a pointer");
  }
  check_machine_place(*tree);
  auto load = make(Kind::load, tree->loc, tree->type);
  load->kids.push_back(std::move(tree));
  return load;
}

TreePtr Checker::any(const SyntaxExpr& syntax) {
  switch (syntax.kind) {
    case Syntax::number: return number(syntax);
    case Syntax::character: return character(syntax);
    case Syntax::boolean: {
      // As <stdbool.h> has them: int constants.
      auto tree = make(Kind::constant, syntax.loc, unit_.types.int_type());
      tree->value = syntax.text == "true" ? 1 : 0;
      return tree;
    }
    case Syntax::null: return make(Kind::null, syntax.loc, nullptr);
    case Syntax::identifier: return identifier(syntax);
    case Syntax::parenthesis: return any(*syntax.kids[0]);
    case Syntax::unary: return unary(syntax.loc, syntax.text, *syntax.kids[0]);
    case Syntax::binary: return binary(syntax);
    case Syntax::assign: return assign(syntax);
    case Syntax::increment: {
      auto one = make(Kind::constant, syntax.loc, unit_.types.int_type());
      one->value = 1;
      const bool plus = syntax.text.find('+') != std::string::npos;
      return compound(syntax, place(*syntax.kids[0], plus ? "'++'" : "'--'"), plus ? "+" : "-",
                      std::move(one), syntax.text.front() == 'x');
    }
    case Syntax::conditional: return conditional(syntax);
    case Syntax::comma: {
      auto left = expression(*syntax.kids[0]);
      auto right = expression(*syntax.kids[1]);
      auto tree = make(Kind::comma, syntax.loc, right->type);
      tree->kids.push_back(std::move(left));
      tree->kids.push_back(std::move(right));
      return tree;
    }
    case Syntax::cast: return cast(syntax);
    case Syntax::size_of: return size_of(syntax);
    case Syntax::call: return call(syntax);
    case Syntax::member:
    case Syntax::arrow: return member(syntax);
    case Syntax::subscript: return subscript(syntax);
    case Syntax::init_list: fail(syntax.loc, "a list in braces is not a value", "an expression");
    case Syntax::string: fail(syntax.loc, "a string is not supported", "an integer expression");
  }
  fail(syntax.loc, "this expression is not supported");
}

TreePtr Checker::number(const SyntaxExpr& syntax) {
  std::string text;
  for (const char c : syntax.text) {
    if (c != '\'') {
      text += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  bool negative = false;
  if (text.front() == '-' || text.front() == '+') {  // the grammar's literals may carry a sign
    negative = text.front() == '-';
    text.erase(0, 1);
  }
  unsigned base = 10;
  std::size_t at = 0;
  if (text.starts_with("0x") || text.starts_with("0b")) {
    base = text[1] == 'x' ? 16 : 2;
    at = 2;
  } else if (text.size() > 1 && text[0] == '0') {
    base = 8;
  }
  std::uint64_t value = 0;
  const std::size_t first = at;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    const unsigned digit = c >= '0' && c <= '9' ? static_cast<unsigned>(c - '0')
                           : base == 16 && c >= 'a' && c <= 'f'
                               ? static_cast<unsigned>(c - 'a') + 10
                               : 99;
    if (digit >= base) {
      break;
    }
    if (value > (~std::uint64_t{0} - digit) / base) {
      fail(syntax.loc, "the number " + syntax.text + " does not fit 64 bits", "a 64-bit integer");
    }
    value = value * base + digit;
  }
  const std::string suffix = text.substr(at);
  const bool is_unsigned = suffix.find('u') != std::string::npos;
  std::string rest = suffix;
  if (is_unsigned) {
    rest.erase(rest.find('u'), 1);
  }
  const bool suffix_fits = rest.empty() || rest == "l" || rest == "ll";
  if (at == first || !suffix_fits || (suffix.size() == 3 && suffix[1] == 'u')) {
    const bool floating = suffix.find_first_of(".epf") != std::string::npos;
    fail(syntax.loc,
         floating ? "floating point (" + syntax.text + ") is not supported"
                  : "'" + syntax.text + "' is not an integer",
         "a decimal, 0x, 0b or octal integer, with u, l or ll after it");
  }
  const unsigned first_rank = rest.empty() ? 3U : rest == "l" ? 4U : 5U;
  const Type* type = nullptr;
  for (unsigned rank = first_rank; rank <= 5 && type == nullptr; ++rank) {
    const Type* with = unit_.types.integer(rank, true);
    const Type* without = unit_.types.integer(rank, false);
    if (!is_unsigned && value <= with->sort().mask() >> 1U) {
      type = with;
    } else if ((is_unsigned || base != 10) && value <= without->sort().mask()) {
      type = without;
    }
  }
  if (type == nullptr) {
    fail(syntax.loc, "the number " + syntax.text + " does not fit a signed 64-bit integer",
         "a suffix 'u'");
  }
  auto tree = make(Kind::constant, syntax.loc, type);
  tree->value = (negative ? ~value + 1 : value) & type->sort().mask();
  return tree;
}

TreePtr Checker::character(const SyntaxExpr& syntax) {
  const std::string& text = syntax.text;
  auto tree = make(Kind::constant, syntax.loc, unit_.types.int_type());
  const std::string inner = text.size() > 2 ? text.substr(1, text.size() - 2) : "";
  if (text.front() != '\'' || inner.empty()) {
    fail(syntax.loc, "the character " + text + " is not supported",
         "a plain character: 'a', '\\n'");
  }
  if (inner.front() != '\\') {
    if (inner.size() != 1) {
      fail(syntax.loc, "the character " + text + " is not supported", "one ASCII character");
    }
    tree->value = static_cast<unsigned char>(inner[0]);
    return tree;
  }
  static const std::map<char, std::uint64_t> escapes{{'n', 10},  {'t', 9},  {'r', 13}, {'a', 7},
                                                     {'b', 8},   {'f', 12}, {'v', 11}, {'\\', 92},
                                                     {'\'', 39}, {'"', 34}, {'?', 63}};
  const auto known = escapes.find(inner.size() == 2 ? inner[1] : '\0');
  if (known != escapes.end()) {
    tree->value = known->second;
    return tree;
  }
  const bool hex = inner.size() > 2 && inner[1] == 'x';
  const std::string digits = inner.substr(hex ? 2 : 1);
  if (digits.empty() ||
      digits.find_first_not_of(hex ? "0123456789abcdefABCDEF" : "01234567") != std::string::npos ||
      digits.size() > 3 || std::stoul(digits, nullptr, hex ? 16 : 8) > 255) {
    fail(syntax.loc, "the character " + text + " is not supported",
         "a plain character: 'a', '\\n'");
  }
  const std::uint64_t byte = std::stoul(digits, nullptr, hex ? 16 : 8);
  tree->value = (byte >= 128 ? byte | ~std::uint64_t{255} : byte) & 0xFFFFFFFFU;  // char is signed
  return tree;
}

TreePtr Checker::identifier(const SyntaxExpr& syntax) {
  const Symbol* symbol = find(syntax.text);
  if (symbol == nullptr || symbol->kind == Symbol::Kind::type) {
    fail(syntax.loc,
         symbol == nullptr ? "unknown identifier '" + syntax.text + "'"
                           : "'" + syntax.text + "' is a type, not a value",
         "a local variable, a global, a parameter, an enumerator or a macro");
  }
  if (symbol->kind == Symbol::Kind::enumerator) {
    auto tree = make(Kind::constant, syntax.loc, symbol->type);
    tree->value = symbol->value;
    return tree;
  }
  if (symbol->kind == Symbol::Kind::function) {
    fail(syntax.loc,
         "function '" + syntax.text + "' is used as a value: function pointers are not supported",
         "a call: " + syntax.text + "(…)");
  }
  const Object& object = unit_.objects[symbol->index];
  auto tree = make(Kind::object, syntax.loc, object.type);
  tree->index = symbol->index;
  tree->is_const = object.is_const;
  return tree;
}

TreePtr Checker::place(const SyntaxExpr& syntax, const char* what) {
  auto tree = any(syntax);
  if (!tree->is_place()) {
    fail(syntax.loc, std::string("the operand of ") + what + " is not a place in memory",
         "a variable, a member or an element");
  }
  return tree;
}

TreePtr Checker::member(const SyntaxExpr& syntax) {
  const bool arrow = syntax.kind == Syntax::arrow;
  auto base = any(*syntax.kids[0]);
  if (arrow) {
    base = value_of(std::move(base));
    if (base->kind == Kind::null || !base->type->is_pointer()) {
      fail(syntax.loc, "'->' on a value that is not a pointer",
           base->kind != Kind::null && base->type->is_structure() ? "'.'"
                                                                  : "a pointer to a structure");
    }
    auto deref = make(Kind::deref, syntax.loc, base->type->target);
    deref->is_const = base->type->target_const;
    deref->kids.push_back(std::move(base));
    base = std::move(deref);
  }
  if (!base->is_place() || !base->type->is_structure()) {
    fail(syntax.loc, "'" + syntax.text + "' is asked of a value that is not a structure",
         base->type != nullptr && base->type->is_pointer() ? "'->'" : "a structure");
  }
  if (!base->type->complete) {
    fail(syntax.loc, "'" + base->type->name + "' is declared but not defined", "its definition");
  }
  for (const Field& field : base->type->fields) {
    if (field.name == syntax.text) {
      auto tree = make(Kind::member, syntax.loc, field.type);
      tree->value = field.offset;
      tree->is_const = base->is_const || field.is_const;
      tree->kids.push_back(std::move(base));
      return tree;
    }
  }
  std::string names;
  for (const Field& field : base->type->fields) {
    names += (names.empty() ? "" : ", ") + field.name;
  }
  fail(syntax.loc, "'" + base->type->name + "' has no member '" + syntax.text + "'",
       "one of its members: " + names);
}

TreePtr Checker::subscript(const SyntaxExpr& syntax) {
  auto base = any(*syntax.kids[0]);
  auto index = expression(*syntax.kids[1]);
  must_be_integer(*index, "an array index");
  if (base->kind == Kind::null) {
    fail(syntax.loc, "NULL cannot be indexed", "an array");
  }
  if (base->type->is_pointer()) {
    fail(syntax.loc, "indexing a pointer is not supported",
         "an array, or '*' for what it points to");
  }
  if (!base->is_place() || !base->type->is_array()) {
    fail(syntax.loc, "only an array can be indexed", "an array");
  }
  auto tree = make(Kind::element, syntax.loc, base->type->target);
  tree->is_const = base->is_const || base->type->target_const;
  tree->kids.push_back(std::move(base));
  tree->kids.push_back(std::move(index));
  return tree;
}

TreePtr Checker::size_of(const SyntaxExpr& syntax) {
  const Type* measured = nullptr;
  if (syntax.type != nullptr) {
    measured = type(*syntax.type);
  } else {
    const auto operand = any(*syntax.kids[0]);
    measured = operand->kind == Kind::null ? unit_.types.unsigned_long() : operand->type;
  }
  if (measured->is_void() || measured->is_function() || !measured->complete) {
    fail(syntax.loc, "sizeof of '" + measured->name + "'", "a complete type");
  }
  auto tree = make(Kind::constant, syntax.loc, unit_.types.unsigned_long());
  tree->value = measured->size;
  return tree;
}

/// A place that is known to lie in the machine must be one that the machine has.
void Checker::check_machine_place(const Tree& tree) {
  unsigned offset = 0;
  const Tree* at = &tree;
  while (at->kind == Kind::member) {
    offset += static_cast<unsigned>(at->value);
    at = at->kids[0].get();
  }
  if (at->kind != Kind::object || !tree.type->is_scalar() ||
      unit_.objects[at->index].storage != Object::Storage::machine) {
    return;
  }
  const Object& object = unit_.objects[at->index];
  const std::string path = object.name + leaf_of(object.type, offset).path;
  if (!platform_.object(path)) {
    fail(tree.loc, "the machine has no '" + path + "'",
         "an object of the machine, or a global with a definition");
  }
}

}  // namespace airlock::c
