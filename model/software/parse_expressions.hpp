// Expressions from tokens, names known to be types or not.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/software/parse.hpp"
#include "model/software/parse_depth.hpp"
#include "model/software/tokens.hpp"

namespace airlock::c {

/// C's binary operators but for assignments, with how strongly each binds.
const std::map<std::string, unsigned>& binary_operators();

class ExpressionReader {
 public:
  /// `depth`: levels of nesting around the text. `macro`: whose body the tokens are, or null.
  ExpressionReader(FileReader& files, std::vector<Token> tokens, Loc end, unsigned depth,
                   const Macro* macro = nullptr);
  /// All tokens as one expression.
  SyntaxExprPtr all();

 private:
  friend class FileReader;
  using Kind = SyntaxExpr::Kind;
  class Deeper;

  SyntaxExprPtr comma();
  SyntaxExprPtr assignment();
  SyntaxExprPtr conditional();
  SyntaxExprPtr binary(unsigned least);
  SyntaxExprPtr unary();
  SyntaxExprPtr cast();
  SyntaxExprPtr sized();
  SyntaxExprPtr postfix();
  SyntaxExprPtr primary();
  SyntaxExprPtr word();
  SyntaxExprPtr use_of_macro(const Macro& macro);
  SyntaxExprPtr option(const std::string& word);
  SyntaxExprPtr printed(const Token& use, std::vector<Token> arguments, SyntaxExprPtr value);
  SyntaxExprPtr call(SyntaxExprPtr function);

  /// A '(' here with a type after it.
  [[nodiscard]] bool at_type() const;
  SyntaxTypePtr type_in_parentheses();

  [[nodiscard]] const Token& here(std::size_t ahead = 0) const;
  Token take();
  void expect(const char* punctuator);
  [[noreturn]] void syntax_error() const;
  [[noreturn]] void unsupported(Loc loc, const std::string& what) const;
  SyntaxExprPtr make(Kind kind, Loc loc, std::string text = {});
  SyntaxExprPtr node(Kind kind, Loc loc, std::string text, SyntaxExprPtr first,
                     SyntaxExprPtr second = nullptr, SyntaxExprPtr third = nullptr);
  /// Counts the level that `expr` adds to its operands.
  SyntaxExprPtr grown(SyntaxExprPtr expr);

  FileReader& files_;
  std::vector<Token> tokens_;
  Token end_;
  std::size_t at_ = 0;
  unsigned depth_;
  const Macro* macro_;
};

class ExpressionReader::Deeper {
 public:
  explicit Deeper(ExpressionReader& reader) : reader_(reader) {
    if (++reader_.depth_ > max_depth) {
      fail_too_deep(reader_.files_.sources_, reader_.here().loc);
    }
  }
  ~Deeper() { --reader_.depth_; }
  Deeper(const Deeper&) = delete;
  Deeper& operator=(const Deeper&) = delete;

 private:
  ExpressionReader& reader_;
};

}  // namespace airlock::c
