// What a print's arguments would do.
//
// The prints of <airlock/kernel.h> have no effect, but what they are given is C that a kernel runs.
// Dropping it would check another program. So an argument that may be undefined (a shift, a
// pointer, an index) is evaluated before the print's value, as C has it, and one that does
// something is an error: whether a kernel evaluates it is not in the text (pr_debug() is compiled
// away without dynamic debugging, pr_…_once() looks once). Others, and the format, can have no
// effect and are left out.
#include <algorithm>

#include "model/software/parse_expressions.hpp"

namespace airlock::c {
namespace {

using Kind = SyntaxExpr::Kind;

/// The first part that changes something or may; null if none does.
const SyntaxExpr* effect_in(const SyntaxExpr& expr) {
  if (expr.kind == Kind::size_of) {
    return nullptr;
  }
  if (expr.kind == Kind::call || expr.kind == Kind::assign || expr.kind == Kind::increment) {
    return &expr;
  }
  for (const SyntaxExprPtr& kid : expr.kids) {
    if (const SyntaxExpr* found = effect_in(*kid)) {
      return found;
    }
  }
  return nullptr;
}

bool may_be_undefined(const SyntaxExpr& expr) {
  switch (expr.kind) {
    case Kind::size_of: return false;
    case Kind::subscript:
    case Kind::arrow: return true;
    case Kind::unary:
      if (expr.text == "*" || expr.text == "-") {
        return true;
      }
      break;
    case Kind::binary:
      if (std::string("+ - * / % << >>").find(expr.text) != std::string::npos) {
        return true;
      }
      break;
    default: break;
  }
  return std::any_of(expr.kids.begin(), expr.kids.end(),
                     [](const SyntaxExprPtr& kid) { return may_be_undefined(*kid); });
}

std::string told(const SyntaxExpr& effect) {
  if (effect.kind != Kind::call) {
    return "changes something";
  }
  const SyntaxExpr& callee = *effect.kids.front();
  return callee.kind == Kind::identifier ? "calls '" + callee.text + "'" : "calls a function";
}

/// Without names that are part of the format: KERN_INFO "text", "text" PRIx64.
std::vector<Token> without_levels(const std::vector<Token>& tokens) {
  std::vector<Token> result;
  const auto is_string = [&](std::size_t at) {
    return at < tokens.size() && tokens[at].kind == Token::Kind::string;
  };
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const bool beside = is_string(i + 1) || (i > 0 && is_string(i - 1));
    if (tokens[i].kind != Token::Kind::word || !beside) {
      result.push_back(tokens[i]);
    }
  }
  return result;
}

}  // namespace

bool FileReader::is_print(const Macro& macro) const {
  return macro.name == "airlock_print" && sources_.path(macro.loc.file) == "<airlock/kernel.h>";
}

/// `value` after what the arguments of the print at `use` need to have evaluated.
SyntaxExprPtr ExpressionReader::printed(const Token& use, std::vector<Token> arguments,
                                        SyntaxExprPtr value) {
  std::string name = use.text;  // as it is written at the place: pr_info
  for (const Within* at = use.within.get(); at != nullptr; at = at->outer.get()) {
    name = at->macro;
  }
  arguments = without_levels(arguments);
  if (arguments.empty()) {
    return value;
  }
  ExpressionReader reader(files_, std::move(arguments), use.loc, depth_);
  std::vector<SyntaxExprPtr> all;
  for (;;) {
    all.push_back(reader.assignment());
    if (!reader.here().is(",")) {
      break;
    }
    reader.take();
  }
  if (reader.here().kind != Token::Kind::end) {
    reader.syntax_error();
  }
  for (auto each = all.rbegin(); each != all.rend(); ++each) {
    if (const SyntaxExpr* effect = effect_in(**each)) {
      files_.sources_.fail(use.loc,
                           "an argument of '" + name + "' " + told(*effect) +
                               ", and a print may or may not evaluate it",
                           "it before the print, its value in a variable");
    }
    if (may_be_undefined(**each)) {
      value = node(Kind::comma, use.loc, {}, std::move(*each), std::move(value));
    }
  }
  return value;
}

}  // namespace airlock::c
