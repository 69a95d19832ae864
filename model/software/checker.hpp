// Names and types: from syntax to checked expressions and objects.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/software/code.hpp"
#include "model/software/platform.hpp"
#include "model/software/source.hpp"

namespace airlock::c {

/// What executing a program has cost so far: see execute.cpp for the limits.
struct Effort {
  std::uint64_t instructions = 0;
  std::uint64_t bytes = 0;  ///< kept by ways through steps
  std::uint64_t nodes = 0;  ///< of expressions
};

/// The whole program's tables.
struct Unit {
  Sources sources;
  Types types;
  std::vector<Object> objects;
  std::vector<FunctionInfo> functions;
  std::vector<SlotInfo> slots;
  std::vector<std::pair<Address, const Type*>> addresses;  ///< places whose address is taken
  std::size_t instructions = 0;                            ///< of all functions
  std::size_t scalars = 0;                                 ///< of all objects at file scope
  /// Shared by all executions of one program, which run one after the other.
  std::shared_ptr<Effort> effort = std::make_shared<Effort>();
};

class Checker {
 public:
  Checker(Unit& unit, const Platform& platform);

  /// Declarations at file scope. `file_set` numbers what may not define a name twice; functions of
  /// a later set of fixes replace earlier ones.
  void file_scope(const SyntaxDecl& decl, unsigned file_set, bool replaces);

  // Within functions.
  void push_scope() { scopes_.emplace_back(); }
  void pop_scope() { scopes_.pop_back(); }
  ObjectId declare_local(const SyntaxDecl& decl, const Type* type, bool is_const,
                         FunctionId function);
  ObjectId declare_static(const SyntaxDecl& decl, const Type* type, bool is_const,
                          const std::string& function);
  void declare_typedef(const SyntaxDecl& decl);
  [[nodiscard]] const Type* type(const SyntaxType& syntax);
  /// The type of an object declared so; [] takes its size from the initialiser.
  const Type* object_type(const SyntaxDecl& decl);

  TreePtr expression(const SyntaxExpr& syntax);  ///< a value, or a structure's place
  TreePtr condition(const SyntaxExpr& syntax);   ///< a bool
  /// Converted as by assignment to `type`; `what` names the target in messages.
  TreePtr converted(TreePtr value, const Type* type, const std::string& what);
  std::uint64_t constant(const SyntaxExpr& syntax, const std::string& what);
  /// The same with its type.
  TreePtr constant_tree(const SyntaxExpr& syntax, const std::string& what);

  /// Visits the values that an initialiser gives, in order: (offset, expression, type of what is
  /// there, a scalar or a structure).
  /// What it leaves out is zero.
  using Initialise =
      std::function<void(unsigned offset, const SyntaxExpr& value, const Type* type)>;
  void initialiser(const SyntaxExpr& syntax, const Type* type, const Initialise& each);

  [[nodiscard]] FunctionId find_function(const std::string& name) const;
  [[noreturn]] void fail(Loc loc, const std::string& message,
                         const std::string& expected = {}) const {
    unit_.sources.fail(loc, message, expected);
  }
  /// What a name is at file scope.
  [[nodiscard]] std::optional<Declared> declared(const std::string& name) const;
  /// Value of an enumerator at file scope.
  [[nodiscard]] std::optional<std::uint64_t> enumerator(const std::string& name) const;

 private:
  struct Symbol {
    enum class Kind { object, enumerator, type, function };
    Kind kind;
    std::uint32_t index = 0;
    std::uint64_t value = 0;
    const Type* type = nullptr;
    Loc loc;
  };
  class Initialiser;
  struct Scope {
    std::map<std::string, Symbol> names;
    std::map<std::string, Type*> tags;
  };
  [[nodiscard]] const Symbol* find(const std::string& name) const;
  [[nodiscard]] const Type* type_name(const std::string& name) const;
  void add(const std::string& name, const Symbol& symbol);

  const Type* structure(const SyntaxType& syntax);
  const Type* enumeration(const SyntaxType& syntax);
  void function(const SyntaxDecl& decl, const Type* type, unsigned file_set, bool replaces);
  void global(const SyntaxDecl& decl, const Type* type, bool is_const, unsigned file_set);
  void count_scalars(const SyntaxDecl& decl, const Type* type);
  void static_initialiser(Object& object, const SyntaxExpr* init);
  Initial static_value(const SyntaxExpr& value, const Type* type);

  // Expressions (check_expressions.cpp, check_operators.cpp, check_calls.cpp)
  TreePtr make(Tree::Kind kind, Loc loc, const Type* type);
  TreePtr number(const SyntaxExpr& syntax);
  TreePtr character(const SyntaxExpr& syntax);
  TreePtr identifier(const SyntaxExpr& syntax);
  TreePtr place(const SyntaxExpr& syntax, const char* what);
  TreePtr any(const SyntaxExpr& syntax);  ///< a place where it is one, else a value
  TreePtr value_of(TreePtr tree);         ///< loads a scalar place
  TreePtr truth(TreePtr value);
  TreePtr as(TreePtr value, const Type* type);  ///< integer conversion, if needed
  TreePtr from_bool(TreePtr tree);              ///< bool -> int
  TreePtr member(const SyntaxExpr& syntax);
  TreePtr subscript(const SyntaxExpr& syntax);
  TreePtr unary(Loc loc, const std::string& op, const SyntaxExpr& operand);
  TreePtr binary(const SyntaxExpr& syntax);
  TreePtr arithmetic(Loc loc, const std::string& op, TreePtr left, TreePtr right);
  TreePtr compare_pointers(Loc loc, const std::string& op, TreePtr left, TreePtr right);
  TreePtr assign(const SyntaxExpr& syntax);
  TreePtr compound(const SyntaxExpr& syntax, TreePtr place, const std::string& op, TreePtr right,
                   bool yields_old);
  TreePtr conditional(const SyntaxExpr& syntax);
  TreePtr cast(const SyntaxExpr& syntax);
  TreePtr cast_to(Loc loc, TreePtr value, const Type* type);
  TreePtr call(const SyntaxExpr& syntax);
  TreePtr builtin(const SyntaxExpr& syntax, const std::string& name);
  TreePtr size_of(const SyntaxExpr& syntax);
  void check_machine_place(const Tree& tree);
  void must_be_modifiable(const Tree& place, Loc loc);
  void must_be_integer(const Tree& tree, const std::string& op);

  Unit& unit_;
  const Platform& platform_;
  std::vector<Scope> scopes_;
  std::map<const SyntaxType*, const Type*> bodies_;  ///< "struct s { … } a, b;" defines s once
  std::map<std::string, unsigned> defined_in_;       // function or global -> file set
};

/// The value of a constant expression, of its type's width; nothing if it is not constant.
/// Undefined behaviour in it is an error where a constant is required (`strict`); elsewhere it is
/// not constant, because it may never be evaluated.
std::optional<std::uint64_t> fold(const Unit& unit, const Tree& tree, bool strict = true);

}  // namespace airlock::c
