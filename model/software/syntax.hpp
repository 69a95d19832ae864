// The syntax tree of a C file: what was written, with positions, before names mean anything.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "model/software/source.hpp"

namespace airlock::c {

struct SyntaxExpr;
struct SyntaxType;
struct SyntaxStmt;
struct SyntaxDecl;
using SyntaxExprPtr = std::unique_ptr<SyntaxExpr>;
using SyntaxTypePtr = std::shared_ptr<SyntaxType>;
using SyntaxStmtPtr = std::unique_ptr<SyntaxStmt>;

struct Designator {
  std::string field;    ///< ".field", or empty for
  SyntaxExprPtr index;  ///< "[index]"
};

struct SyntaxExpr {
  enum class Kind {
    number,       ///< text as written
    character,    ///< text as written, quotes included
    boolean,      ///< text: true, false
    null,         ///< NULL
    identifier,   ///< text
    parenthesis,  ///< kids[0]
    unary,        ///< text: - + ~ ! * &
    binary,       ///< text: arithmetic, comparison, && ||
    assign,       ///< text: = += …
    increment,    ///< text: ++x x++ --x x--
    conditional,  ///< kids: condition, then, else
    comma,
    cast,       ///< type, kids[0]
    size_of,    ///< type or kids[0]
    call,       ///< kids[0] the function, then the arguments
    member,     ///< text: the field; kids[0]
    arrow,      ///< text: the field; kids[0]
    subscript,  ///< kids: array, index
    init_list,  ///< kids with designators (parallel)
    string,     ///< only where its text does not matter (an assertion's message)
  };
  Kind kind;
  Loc loc;
  std::string text;
  std::vector<SyntaxExprPtr> kids;
  SyntaxTypePtr type;
  std::vector<std::vector<Designator>> designators;
  unsigned height = 1;  ///< levels of operands, this one included
};

struct SyntaxType {
  enum class Kind { named, structure, enumeration, pointer, array, function };
  Kind kind;
  Loc loc;
  std::string name;  ///< "unsigned long", "u64", a tag (may be empty)
  bool is_const = false;
  bool has_body = false;                             ///< structure, enumeration
  SyntaxTypePtr target;                              ///< pointer, array; function: what it returns
  std::shared_ptr<SyntaxExpr> size;                  ///< array; none for []
  std::vector<std::unique_ptr<SyntaxDecl>> members;  ///< fields or parameters
  std::vector<std::pair<std::string, std::shared_ptr<SyntaxExpr>>> enumerators;
  std::vector<Loc> enumerator_locs;
};

struct SyntaxDecl {
  Loc loc;
  std::string name;  ///< empty: only a type
  SyntaxTypePtr type;
  SyntaxExprPtr init;
  SyntaxStmtPtr body;  ///< of a function definition
  bool is_typedef = false;
  bool is_extern = false;
  bool is_static = false;
  std::string comment;
};

struct SyntaxStmt {
  enum class Kind {
    expression,   ///< exprs[0]
    declaration,  ///< decls
    block,
    if_,  ///< exprs[0]; stmts: then, else (may be missing)
    while_,
    do_,
    for_,     ///< stmts: init (may be null), body; exprs: condition, update (may be null)
    switch_,  ///< exprs[0]; stmts[0]
    case_,    ///< exprs[0]; the statements follow in the block. (A GNU range is a syntax error.)
    default_,
    break_,
    continue_,
    return_,  ///< exprs[0] may be null
    goto_,    ///< text
    label,    ///< text; the statement follows in the block
    empty,
  };
  Kind kind;
  Loc loc;
  Loc end;  ///< of a block: its closing brace
  std::string text;
  std::vector<SyntaxExprPtr> exprs;
  std::vector<SyntaxStmtPtr> stmts;
  std::vector<std::unique_ptr<SyntaxDecl>> decls;
};

/// One file after the preprocessor, headers included in place.
struct SyntaxFile {
  std::uint32_t file = 0;
  std::vector<std::unique_ptr<SyntaxDecl>> decls;
};

}  // namespace airlock::c
