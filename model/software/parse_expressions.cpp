// Expressions, and macros in them.
//
// A macro's use is replaced by the parse of its body with the arguments' texts put in, which is
// what the preprocessor would do as long as the body is one operand: parenthesised, a literal, a
// name, a call. Other bodies would bind differently as text than as a tree, so they are errors.
#include <array>
#include <cctype>

#include "model/software/parse.hpp"
#include "model/software/parse_depth.hpp"

namespace airlock::c {
namespace {

constexpr unsigned max_expansion_depth = 40;

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// Means the same as text and as a tree wherever it stands. (A unary operator on an integer is one:
/// what would bind tighter, [] and ->, does not apply to integers. & and * and casts are not.)
bool is_operand(std::string_view type) {
  static const std::set<std::string_view> names{"parenthesized_expression",
                                                "number_literal",
                                                "char_literal",
                                                "identifier",
                                                "call_expression",
                                                "true",
                                                "false",
                                                "null",
                                                "field_expression",
                                                "unary_expression",
                                                "subscript_expression",
                                                "sizeof_expression"};
  return names.count(type) != 0;
}

/// Replaces the parameters in `body` by the arguments' texts, token by token. Stops early beyond
/// `max_expanded` bytes, which the caller refuses.
std::string substitute(const std::string& body, const std::vector<std::string>& parameters,
                       const std::vector<std::string>& arguments) {
  std::string result;
  for (std::size_t i = 0; i < body.size() && result.size() <= max_expanded;) {
    const char c = body[i];
    if (c == '\'' || c == '"') {
      std::size_t end = i + 1;
      while (end < body.size() && body[end] != c) {
        end += body[end] == '\\' ? 2 : 1;
      }
      end = std::min(end + 1, body.size());
      result += body.substr(i, end - i);
      i = end;
    } else if (is_word(c)) {
      std::size_t end = i;
      while (end < body.size() && is_word(body[end])) {
        ++end;
      }
      std::string word = body.substr(i, end - i);
      for (std::size_t k = 0; k < parameters.size(); ++k) {
        if (word == parameters[k]) {
          word = arguments[k];
          break;
        }
      }
      result += word;
      i = end;
    } else {
      result += c;
      ++i;
    }
  }
  return result;
}

}  // namespace

/// Nothing can be cast to a function, or to a pointer to one: "(f()) & 3" and "(x * (y)) + 1" only
/// look like that to a parser that knows no types. What it made of the rest of the expression is as
/// wrong.
void TreeReader::refuse_misread_cast(TSNode cast) const {
  const TSNode to = field_of(cast, "type");
  const TSNode first = field_of(to, "declarator");
  for (TSNode node = first; !is_null(node); node = field_of(node, "declarator")) {
    if (type_of(node) != "abstract_function_declarator") {
      continue;
    }
    if (ts_node_eq(node, first)) {
      fail(cast, "a call in parentheses before an operator reads as a cast: (" + text(to) + ")",
           "the call without parentheses around it: " + text(to));
    }
    fail(cast, "a product in parentheses before an operator reads as a cast: (" + text(to) + ")",
         "the operands of '*' the other way round, or the product in a variable of its own");
  }
}

SyntaxExprPtr TreeReader::make(TSNode node, SyntaxExpr::Kind kind, std::string text) {
  auto result = std::make_unique<SyntaxExpr>();
  result->kind = kind;
  result->loc = loc(node);
  result->text = std::move(text);
  return result;
}

SyntaxExprPtr TreeReader::expression(TSNode node) {
  const Deeper deeper(*this, node);
  using Kind = SyntaxExpr::Kind;
  const std::string_view type = type_of(node);
  const auto with = [&](SyntaxExprPtr result, std::initializer_list<const char*> fields) {
    for (const char* field : fields) {
      result->kids.push_back(expression(field_of(node, field)));
    }
    return result;
  };
  const auto operator_text = [&] { return text(field_of(node, "operator")); };
  if (type == "number_literal") {
    return make(node, Kind::number, text(node));
  }
  if (type == "char_literal") {
    return make(node, Kind::character, text(node));
  }
  if (type == "true" || type == "false") {
    return make(node, Kind::boolean, text(node));
  }
  if (type == "null") {
    return make(node, Kind::null);
  }
  if (type == "identifier") {
    return identifier(node);
  }
  if (type == "parenthesized_expression") {
    const std::vector<TSNode> inner = named_children_of(node);
    if (inner.size() != 1 || type_of(inner[0]) == "compound_statement") {
      unsupported(node, "a statement expression");
    }
    auto result = make(node, Kind::parenthesis);
    result->kids.push_back(expression(inner[0]));
    return result;
  }
  if (type == "binary_expression") {
    return with(make(node, Kind::binary, operator_text()), {"left", "right"});
  }
  if (type == "unary_expression" || type == "pointer_expression") {
    return with(make(node, Kind::unary, operator_text()), {"argument"});
  }
  if (type == "assignment_expression") {
    return with(make(node, Kind::assign, operator_text()), {"left", "right"});
  }
  if (type == "update_expression") {
    const bool prefix = !ts_node_is_named(children_of(node).front());
    const std::string op = operator_text();
    return with(make(node, Kind::increment, prefix ? op + "x" : "x" + op), {"argument"});
  }
  if (type == "conditional_expression") {
    if (is_null(field_of(node, "consequence"))) {
      unsupported(node, "a conditional without its middle operand");
    }
    return with(make(node, Kind::conditional), {"condition", "consequence", "alternative"});
  }
  if (type == "comma_expression") {
    return with(make(node, Kind::comma), {"left", "right"});
  }
  if (type == "cast_expression") {
    refuse_misread_cast(node);
    auto result = make(node, Kind::cast);
    result->type = type_descriptor(field_of(node, "type"));
    return with(std::move(result), {"value"});
  }
  if (type == "sizeof_expression") {
    return sized(node);
  }
  if (type == "call_expression") {
    return call(node);
  }
  if (type == "field_expression") {
    const bool arrow = operator_text() == "->";
    return with(make(node, arrow ? Kind::arrow : Kind::member, text(field_of(node, "field"))),
                {"argument"});
  }
  if (type == "subscript_expression") {
    return with(make(node, Kind::subscript), {"argument", "index"});
  }
  if (type == "string_literal" || type == "concatenated_string") {
    return make(node, Kind::string, text(node));
  }
  static const std::map<std::string_view, const char*> names{
      {"compound_literal_expression", "a compound literal"},
      {"gnu_asm_expression", "inline assembly"},
      {"alignof_expression", "alignof"},
      {"offsetof_expression", "offsetof"},
      {"generic_expression", "_Generic"},
      {"extension_expression", "__extension__"},
      {"preproc_defined", "defined()"}};
  const auto named = names.find(type);
  unsupported(node, named != names.end() ? named->second : "'" + std::string(type) + "'");
}

SyntaxExprPtr TreeReader::sized(TSNode node) {
  auto result = make(node, SyntaxExpr::Kind::size_of);
  const TSNode type = field_of(node, "type");
  if (!is_null(type)) {
    result->type = type_descriptor(type);
  } else {
    result->kids.push_back(expression(field_of(node, "value")));
  }
  return result;
}

SyntaxExprPtr TreeReader::identifier(TSNode node) {
  const std::string name = text(node);
  const auto macro = files_.macros_.find(name);
  if (macro != files_.macros_.end() && !macro->second.is_function) {
    files_.count_expanded(loc(node), macro->second, macro->second.body.size());
    return expand(node, macro->second, macro->second.body);
  }
  return make(node, SyntaxExpr::Kind::identifier, name);
}

SyntaxExprPtr TreeReader::call(TSNode node) {
  const TSNode function = field_of(node, "function");
  const TSNode list = field_of(node, "arguments");
  const std::vector<TSNode> arguments = named_children_of(list);
  if (type_of(function) == "identifier") {
    const auto macro = files_.macros_.find(text(function));
    if (macro != files_.macros_.end() && macro->second.is_function) {
      return expand(node, macro->second, expansion(node, macro->second, arguments));
    }
  }
  auto result = make(node, SyntaxExpr::Kind::call);
  result->kids.push_back(expression(function));
  for (const TSNode argument : arguments) {
    if (type_of(argument) == "compound_statement") {
      unsupported(argument, "a block as an argument");
    }
    result->kids.push_back(expression(argument));
  }
  return result;
}

std::string TreeReader::expansion(TSNode use, const Macro& macro,
                                  const std::vector<TSNode>& arguments) {
  if (arguments.size() != macro.parameters.size()) {
    fail(use,
         "macro '" + macro.name + "' takes " + std::to_string(macro.parameters.size()) +
             " arguments, not " + std::to_string(arguments.size()),
         "as at " + files_.sources_.brief(macro.loc));
  }
  std::vector<std::string> texts;
  for (const TSNode argument : arguments) {
    texts.push_back(text(argument));
  }
  std::string result = substitute(macro.body, macro.parameters, texts);
  files_.count_expanded(loc(use), macro, result.size());
  return result;
}

SyntaxExprPtr TreeReader::expand(TSNode use, const Macro& macro, const std::string& body) {
  if (macro.body.empty()) {
    fail(use, "macro '" + macro.name + "' is empty", "a macro that stands for an expression");
  }
  if (macro.body.find('#') != std::string::npos) {
    fail(use, "macro '" + macro.name + "' uses # or ##, which are not supported",
         "a macro that stands for an expression");
  }
  if (expansion_depth_ >= max_expansion_depth) {
    fail(use, "macro '" + macro.name + "' expands without end", "a macro that does not use itself");
  }
  const Deeper deeper(*this, use);
  const Loc place = loc(use);
  const ParseTree tree("int _ = (" + body + "\n);", files_.sources_.path(place.file));
  const std::vector<TSNode> items = named_children_of(tree.root());
  const TSNode declarator = items.size() == 1 ? field_of(items[0], "declarator") : TSNode{};
  const TSNode value = is_null(declarator) || type_of(declarator) != "init_declarator"
                           ? TSNode{}
                           : field_of(declarator, "value");
  if (ts_node_has_error(tree.root()) || is_null(value) ||
      type_of(value) != "parenthesized_expression" || named_children_of(value).size() != 1) {
    fail(use, "the body of macro '" + macro.name + "' is not an expression: " + macro.body,
         "a macro that stands for an expression");
  }
  const TSNode inner = named_children_of(value)[0];
  if (!is_operand(type_of(inner))) {
    fail(use, "the body of macro '" + macro.name + "' is not in parentheses: " + macro.body,
         "#define " + macro.name + (macro.is_function ? "(…)" : "") + " (…)");
  }
  TreeReader reader(files_, tree, place.file, place, expansion_depth_ + 1, depth_);
  auto result = std::make_unique<SyntaxExpr>();
  result->kind = SyntaxExpr::Kind::parenthesis;
  result->loc = place;
  result->kids.push_back(reader.expression(inner));
  return result;
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
  const ParseTree tree("int _ = (" + macro.name + ");", sources_.path(macro.loc.file));
  const TSNode declarator = field_of(named_children_of(tree.root()).at(0), "declarator");
  std::map<std::string, Macro> saved = macros_;
  macros_.insert({macro.name, macro});
  TreeReader reader(*this, tree, macro.loc.file, macro.loc);
  auto result = reader.expression(field_of(declarator, "value"));
  macros_ = std::move(saved);
  return result;
}

}  // namespace airlock::c
