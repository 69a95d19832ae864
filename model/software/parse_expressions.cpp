// Expressions, by C's grammar (C11 6.5).
//
// tree-sitter finds declarations, statements and directives, but it knows no names: `(x)-y*2`,
// `(f()) & 3` and `(p[0])-1` are casts to it, `(u16)(u8)(x)` is a call, and what it makes of the
// rest of such an expression is as wrong. So where an expression begins and ends is taken from its
// tree, and the tokens in between are parsed here again, with what a C compiler knows: which names
// are types at this point.
#include "model/software/parse_expressions.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "model/software/parse_depth.hpp"

namespace airlock::c {
namespace {

bool is_assignment(const Token& token) {
  static const std::set<std::string> operators{
      "=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>="};
  return token.kind == Token::Kind::punctuator && operators.count(token.text) != 0;
}

const char* unsupported_word(const std::string& word) {
  static const std::map<std::string, const char*> names{{"__extension__", "__extension__"},
                                                        {"_Generic", "_Generic"},
                                                        {"alignof", "alignof"},
                                                        {"_Alignof", "alignof"},
                                                        {"__alignof__", "alignof"},
                                                        {"offsetof", "offsetof"},
                                                        {"asm", "inline assembly"},
                                                        {"__asm__", "inline assembly"},
                                                        {"__asm", "inline assembly"},
                                                        {"defined", "defined()"}};
  const auto found = names.find(word);
  return found == names.end() ? nullptr : found->second;
}

}  // namespace

const std::map<std::string, unsigned>& binary_operators() {
  static const std::map<std::string, unsigned> strength{
      {"||", 1}, {"&&", 2}, {"|", 3}, {"^", 4},  {"&", 5},  {"==", 6},
      {"!=", 6}, {"<", 7},  {">", 7}, {"<=", 7}, {">=", 7}, {"<<", 8},
      {">>", 8}, {"+", 9},  {"-", 9}, {"*", 10}, {"/", 10}, {"%", 10}};
  return strength;
}

ExpressionReader::ExpressionReader(FileReader& files, std::vector<Token> tokens, Loc end,
                                   unsigned depth, const Macro* macro)
    : files_(files), tokens_(std::move(tokens)), depth_(depth), macro_(macro) {
  end_.loc = end;
}

const Token& ExpressionReader::here(std::size_t ahead) const {
  return at_ + ahead < tokens_.size() ? tokens_[at_ + ahead] : end_;
}

Token ExpressionReader::take() {
  return at_ < tokens_.size() ? tokens_[at_++] : end_;
}

void ExpressionReader::expect(const char* punctuator) {
  if (!here().is(punctuator)) {
    syntax_error();
  }
  ++at_;
}

void ExpressionReader::syntax_error() const {
  const Token& token = here();
  if (macro_ != nullptr) {
    files_.sources_.fail(
        token.loc, "the body of macro '" + macro_->name + "' is not an expression: " + macro_->body,
        "a macro that stands for an expression");
  }
  files_.sources_.fail(token.loc,
                       token.kind == Token::Kind::end ? "the expression ends here"
                                                      : "syntax error near '" + token.text + "'",
                       "an expression");
}

void ExpressionReader::unsupported(Loc loc, const std::string& what) const {
  files_.sources_.fail(loc, what + " is not supported", "the subset of C in docs/language.md");
}

SyntaxExprPtr ExpressionReader::make(Kind kind, Loc loc, std::string text) {
  auto result = std::make_unique<SyntaxExpr>();
  result->kind = kind;
  result->loc = loc;
  result->text = std::move(text);
  return result;
}

SyntaxExprPtr ExpressionReader::node(Kind kind, Loc loc, std::string text, SyntaxExprPtr first,
                                     SyntaxExprPtr second, SyntaxExprPtr third) {
  auto result = make(kind, loc, std::move(text));
  for (SyntaxExprPtr* kid : {&first, &second, &third}) {
    if (*kid != nullptr) {
      result->kids.push_back(std::move(*kid));
    }
  }
  return grown(std::move(result));
}

/// A chain of operators nests to the left without nesting in the text.
SyntaxExprPtr ExpressionReader::grown(SyntaxExprPtr expr) {
  unsigned height = 0;
  for (const SyntaxExprPtr& kid : expr->kids) {
    height = std::max(height, kid->height);
  }
  expr->height = height + 1;
  if (expr->height + depth_ > max_depth) {
    fail_too_deep(files_.sources_, expr->loc);
  }
  return expr;
}

SyntaxExprPtr ExpressionReader::all() {
  SyntaxExprPtr result = comma();
  if (at_ != tokens_.size()) {
    syntax_error();
  }
  return result;
}

SyntaxExprPtr ExpressionReader::comma() {
  SyntaxExprPtr left = assignment();
  while (here().is(",")) {
    take();
    const Loc loc = left->loc;
    SyntaxExprPtr right = assignment();
    left = node(Kind::comma, loc, {}, std::move(left), std::move(right));
  }
  return left;
}

SyntaxExprPtr ExpressionReader::assignment() {
  SyntaxExprPtr left = conditional();
  if (!is_assignment(here())) {
    return left;
  }
  const std::string op = take().text;
  const Loc loc = left->loc;
  const Deeper deeper(*this);
  SyntaxExprPtr right = assignment();
  return node(Kind::assign, loc, op, std::move(left), std::move(right));
}

SyntaxExprPtr ExpressionReader::conditional() {
  SyntaxExprPtr condition = binary(1);
  if (!here().is("?")) {
    return condition;
  }
  const Loc loc = condition->loc;
  take();
  if (here().is(":")) {
    unsupported(loc, "a conditional without its middle operand");
  }
  const Deeper deeper(*this);
  SyntaxExprPtr yes = comma();
  expect(":");
  SyntaxExprPtr no = conditional();
  return node(Kind::conditional, loc, {}, std::move(condition), std::move(yes), std::move(no));
}

SyntaxExprPtr ExpressionReader::binary(unsigned least) {
  SyntaxExprPtr left = unary();
  while (here().kind == Token::Kind::punctuator) {
    const auto op = binary_operators().find(here().text);
    if (op == binary_operators().end() || op->second < least) {
      break;
    }
    take();
    const Loc loc = left->loc;
    SyntaxExprPtr right = binary(op->second + 1);
    left = node(Kind::binary, loc, op->first, std::move(left), std::move(right));
  }
  return left;
}

SyntaxExprPtr ExpressionReader::unary() {
  const Deeper deeper(*this);
  const Token token = here();
  if (token.is("++") || token.is("--")) {
    take();
    return node(Kind::increment, token.loc, token.text + "x", unary());
  }
  for (const char* op : {"&", "*", "+", "-", "~", "!"}) {
    if (token.is(op)) {
      take();
      return node(Kind::unary, token.loc, token.text, unary());
    }
  }
  if (token.is("&&")) {
    unsupported(token.loc, "the address of a label");
  }
  if (token.kind == Token::Kind::word && token.text == "sizeof") {
    return sized();
  }
  return at_type() ? cast() : postfix();
}

SyntaxExprPtr ExpressionReader::cast() {
  const Loc loc = here().loc;
  SyntaxTypePtr type = type_in_parentheses();
  if (here().is("{")) {
    unsupported(loc, "a compound literal");
  }
  SyntaxExprPtr result = node(Kind::cast, loc, {}, unary());
  result->type = std::move(type);
  return result;
}

SyntaxExprPtr ExpressionReader::sized() {
  const Loc loc = take().loc;
  if (!at_type()) {
    return node(Kind::size_of, loc, {}, unary());
  }
  SyntaxExprPtr result = make(Kind::size_of, loc);
  result->type = type_in_parentheses();
  if (here().is("{")) {
    unsupported(loc, "a compound literal");
  }
  return result;
}

SyntaxExprPtr ExpressionReader::postfix() {
  SyntaxExprPtr result = primary();
  for (;;) {
    const Token token = here();
    const Loc loc = result->loc;
    if (token.is("[")) {
      take();
      SyntaxExprPtr index = comma();
      expect("]");
      result = node(Kind::subscript, loc, {}, std::move(result), std::move(index));
    } else if (token.is("(")) {
      result = call(std::move(result));
    } else if (token.is(".") || token.is("->")) {
      take();
      if (here().kind != Token::Kind::word) {
        syntax_error();
      }
      const Kind kind = token.is(".") ? Kind::member : Kind::arrow;
      result = node(kind, loc, take().text, std::move(result));
    } else if (token.is("++") || token.is("--")) {
      take();
      result = node(Kind::increment, loc, "x" + token.text, std::move(result));
    } else {
      return result;
    }
  }
}

SyntaxExprPtr ExpressionReader::call(SyntaxExprPtr function) {
  expect("(");
  SyntaxExprPtr result = make(Kind::call, function->loc);
  result->kids.push_back(std::move(function));
  while (!here().is(")")) {
    if (here().is("{")) {
      unsupported(here().loc, "a block as an argument");
    }
    result->kids.push_back(assignment());
    if (here().is(")")) {
      break;
    }
    expect(",");
    if (here().is(")")) {
      syntax_error();
    }
  }
  take();
  return grown(std::move(result));
}

SyntaxExprPtr ExpressionReader::primary() {
  const Token token = here();
  switch (token.kind) {
    case Token::Kind::number: return make(Kind::number, token.loc, take().text);
    case Token::Kind::character: return make(Kind::character, token.loc, take().text);
    case Token::Kind::string: {
      std::string text = take().text;
      while (here().kind == Token::Kind::string) {
        text += " " + take().text;
      }
      return make(Kind::string, token.loc, text);
    }
    case Token::Kind::word: return word();
    case Token::Kind::punctuator: break;
    case Token::Kind::end: syntax_error();
  }
  if (token.is("#")) {
    unsupported(token.loc, "a directive inside an expression");
  }
  if (!token.is("(")) {
    syntax_error();
  }
  take();
  if (here().is("{")) {
    unsupported(token.loc, "a statement expression");
  }
  SyntaxExprPtr inner = comma();
  expect(")");
  return node(Kind::parenthesis, token.loc, {}, std::move(inner));
}

SyntaxExprPtr ExpressionReader::word() {
  const Token token = here();
  const auto macro = files_.macros_.find(token.text);
  if (macro != files_.macros_.end() && !token.is_within(token.text) &&
      (!macro->second.is_function || here(1).is("("))) {
    if (files_.asks_for_option(macro->second)) {
      return option(token.text);
    }
    return use_of_macro(macro->second);
  }
  take();
  if (token.text == "true" || token.text == "false") {
    return make(Kind::boolean, token.loc, token.text);
  }
  if (token.text == "NULL" || token.text == "nullptr") {
    return make(Kind::null, token.loc);
  }
  if (const char* what = unsupported_word(token.text)) {
    unsupported(token.loc, what);
  }
  if (files_.begins_type(token.text)) {
    files_.sources_.fail(token.loc, "'" + token.text + "' is a type, not a value",
                         "a local variable, a global, a parameter, an enumerator or a macro");
  }
  return make(Kind::identifier, token.loc, token.text);
}

bool ExpressionReader::at_type() const {
  return here().is("(") && here(1).kind == Token::Kind::word && files_.begins_type(here(1).text);
}

SyntaxTypePtr ExpressionReader::type_in_parentheses() {
  const Loc loc = take().loc;
  std::string text;
  for (unsigned open = 1; open != 0;) {
    const Token token = take();
    if (token.kind == Token::Kind::end) {
      syntax_error();
    }
    open += token.is("(") ? 1U : 0U;
    open -= token.is(")") ? 1U : 0U;
    if (open != 0) {
      text += (text.empty() ? "" : " ") + token.text;
    }
  }
  // As the type of a compound literal it cannot be anything but a type.
  const ParseTree tree("int _ = (" + text + "){0};", files_.sources_.path(loc.file));
  const std::vector<TSNode> items = named_children_of(tree.root());
  const TSNode declarator = items.size() == 1 ? field_of(items[0], "declarator") : TSNode{};
  const TSNode value = is_null(declarator) || type_of(declarator) != "init_declarator"
                           ? TSNode{}
                           : field_of(declarator, "value");
  if (ts_node_has_error(tree.root()) || is_null(value) ||
      type_of(value) != "compound_literal_expression") {
    files_.sources_.fail(loc, "'" + text + "' is not a type", "a type: u64, struct s, u8 *");
  }
  return TreeReader(files_, tree, loc.file, loc, {}, depth_)
      .type_descriptor(field_of(value, "type"));
}

SyntaxExprPtr TreeReader::expression(TSNode node) {
  const Deeper deeper(*this, node);
  const TSPoint last = ts_node_end_point(node);
  const Loc end = fixed_ ? *fixed_ : Loc{file_, last.row + 1, last.column + 1};
  return ExpressionReader(files_,
                          tokens_of(tree_.text(node), loc(node), fixed_.has_value(), within_), end,
                          depth_)
      .all();
}

}  // namespace airlock::c
