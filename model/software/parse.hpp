// From text to syntax trees: tree-sitter, the few preprocessor directives that spec files use, and
// macro expansion.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/software/syntax.hpp"
#include "model/software/tokens.hpp"
#include "model/software/tree_sitter.hpp"
#include "model/software/types.hpp"

namespace airlock::c {

/// Bytes of text that all uses of macros in one program may become. Macros that use each other
/// twice double at every level, so neither depth nor one body's size bounds the whole.
constexpr std::size_t max_expanded = std::size_t{1} << 20U;

struct Macro {
  std::string name;
  bool is_function = false;
  std::vector<std::string> parameters;  ///< "__VA_ARGS__" last where it is variadic
  bool is_variadic = false;
  std::string body;  ///< comments and line continuations removed
  Loc loc;
};

/// Reads files one after the other; headers are read once per program. Macros of headers stay
/// defined for the files after, those of a .c file end with it.
class FileReader {
 public:
  /// `headers`, if not null, are all that can be included beside built-in headers; borrowed until
  /// forget_headers(). Else files are read.
  explicit FileReader(Sources& sources, const std::vector<SourceFile>* headers = nullptr);
  void forget_headers() { headers_ = nullptr; }
  SyntaxFile read(const SourceFile& file);

  /// All object-like macros ever defined, for names on the command line.
  [[nodiscard]] const std::map<std::string, Macro>& all_macros() const { return all_macros_; }
  /// Where each macro was first defined, whether or not it still is.
  [[nodiscard]] const std::map<std::string, Loc>& macro_places() const { return macro_places_; }
  /// The body of a macro as an expression, macros expanded.
  SyntaxExprPtr expression_of(const Macro& macro);

 private:
  friend class TreeReader;
  friend class ExpressionReader;
  friend class ConditionReader;
  void read_into(std::uint32_t file, SyntaxFile& out, bool is_header);
  void define(const Macro& macro, bool is_header);
  void undefine(const std::string& name, Loc place, bool is_header);
  /// Whether the name is a macro here; nothing where nobody has said that it is none.
  [[nodiscard]] std::optional<bool> is_defined(const std::string& name) const;
  /// The same, and an error where nobody has said it.
  [[nodiscard]] bool known(const std::string& name, Loc use) const;
  void include(Loc loc, const std::string& name, bool system, SyntaxFile& out);
  /// Counts what a macro's use becomes; an error beyond max_expanded bytes in all.
  void count_expanded(Loc use, const Macro& macro, std::size_t bytes);

  // Macros (parse_macros.cpp).
  void check_usable(Loc use, const Macro& macro) const;
  std::vector<std::vector<Token>> macro_arguments(const std::vector<Token>& tokens, std::size_t& at,
                                                  const Macro& macro);
  std::vector<Token> expansion(const std::vector<Token>& tokens, std::size_t& at,
                               const Macro& macro);

  /// The macro that the prints of <airlock/kernel.h> become (parse_prints.cpp).
  [[nodiscard]] bool is_print(const Macro& macro) const;
  /// IS_ENABLED, IS_BUILTIN, IS_MODULE of <airlock/kernel.h> (parse_conditions.cpp).
  [[nodiscard]] bool asks_for_option(const Macro& macro) const;
  /// What `word`, one of these, says of the option `name`; an error where nobody has said it.
  [[nodiscard]] bool option_is(const std::string& word, const std::string& name, Loc use) const;
  /// What #if makes of its condition; an error where nobody has said what a name in it is.
  bool condition_holds(std::vector<Token> tokens, Loc end);

  // Names, in the order of the text: whether one is a type decides how an expression reads.
  void declare_name(const std::string& name, bool is_type);
  /// Nothing: not declared here, though it may be a type that the front end knows (u64).
  [[nodiscard]] std::optional<bool> declared_as_type(const std::string& name) const;
  [[nodiscard]] bool begins_type(const std::string& word) const;

  /// The text of the file at `path`; nothing if there is no such file.
  [[nodiscard]] std::optional<std::string> header(const std::string& path) const;

  Sources& sources_;
  const std::vector<SourceFile>* headers_;
  Types types_;  ///< for the names that are types without a typedef
  std::vector<std::map<std::string, bool>> scopes_{1};
  std::map<std::string, Macro> macros_;
  std::map<std::string, Macro> all_macros_;
  std::map<std::string, Loc> macro_places_;
  std::set<std::string> header_macros_;
  /// Names of which #undef has said that they are no macros; with a file, as macros are.
  std::map<std::string, Loc> undefined_;
  std::set<std::string> header_undefined_;
  std::set<std::string> included_;
  std::vector<std::string> including_;
  std::size_t expanded_ = 0;  ///< bytes that macros have become so far
};

/// Converts one parsed text. Positions are the nodes' own in a file, and the place of use in the
/// text of an expanded macro.
class TreeReader {
 public:
  TreeReader(FileReader& files, const ParseTree& tree, std::uint32_t file,
             std::optional<Loc> fixed = {}, std::shared_ptr<const Within> within = {},
             unsigned depth = 0);

  void items(TSNode parent, SyntaxFile& out, bool is_header);
  SyntaxExprPtr expression(TSNode node);  // parse_expressions.cpp
  SyntaxStmtPtr statement(TSNode node);

 private:
  friend class FileReader;
  friend class ExpressionReader;
  class Deeper;
  [[nodiscard]] Loc loc(TSNode node) const;
  [[nodiscard]] std::string text(TSNode node) const { return std::string(tree_.text(node)); }
  [[noreturn]] void fail(TSNode node, const std::string& message,
                         const std::string& expected = {}) const;
  [[noreturn]] void unsupported(TSNode node, const std::string& what) const;

  // Directives and top level (parse_file.cpp).
  void item(TSNode node, SyntaxFile& out, bool is_header, const std::string& comment);
  bool holds(TSNode node);
  TSNode chosen(TSNode node);
  void conditional(TSNode node, SyntaxFile& out, bool is_header);
  void conditional(TSNode node, SyntaxStmt& out);
  bool directive(TSNode node, SyntaxFile* out, bool is_header);
  void define(TSNode node, bool is_header);

  // Declarations (parse_declarations.cpp).
  struct Specifiers;
  std::vector<std::unique_ptr<SyntaxDecl>> declaration(TSNode node);
  Specifiers specifiers(TSNode node);
  SyntaxTypePtr type_specifier(TSNode node);
  SyntaxTypePtr structure(TSNode node);
  SyntaxTypePtr enumeration(TSNode node);
  void declarator(TSNode node, SyntaxTypePtr base, SyntaxDecl& out);
  std::vector<std::unique_ptr<SyntaxDecl>> parameters(TSNode node);
  SyntaxTypePtr type_descriptor(TSNode node);
  SyntaxExprPtr initialiser(TSNode node);
  void attribute(TSNode node);
  SyntaxDecl function_definition(TSNode node);

  SyntaxExprPtr make(TSNode node, SyntaxExpr::Kind kind);

  // Statements (parse_statements.cpp).
  SyntaxStmtPtr make_statement(TSNode node, SyntaxStmt::Kind kind);
  SyntaxStmtPtr block(TSNode node);
  void block_item(TSNode node, SyntaxStmt& out);
  SyntaxStmtPtr for_loop(TSNode node);
  SyntaxStmtPtr expression_that_looks_declared(TSNode node);
  SyntaxStmtPtr macro_statement(TSNode node);

  FileReader& files_;
  const ParseTree& tree_;
  std::uint32_t file_;
  std::optional<Loc> fixed_;
  std::shared_ptr<const Within> within_;  ///< the macros whose expansion this text is
  unsigned depth_;
};

}  // namespace airlock::c
