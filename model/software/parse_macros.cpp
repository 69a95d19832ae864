// Macros in expressions and statements.
//
// A macro's use becomes the tokens of its body with the arguments' tokens put in, as the
// preprocessor has it: a macro is not expanded within itself, so there is no endless expansion, but
// it is in its own arguments. The tokens are then parsed as an expression of their own. That means
// the same as long as the body is one operand: parenthesised, a literal, a name, a call. Other
// bodies would bind differently as text than as a tree, so they are errors.
#include "model/software/parse_depth.hpp"
#include "model/software/parse_expressions.hpp"

namespace airlock::c {
namespace {

/// Means the same as text and as a tree wherever it stands. (A unary operator on an integer is one:
/// what would bind tighter, [] and ->, does not apply to integers. & and * and casts are not.)
bool is_operand(const SyntaxExpr& expr) {
  using Kind = SyntaxExpr::Kind;
  switch (expr.kind) {
    case Kind::parenthesis:
    case Kind::number:
    case Kind::character:
    case Kind::boolean:
    case Kind::null:
    case Kind::identifier:
    case Kind::call:
    case Kind::member:
    case Kind::arrow:
    case Kind::subscript:
    case Kind::size_of: return true;
    case Kind::unary: return expr.text != "&" && expr.text != "*";
    default: return false;
  }
}

std::size_t bytes_of(const std::vector<Token>& tokens) {
  std::size_t bytes = 0;
  for (const Token& token : tokens) {
    bytes += token.text.size() + 1;
  }
  return bytes;
}

}  // namespace

void FileReader::check_usable(Loc use, const Macro& macro) const {
  if (macro.body.empty()) {
    sources_.fail(use, "macro '" + macro.name + "' is empty",
                  "a macro that stands for an expression");
  }
  if (macro.body.find('#') != std::string::npos) {
    sources_.fail(use, "macro '" + macro.name + "' uses # or ##, which are not supported",
                  "a macro that stands for an expression");
  }
}

/// The arguments of the use of a macro whose name is tokens[at]; `at` is moved behind its ')'.
std::vector<std::vector<Token>> FileReader::macro_arguments(const std::vector<Token>& tokens,
                                                            std::size_t& at, const Macro& macro) {
  const Loc use = tokens[at].loc;
  std::vector<std::vector<Token>> arguments;
  if (!macro.is_function) {
    ++at;
    return arguments;
  }
  arguments.emplace_back();
  unsigned open = 1;
  for (at += 2; at < tokens.size() && open != 0; ++at) {
    const Token& token = tokens[at];
    open += token.is("(") ? 1U : 0U;
    open -= token.is(")") ? 1U : 0U;
    const bool rest = macro.is_variadic && arguments.size() == macro.parameters.size();
    if (open == 1 && token.is(",") && !rest) {
      arguments.emplace_back();
    } else if (open != 0) {
      arguments.back().push_back(token);
    }
  }
  if (open != 0) {
    sources_.fail(use, "the use of macro '" + macro.name + "' has no end", "')'");
  }
  if (macro.parameters.empty() && arguments.size() == 1 && arguments[0].empty()) {
    arguments.clear();
  }
  if (macro.is_variadic && arguments.size() + 1 == macro.parameters.size()) {
    arguments.emplace_back();  // f("text") of f(format, ...)
  }
  if (arguments.size() != macro.parameters.size()) {
    sources_.fail(use,
                  "macro '" + macro.name + "' takes " + std::to_string(macro.parameters.size()) +
                      " arguments, not " + std::to_string(arguments.size()),
                  "as at " + sources_.brief(macro.loc));
  }
  return arguments;
}

/// What the use becomes, all of it at the place of use.
std::vector<Token> FileReader::expansion(const std::vector<Token>& tokens, std::size_t& at,
                                         const Macro& macro) {
  const Token use = tokens[at];
  const auto arguments = macro_arguments(tokens, at, macro);
  const auto within = std::make_shared<const Within>(Within{macro.name, use.within});
  std::vector<Token> result;
  std::size_t bytes = 0;
  for (const Token& token : tokens_of(macro.body, use.loc, true, within)) {
    std::size_t parameter = 0;
    while (parameter < arguments.size() &&
           (token.kind != Token::Kind::word || token.text != macro.parameters[parameter])) {
      ++parameter;
    }
    if (parameter == arguments.size()) {
      result.push_back(token);
      bytes += token.text.size() + 1;
    } else {
      for (Token argument : arguments[parameter]) {
        argument.loc = use.loc;
        result.push_back(std::move(argument));
      }
      bytes += bytes_of(arguments[parameter]);
    }
    if (bytes > max_expanded) {
      break;  // count_expanded() refuses it
    }
  }
  count_expanded(use.loc, macro, bytes);
  return result;
}

SyntaxExprPtr ExpressionReader::use_of_macro(const Macro& macro) {
  const Loc place = here().loc;
  files_.check_usable(place, macro);
  const Deeper deeper(*this);
  const Token use = here();
  std::size_t after = at_;
  std::vector<std::vector<Token>> arguments;
  if (files_.is_print(macro)) {
    arguments = files_.macro_arguments(tokens_, after, macro);
  }
  std::vector<Token> tokens = files_.expansion(tokens_, at_, macro);
  SyntaxExprPtr inner = ExpressionReader(files_, std::move(tokens), place, depth_, &macro).all();
  if (!is_operand(*inner)) {
    files_.sources_.fail(
        place, "the body of macro '" + macro.name + "' is not in parentheses: " + macro.body,
        "#define " + macro.name + (macro.is_function ? "(…)" : "") + " (…)");
  }
  if (!arguments.empty()) {
    inner = printed(use, std::move(arguments.front()), std::move(inner));
  }
  return node(Kind::parenthesis, place, {}, std::move(inner));
}

void FileReader::count_expanded(Loc use, const Macro& macro, std::size_t bytes) {
  expanded_ += bytes + 1;  // an empty body is a use, too
  if (expanded_ > max_expanded) {
    sources_.fail(use,
                  "macros become more than " + std::to_string(max_expanded) +
                      " bytes of text, here '" + macro.name + "'",
                  "fewer uses of macros within macros");
  }
}

SyntaxExprPtr FileReader::expression_of(const Macro& macro) {
  std::map<std::string, Macro> saved = macros_;
  macros_.insert({macro.name, macro});
  SyntaxExprPtr result =
      ExpressionReader(*this, tokens_of(macro.name, macro.loc, true, nullptr), macro.loc, 0).all();
  macros_ = std::move(saved);
  return result;
}

/// A macro whose body is a statement: do { … } while (0).
SyntaxStmtPtr TreeReader::macro_statement(TSNode node) {
  if (type_of(node) != "call_expression" || type_of(field_of(node, "function")) != "identifier") {
    return nullptr;
  }
  const std::string name = text(field_of(node, "function"));
  const auto found = files_.macros_.find(name);
  const Loc place = loc(node);
  std::vector<Token> tokens = tokens_of(tree_.text(node), place, fixed_.has_value(), within_);
  if (found == files_.macros_.end() || !found->second.is_function ||
      !found->second.body.starts_with("do") || tokens.front().is_within(name)) {
    return nullptr;
  }
  const Macro& macro = found->second;
  const Deeper deeper(*this, node);
  std::size_t at = 0;
  std::string body;
  for (const Token& token : files_.expansion(tokens, at, macro)) {
    body += token.text + " ";
  }
  const ParseTree tree("void _(void) { " + body + "\n; }", files_.sources_.path(place.file));
  if (ts_node_has_error(tree.root())) {
    fail(node, "the body of macro '" + macro.name + "' is not a statement: " + macro.body,
         "a macro that stands for an expression, or for do { … } while (0)");
  }
  const auto within = std::make_shared<const Within>(Within{name, within_});
  TreeReader reader(files_, tree, place.file, place, within, depth_);
  return reader.block(field_of(named_children_of(tree.root()).at(0), "body"));
}

// ---- Which names are types

void FileReader::declare_name(const std::string& name, bool is_type) {
  if (!name.empty()) {
    scopes_.back()[name] = is_type;
  }
}

std::optional<bool> FileReader::declared_as_type(const std::string& name) const {
  for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
    const auto found = scope->find(name);
    if (found != scope->end()) {
      return found->second;
    }
  }
  return std::nullopt;
}

bool FileReader::begins_type(const std::string& word) const {
  static const std::set<std::string> keywords{
      "void",     "char",     "short",  "int",        "long",     "signed",  "unsigned",
      "float",    "double",   "_Bool",  "struct",     "enum",     "union",   "const",
      "volatile", "restrict", "typeof", "__typeof__", "_Complex", "_Atomic", "typeof_unqual"};
  if (keywords.count(word) != 0) {
    return true;
  }
  const auto declared = declared_as_type(word);
  return declared ? *declared : types_.named(word) != nullptr;
}

}  // namespace airlock::c
