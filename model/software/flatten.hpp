// From checked syntax to flat code.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "model/software/checker.hpp"

namespace airlock::c {

/// Compiles the body of one defined function into unit.functions[id].
class Flattener {
 public:
  Flattener(Unit& unit, Checker& checker, const Platform& platform, FunctionId id);
  void run();

 private:
  using Kind = Instruction::Kind;
  struct Label {
    unsigned at = none;
    Loc loc;
    std::vector<unsigned> uses;  ///< jumps to be patched
  };
  struct SwitchContext {
    Operand value;
    std::vector<std::pair<std::uint64_t, unsigned>> cases;
    unsigned default_at = none;
  };
  struct Exits {
    std::vector<unsigned> breaks;
    std::vector<unsigned> continues;
    bool is_loop = false;
  };

  // Statements (flatten_statements.cpp)
  void statement(const SyntaxStmt& stmt);
  void block(const SyntaxStmt& stmt);
  void enter_block();
  void leave_block();
  void declaration(const SyntaxDecl& decl);
  void local(const SyntaxDecl& decl, const Type* type, bool is_const);
  void if_statement(const SyntaxStmt& stmt);
  void loop(const SyntaxStmt& stmt);
  void switch_statement(const SyntaxStmt& stmt);
  void case_label(const SyntaxStmt& stmt);
  void return_statement(const SyntaxStmt& stmt);
  void label(const SyntaxStmt& stmt);
  void close(const Exits& exits, unsigned break_to, unsigned continue_to);
  void finish_labels();

  // Expressions (flatten_expressions.cpp)
  Operand value(const Tree& tree);
  Place place(const Tree& tree);
  Operand load(Loc loc, const Place& place, const Type* type);
  Operand read(const Tree& tree);
  void store(Loc loc, const Place& place, const Operand& value);
  Operand assign(const Tree& tree);
  Operand compound(const Tree& tree);
  Operand short_circuit(const Tree& tree);
  void note_returned(const Tree& tree);
  Operand conditional(const Tree& tree);
  Operand call(const Tree& tree);
  Operand address(const Tree& tree);
  void copy_structure(Loc loc, const Place& to, const Place& from);
  void note_address(const Place& place);
  Operand simple(Kind kind, const Tree& tree);

  [[nodiscard]] unsigned here() const { return static_cast<unsigned>(code().size()); }
  [[nodiscard]] std::vector<Instruction>& code() const { return unit_.functions[id_].code; }
  Instruction& emit(Kind kind, Loc loc);
  unsigned emit_jump(Loc loc);
  unsigned emit_branch(Loc loc, const Operand& condition, bool in_expression);
  void emit_head(Loc loc);
  Slot new_slot(const Type* type, const std::string& name, ObjectId object, Loc loc);
  Operand temporary(const Type* type, Loc loc);
  void add_slots(ObjectId object);
  static Operand constant(const Type* type, std::uint64_t value);
  Operand convert(Loc loc, const Operand& operand, const Type* to);
  Operand operate(Loc loc, Operator op, const Type* type, const Operand& a, const Operand& b);

  /// Nothing but the result depends on the value of these, or what does says so itself.
  std::set<const Tree*> asked_elsewhere_;
  unsigned returns_ = 0;
  Unit& unit_;
  Checker& checker_;
  const Platform& platform_;
  FunctionId id_;
  Loc statement_;
  unsigned block_ = none;
  unsigned temporaries_ = 0;
  std::map<std::string, unsigned> names_;
  std::map<std::string, Label> labels_;
  std::vector<SwitchContext> switches_;
  std::vector<Exits> exits_;
  std::set<std::string> addressed_;  ///< names of locals that '&' is applied to somewhere
  bool returns_value_ = false;
};

}  // namespace airlock::c
