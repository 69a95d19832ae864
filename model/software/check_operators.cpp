// Operators, assignments, conversions, casts, calls.
#include <cassert>

#include "model/software/checker.hpp"
#include "model/software/embedded.hpp"

namespace airlock::c {

using Kind = Tree::Kind;
using Syntax = SyntaxExpr::Kind;

namespace {

const std::map<std::string, Operator> operators{
    {"+", Operator::add},           {"-", Operator::subtract},    {"*", Operator::multiply},
    {"/", Operator::divide},        {"%", Operator::remainder},   {"&", Operator::bit_and},
    {"|", Operator::bit_or},        {"^", Operator::bit_xor},     {"<<", Operator::shift_left},
    {">>", Operator::shift_right},  {"==", Operator::equal},      {"!=", Operator::not_equal},
    {"<", Operator::less},          {"<=", Operator::less_equal}, {">", Operator::greater},
    {">=", Operator::greater_equal}};

bool is_null_constant(const Tree& tree) {
  return tree.kind == Kind::null ||
         (tree.kind == Kind::constant && tree.type->is_integer() && tree.value == 0);
}

}  // namespace

void Checker::must_be_integer(const Tree& tree, const std::string& op) {
  if (tree.kind == Kind::null || !tree.type->is_integer()) {
    const std::string type = tree.kind == Kind::null ? "NULL" : "'" + tree.type->name + "'";
    fail(tree.loc, "an operand of " + op + " has type " + type, "an integer");
  }
}

void Checker::must_be_modifiable(const Tree& place, Loc loc) {
  if (place.is_const) {
    std::string name = "this place";
    if (place.kind == Kind::object) {
      name = "'" + unit_.objects[place.index].name + "'";
    }
    fail(loc, "assignment to " + name + ", which is const", "a place that is not const");
  }
  unsigned offset = 0;
  const Tree* at = &place;
  while (at->kind == Kind::member) {
    offset += static_cast<unsigned>(at->value);
    at = at->kids[0].get();
  }
  if (at->kind != Kind::object || !place.type->is_scalar()) {
    return;
  }
  const Object& object = unit_.objects[at->index];
  if (object.storage == Object::Storage::machine) {
    check_machine_place(place);
    const std::string path = object.name + leaf_of(object.type, offset).path;
    if (!platform_.object(path)->writable) {
      fail(loc, "'" + path + "' cannot be written by assignment",
           "an intrinsic that writes it, or a place that software may write");
    }
  }
  if (object.storage == Object::Storage::global && place.type->is_pointer()) {
    fail(loc, "a pointer in a global cannot be changed: its target must be known statically",
         "a static initialiser (.member = &object), or a local pointer");
  }
}

TreePtr Checker::as(TreePtr value, const Type* type) {
  assert(value->type->is_integer() && type->is_integer());
  if (value->type == type) {
    return value;
  }
  if (value->kind == Kind::constant) {
    // A literal converts at once, so that 0 stays recognisable as a null pointer, and messages
    // short.
    const std::uint64_t extended =
        value->type->is_signed && (value->value >> (value->type->width - 1)) != 0
            ? value->value | ~value->type->sort().mask()
            : value->value;
    value->value = type->is_bool ? (extended != 0 ? 1 : 0) : extended & type->sort().mask();
    value->type = type;
    return value;
  }
  auto tree = make(Kind::convert, value->loc, type);
  tree->kids.push_back(std::move(value));
  return tree;
}

TreePtr Checker::from_bool(TreePtr tree) {
  return as(std::move(tree), unit_.types.int_type());
}

TreePtr Checker::truth(TreePtr value) {
  if (value->kind == Kind::null) {
    value->kind = Kind::constant;
    value->type = unit_.types.boolean();
    return value;
  }
  if (value->type->is_pointer()) {
    auto tree = make(Kind::pointer_truth, value->loc, unit_.types.boolean());
    tree->kids.push_back(std::move(value));
    return tree;
  }
  if (!value->type->is_integer()) {
    fail(value->loc, "a value of type '" + value->type->name + "' is used as a condition",
         "an integer or a pointer");
  }
  // A comparison that became an int is taken back.
  if (value->kind == Kind::convert && value->kids[0]->type->is_bool) {
    return std::move(value->kids[0]);
  }
  return as(std::move(value), unit_.types.boolean());
}

TreePtr Checker::converted(TreePtr value, const Type* type, const std::string& what) {
  if (type->is_pointer()) {
    if (is_null_constant(*value)) {
      return make(Kind::null, value->loc, type);
    }
    const bool fits = value->type->is_pointer() && same(value->type->target, type->target) &&
                      (type->target_const || !value->type->target_const);
    if (!fits) {
      fail(value->loc,
           what + " has type '" + type->name + "', but the value is '" + value->type->name + "'",
           "a value of type '" + type->name + "'");
    }
    return value;
  }
  if (type->is_integer()) {
    if (type->is_bool && (value->kind == Kind::null || value->type->is_pointer())) {
      return truth(std::move(value));
    }
    if (value->kind != Kind::null && value->type->is_integer()) {
      return type->is_bool ? truth(std::move(value)) : as(std::move(value), type);
    }
  } else if (type->is_structure() && value->kind != Kind::null && value->type == type &&
             value->is_place()) {
    return value;
  }
  const std::string given = value->kind == Kind::null ? "NULL" : "'" + value->type->name + "'";
  fail(value->loc, what + " has type '" + type->name + "', but the value is " + given,
       "a value of type '" + type->name + "'");
}

TreePtr Checker::unary(Loc loc, const std::string& op, const SyntaxExpr& operand) {
  if (op == "&") {
    auto target = place(operand, "'&'");
    auto tree = make(Kind::address, loc, unit_.types.pointer_to(target->type, target->is_const));
    tree->kids.push_back(std::move(target));
    return tree;
  }
  auto value = expression(operand);
  if (op == "*") {
    if (value->kind == Kind::null || !value->type->is_pointer()) {
      fail(loc, "'*' on a value that is not a pointer", "a pointer");
    }
    auto tree = make(Kind::deref, loc, value->type->target);
    tree->is_const = value->type->target_const;
    tree->kids.push_back(std::move(value));
    return tree;
  }
  if (op == "!") {
    auto tree = make(Kind::operate, loc, unit_.types.boolean());
    tree->op = Operator::logical_not;
    tree->kids.push_back(truth(std::move(value)));
    return from_bool(std::move(tree));
  }
  must_be_integer(*value, "'" + op + "'");
  const Type* type = unit_.types.promoted(value->type);
  value = as(std::move(value), type);
  if (op == "+") {
    return value;
  }
  auto tree = make(Kind::operate, loc, type);
  tree->op = op == "-" ? Operator::negate : Operator::complement;
  tree->kids.push_back(std::move(value));
  return tree;
}

TreePtr Checker::binary(const SyntaxExpr& syntax) {
  const std::string& op = syntax.text;
  if (op == "&&" || op == "||") {
    auto tree =
        make(op == "&&" ? Kind::logical_and : Kind::logical_or, syntax.loc, unit_.types.boolean());
    tree->kids.push_back(condition(*syntax.kids[0]));
    tree->kids.push_back(condition(*syntax.kids[1]));
    return from_bool(std::move(tree));
  }
  auto left = expression(*syntax.kids[0]);
  auto right = expression(*syntax.kids[1]);
  return arithmetic(syntax.loc, op, std::move(left), std::move(right));
}

TreePtr Checker::arithmetic(Loc loc, const std::string& op, TreePtr left, TreePtr right) {
  const auto found = operators.find(op);
  if (found == operators.end()) {
    fail(loc, "the operator '" + op + "' is not supported");
  }
  const Operator code = found->second;
  const auto is_pointer = [](const Tree& t) {
    return t.kind == Kind::null || t.type->is_pointer();
  };
  if (is_pointer(*left) || is_pointer(*right)) {
    return compare_pointers(loc, op, std::move(left), std::move(right));
  }
  must_be_integer(*left, "'" + op + "'");
  must_be_integer(*right, "'" + op + "'");
  auto tree = make(Kind::operate, loc, nullptr);
  tree->op = code;
  if (code == Operator::shift_left || code == Operator::shift_right) {
    tree->type = unit_.types.promoted(left->type);
    tree->kids.push_back(as(std::move(left), tree->type));
    const Type* count = unit_.types.promoted(right->type);
    tree->kids.push_back(as(std::move(right), count));
    return tree;
  }
  const Type* type = unit_.types.common(left->type, right->type);
  tree->type = is_comparison(code) ? unit_.types.boolean() : type;
  tree->kids.push_back(as(std::move(left), type));
  tree->kids.push_back(as(std::move(right), type));
  return is_comparison(code) ? from_bool(std::move(tree)) : std::move(tree);
}

TreePtr Checker::compare_pointers(Loc loc, const std::string& op, TreePtr left, TreePtr right) {
  if (op != "==" && op != "!=") {
    fail(loc, "'" + op + "' on pointers is not supported", "'==' or '!=' between pointers");
  }
  const bool left_null = is_null_constant(*left);
  const bool right_null = is_null_constant(*right);
  const auto is_pointer = [](const Tree& t) {
    return t.kind == Kind::null || t.type->is_pointer();
  };
  const bool fits =
      (left_null && right_null) || (left_null && is_pointer(*right)) ||
      (right_null && is_pointer(*left)) ||
      (is_pointer(*left) && is_pointer(*right) && same(left->type->target, right->type->target));
  if (!fits) {
    fail(loc, "a pointer is compared with something else", "a pointer of the same type, or NULL");
  }
  for (TreePtr* side : {&left, &right}) {
    if (is_null_constant(**side)) {
      *side =
          make(Kind::null, (*side)->loc, unit_.types.pointer_to(unit_.types.void_type(), false));
    }
  }
  auto tree = make(Kind::pointer_equal, loc, unit_.types.boolean());
  tree->kids.push_back(std::move(left));
  tree->kids.push_back(std::move(right));
  if (op == "!=") {
    auto negated = make(Kind::operate, loc, unit_.types.boolean());
    negated->op = Operator::logical_not;
    negated->kids.push_back(std::move(tree));
    tree = std::move(negated);
  }
  return from_bool(std::move(tree));
}

TreePtr Checker::assign(const SyntaxExpr& syntax) {
  auto target = any(*syntax.kids[0]);
  if (!target->is_place()) {
    fail(syntax.kids[0]->loc, "assignment to something that is not a place in memory",
         "a variable, a member or an element");
  }
  if (syntax.text != "=") {
    return compound(syntax, std::move(target), syntax.text.substr(0, syntax.text.size() - 1),
                    expression(*syntax.kids[1]), false);
  }
  must_be_modifiable(*target, syntax.loc);
  if (target->type->is_array()) {
    fail(syntax.loc, "assignment to an array", "an element of it");
  }
  auto tree = make(Kind::assign, syntax.loc, target->type);
  auto value = converted(expression(*syntax.kids[1]), target->type, "the target");
  tree->kids.push_back(std::move(target));
  tree->kids.push_back(std::move(value));
  return tree;
}

TreePtr Checker::compound(const SyntaxExpr& syntax, TreePtr place, const std::string& op,
                          TreePtr right, bool yields_old) {
  must_be_modifiable(*place, syntax.loc);
  if (place->type->is_pointer()) {
    fail(syntax.loc, "arithmetic on pointers is not supported", "an integer");
  }
  must_be_integer(*place, "'" + syntax.text + "'");
  must_be_integer(*right, "'" + syntax.text + "'");
  check_machine_place(*place);
  auto tree = make(Kind::compound, syntax.loc, place->type);
  const auto found = operators.find(op);
  if (found == operators.end()) {
    fail(syntax.loc, "the operator '" + syntax.text + "' is not supported");
  }
  tree->op = found->second;
  const bool shifts = op == "<<" || op == ">>";
  tree->operation_type =
      shifts ? unit_.types.promoted(place->type) : unit_.types.common(place->type, right->type);
  const Type* right_type = shifts ? unit_.types.promoted(right->type) : tree->operation_type;
  right = as(std::move(right), right_type);
  tree->value = yields_old ? 1 : 0;
  tree->kids.push_back(std::move(place));
  tree->kids.push_back(std::move(right));
  return tree;
}

TreePtr Checker::conditional(const SyntaxExpr& syntax) {
  auto tree = make(Kind::conditional, syntax.loc, nullptr);
  tree->kids.push_back(condition(*syntax.kids[0]));
  auto yes = expression(*syntax.kids[1]);
  auto no = expression(*syntax.kids[2]);
  const auto is_integer = [](const Tree& t) {
    return t.kind != Kind::null && t.type->is_integer();
  };
  if (is_integer(*yes) && is_integer(*no)) {
    tree->type = unit_.types.common(yes->type, no->type);
    yes = as(std::move(yes), tree->type);
    no = as(std::move(no), tree->type);
  } else if (yes->kind != Kind::null && no->kind != Kind::null && yes->type->is_void() &&
             no->type->is_void()) {
    tree->type = yes->type;
  } else {
    const Tree& typed = is_null_constant(*yes) ? *no : *yes;
    if (typed.kind == Kind::null || !typed.type->is_pointer()) {
      fail(syntax.loc, "the two values of '?:' have different types",
           "two integers, or two pointers");
    }
    tree->type = typed.type;
    yes = converted(std::move(yes), tree->type, "the result of '?:'");
    no = converted(std::move(no), tree->type, "the result of '?:'");
  }
  tree->kids.push_back(std::move(yes));
  tree->kids.push_back(std::move(no));
  return tree;
}

TreePtr Checker::cast(const SyntaxExpr& syntax) {
  const Type* to = type(*syntax.type);
  return cast_to(syntax.loc, expression(*syntax.kids[0]), to);
}

TreePtr Checker::cast_to(Loc loc, TreePtr value, const Type* to) {
  if (to->is_void()) {
    auto tree = make(Kind::convert, loc, to);
    if (value->kind == Kind::null) {
      value->type = unit_.types.pointer_to(unit_.types.void_type(), false);
    }
    tree->kids.push_back(std::move(value));
    return tree;
  }
  if (to->is_pointer() && value->kind != Kind::null && value->type->is_pointer() &&
      same(value->type->target, to->target)) {
    value->type = to;
    return value;
  }
  const bool integers = to->is_integer() && value->kind != Kind::null && value->type->is_integer();
  if (!integers && !(to->is_pointer() && is_null_constant(*value))) {
    const std::string from = value->kind == Kind::null ? "NULL" : "'" + value->type->name + "'";
    fail(loc, "a cast from " + from + " to '" + to->name + "' is not supported",
         "a cast between integer types");
  }
  return converted(std::move(value), to, "the cast");
}

TreePtr Checker::call(const SyntaxExpr& syntax) {
  const SyntaxExpr* callee = syntax.kids[0].get();
  if (callee->kind != Syntax::identifier) {
    fail(syntax.loc, "a call through a pointer is not supported", "the name of a function");
  }
  const std::string& name = callee->text;
  const Symbol* symbol = find(name);
  if (name == "any_bits" || name == "any_bool" || name == "assume" || name == "assert") {
    return builtin(syntax, name);
  }
  if (symbol == nullptr) {
    const bool of_kernel =
        embedded_header("airlock/kernel.h").find(" " + name + "(") != std::string_view::npos;
    fail(syntax.loc, "unknown function '" + name + "'",
         of_kernel ? "#include <airlock/kernel.h>, which has it"
                   : "a function of the program, or an intrinsic of <airlock/svm.h>");
  }
  if (symbol->kind != Symbol::Kind::function) {
    fail(syntax.loc, "'" + name + "' is not a function", "a function");
  }
  const Type* type = unit_.functions[symbol->index].type;
  const std::size_t given = syntax.kids.size() - 1;
  if (given != type->parameters.size()) {
    fail(syntax.loc,
         "'" + name + "' takes " + std::to_string(type->parameters.size()) + " arguments, not " +
             std::to_string(given),
         "as declared at " + unit_.sources.brief(unit_.functions[symbol->index].loc) + ": " +
             type->name);
  }
  auto tree = make(Kind::call, syntax.loc, type->target);
  tree->index = symbol->index;
  for (std::size_t i = 0; i < given; ++i) {
    tree->kids.push_back(converted(expression(*syntax.kids[i + 1]), type->parameters[i],
                                   "parameter " + std::to_string(i + 1) + " of '" + name + "'"));
  }
  return tree;
}

TreePtr Checker::builtin(const SyntaxExpr& syntax, const std::string& name) {
  const bool takes_argument = name != "any_bool";
  std::size_t given = syntax.kids.size() - 1;
  if (given != (takes_argument ? 1U : 0U)) {
    fail(syntax.loc,
         "'" + name + "' takes " + (takes_argument ? "one argument" : "no arguments") + ", not " +
             std::to_string(given),
         takes_argument ? name + "(…)" : name + "()");
  }
  if (name == "any_bool") {
    return make(Kind::any_bool, syntax.loc, unit_.types.boolean());
  }
  if (name == "any_bits") {
    const Type* type = unit_.types.named("u64");
    auto tree = make(Kind::any_bits, syntax.loc, type);
    tree->kids.push_back(converted(expression(*syntax.kids[1]), type, "the mask"));
    return tree;
  }
  auto tree =
      make(name == "assume" ? Kind::assume : Kind::assertion, syntax.loc, unit_.types.void_type());
  tree->kids.push_back(condition(*syntax.kids[1]));
  return tree;
}

}  // namespace airlock::c
