// Statements to instructions.
#include <cassert>

#include "model/software/flatten.hpp"

namespace airlock::c {
namespace {

/// The names whose address is taken in an expression or statement, shadowing ignored.
void collect_addressed(const SyntaxExpr& expr, std::set<std::string>& names) {
  if (expr.kind == SyntaxExpr::Kind::unary && expr.text == "&") {
    const SyntaxExpr* at = expr.kids[0].get();
    while (!at->kids.empty()) {
      at = at->kids[0].get();
    }
    names.insert(at->text);
  }
  for (const SyntaxExprPtr& kid : expr.kids) {
    collect_addressed(*kid, names);
  }
}

void collect_addressed(const SyntaxStmt& stmt, std::set<std::string>& names) {
  for (const SyntaxExprPtr& expr : stmt.exprs) {
    if (expr != nullptr) {
      collect_addressed(*expr, names);
    }
  }
  for (const auto& decl : stmt.decls) {
    if (decl->init != nullptr) {
      collect_addressed(*decl->init, names);
    }
  }
  for (const SyntaxStmtPtr& inner : stmt.stmts) {
    if (inner != nullptr) {
      collect_addressed(*inner, names);
    }
  }
}

}  // namespace

Flattener::Flattener(Unit& unit, Checker& checker, const Platform& platform, FunctionId id)
    : unit_(unit), checker_(checker), platform_(platform), id_(id) {}

void Flattener::run() {
  const SyntaxDecl& definition = *unit_.functions[id_].definition;
  unit_.functions[id_].first_slot = static_cast<Slot>(unit_.slots.size());
  enter_block();
  for (std::size_t i = 0; i < definition.type->members.size(); ++i) {
    const SyntaxDecl& parameter = *definition.type->members[i];
    if (parameter.name.empty()) {
      checker_.fail(parameter.loc, "a parameter without a name", "a name");
    }
    const ObjectId object = checker_.declare_local(
        parameter, unit_.functions[id_].type->parameters[i], parameter.type->is_const, id_);
    add_slots(object);
    unit_.functions[id_].parameters.push_back(object);
  }
  collect_addressed(*definition.body, addressed_);
  statement_ = definition.body->loc;
  for (const SyntaxStmtPtr& stmt : definition.body->stmts) {
    statement(*stmt);
  }
  finish_labels();
  const FunctionInfo& info = unit_.functions[id_];
  if (!info.type->target->is_void() && !returns_value_) {
    checker_.fail(info.loc, "function '" + info.name + "' never returns a value",
                  "return …; of type '" + info.type->target->name + "'");
  }
  statement_ = definition.body->end;
  emit(Kind::result, definition.body->end);
  leave_block();
  unit_.functions[id_].end_slot = static_cast<Slot>(unit_.slots.size());
}

void Flattener::add_slots(ObjectId object) {
  const Type* type = unit_.objects[object].type;
  const std::string base = unit_.objects[object].name;
  const Loc loc = unit_.objects[object].loc;
  const unsigned copies = ++names_[base];
  const std::string name = copies == 1 ? base : base + "_" + std::to_string(copies);
  for (unsigned i = 0; i < type->leaves; ++i) {
    const Leaf leaf = leaf_of(type, i);
    const Slot slot = new_slot(leaf.type, name + leaf.path, object, loc);
    if (i == 0) {
      unit_.objects[object].slot = slot;
    }
  }
}

void Flattener::statement(const SyntaxStmt& stmt) {
  using Stmt = SyntaxStmt::Kind;
  statement_ = stmt.loc;
  switch (stmt.kind) {
    case Stmt::expression: {
      const TreePtr tree = checker_.expression(*stmt.exprs[0]);
      if (!tree->is_place() && tree->kind != Tree::Kind::null) {
        value(*tree);
      }
      break;
    }
    case Stmt::declaration:
      for (const auto& decl : stmt.decls) {
        declaration(*decl);
      }
      break;
    case Stmt::block: block(stmt); break;
    case Stmt::if_: if_statement(stmt); break;
    case Stmt::while_:
    case Stmt::do_:
    case Stmt::for_: loop(stmt); break;
    case Stmt::switch_: switch_statement(stmt); break;
    case Stmt::case_:
    case Stmt::default_: case_label(stmt); break;
    case Stmt::break_:
      if (exits_.empty()) {
        checker_.fail(stmt.loc, "'break' outside a loop or switch", "a loop or switch around it");
      }
      exits_.back().breaks.push_back(emit_jump(stmt.loc));
      break;
    case Stmt::continue_: {
      auto exits = exits_.rbegin();
      while (exits != exits_.rend() && !exits->is_loop) {
        ++exits;
      }
      if (exits == exits_.rend()) {
        checker_.fail(stmt.loc, "'continue' outside a loop", "a loop around it");
      }
      exits->continues.push_back(emit_jump(stmt.loc));
      break;
    }
    case Stmt::return_: return_statement(stmt); break;
    case Stmt::goto_: {
      Label& target = labels_[stmt.text];
      if (target.at == none && target.uses.empty()) {
        target.loc = stmt.loc;
      }
      target.uses.push_back(emit_jump(stmt.loc));
      break;
    }
    case Stmt::label: label(stmt); break;
    case Stmt::empty: break;
  }
}

/// Names and objects have the same extent: an object lives from where its block is entered to where
/// that is left (C11 6.2.4p6), by whatever way.
void Flattener::enter_block() {
  checker_.push_scope();
  std::vector<Block>& blocks = unit_.functions[id_].blocks;
  blocks.push_back({block_, {}});
  block_ = static_cast<unsigned>(blocks.size() - 1);
}

void Flattener::leave_block() {
  checker_.pop_scope();
  block_ = unit_.functions[id_].blocks[block_].parent;
}

void Flattener::block(const SyntaxStmt& stmt) {
  enter_block();
  for (const SyntaxStmtPtr& inner : stmt.stmts) {
    statement(*inner);
  }
  leave_block();
}

void Flattener::declaration(const SyntaxDecl& decl) {
  if (decl.name.empty()) {
    static_cast<void>(checker_.type(*decl.type));
    return;
  }
  if (decl.is_typedef) {
    checker_.declare_typedef(decl);
    return;
  }
  if (decl.is_extern || decl.type->kind == SyntaxType::Kind::function) {
    checker_.fail(decl.loc, "a declaration of a global or a function inside a function",
                  "a declaration outside");
  }
  bool is_const = decl.type->is_const;
  for (const SyntaxType* at = decl.type.get(); at->kind == SyntaxType::Kind::array;) {
    at = at->target.get();
    is_const = at->is_const;
  }
  const Type* type = checker_.object_type(decl);
  if (decl.is_static) {
    checker_.declare_static(decl, type, is_const, unit_.functions[id_].name);
  } else {
    local(decl, type, is_const);
  }
}

void Flattener::local(const SyntaxDecl& decl, const Type* type, bool is_const) {
  const ObjectId object = checker_.declare_local(decl, type, is_const, id_);
  add_slots(object);
  unit_.functions[id_].blocks[block_].objects.push_back(object);
  emit(Kind::declare, decl.loc).index = object;
  if (decl.init == nullptr) {
    return;
  }
  const auto leaf = [&](unsigned offset, const Type* of) {
    Place place;
    place.object = object;
    place.offset = offset;
    place.type = of;
    return place;
  };
  std::vector<bool> given(type->leaves, false);
  checker_.initialiser(
      *decl.init, type, [&](unsigned offset, const SyntaxExpr& init, const Type* of) {
        const TreePtr tree =
            checker_.converted(checker_.expression(init), of, "'" + decl.name + "'");
        for (unsigned i = 0; i < of->leaves; ++i) {
          given[offset + i] = true;
        }
        if (of->is_structure()) {
          copy_structure(init.loc, leaf(offset, of), place(*tree));
        } else {
          store(decl.loc, leaf(offset, of), value(*tree));
        }
      });
  for (unsigned i = 0; i < type->leaves; ++i) {
    if (!given[i]) {
      const Type* of = leaf_of(type, i).type;
      Operand zero = constant(of, 0);
      zero.kind = of->is_pointer() ? Operand::Kind::null : Operand::Kind::constant;
      store(decl.loc, leaf(i, of), zero);
    }
  }
}

void Flattener::if_statement(const SyntaxStmt& stmt) {
  const Operand condition = value(*checker_.condition(*stmt.exprs[0]));
  const unsigned branch = emit_branch(stmt.loc, condition, false);
  enter_block();
  statement(*stmt.stmts[0]);
  leave_block();
  if (stmt.stmts.size() > 1) {
    const unsigned skip = emit_jump(stmt.loc);
    code()[branch].other = here();
    enter_block();
    statement(*stmt.stmts[1]);
    leave_block();
    code()[skip].target = here();
  } else {
    code()[branch].other = here();
  }
  code()[branch].join = here();
}

void Flattener::close(const Exits& exits, unsigned break_to, unsigned continue_to) {
  for (const unsigned jump : exits.breaks) {
    code()[jump].target = break_to;
  }
  for (const unsigned jump : exits.continues) {
    code()[jump].target = continue_to;
  }
}

void Flattener::loop(const SyntaxStmt& stmt) {
  using Stmt = SyntaxStmt::Kind;
  enter_block();
  const bool is_for = stmt.kind == Stmt::for_;
  if (is_for && stmt.stmts[0] != nullptr) {
    statement(*stmt.stmts[0]);
  }
  const SyntaxStmt& body = *stmt.stmts.back();
  statement_ = stmt.loc;
  const unsigned head = here();
  emit_head(stmt.loc);
  exits_.emplace_back();
  exits_.back().is_loop = true;
  unsigned branch = none;
  if (stmt.kind != Stmt::do_ && stmt.exprs[0] != nullptr) {
    branch = emit_branch(stmt.loc, value(*checker_.condition(*stmt.exprs[0])), false);
  }
  enter_block();
  statement(body);
  leave_block();
  const unsigned continue_to = here();
  statement_ = stmt.loc;
  if (is_for && stmt.exprs[1] != nullptr) {
    const TreePtr update = checker_.expression(*stmt.exprs[1]);
    if (!update->is_place()) {
      value(*update);
    }
  }
  if (stmt.kind == Stmt::do_) {
    statement_ = stmt.exprs[0]->loc;
    branch = emit_branch(stmt.loc, value(*checker_.condition(*stmt.exprs[0])), false);
    code()[branch].target = head;
  } else {
    code()[emit_jump(stmt.loc)].target = head;
  }
  if (branch != none) {
    code()[branch].other = here();
  }
  const Exits exits = std::move(exits_.back());
  exits_.pop_back();
  close(exits, here(), continue_to);
  leave_block();
}

void Flattener::switch_statement(const SyntaxStmt& stmt) {
  TreePtr tree = checker_.expression(*stmt.exprs[0]);
  if (tree->kind == Tree::Kind::null || !tree->type->is_integer()) {
    checker_.fail(stmt.exprs[0]->loc, "'switch' on a value that is not an integer", "an integer");
  }
  SwitchContext context;
  const Loc loc = stmt.loc;
  context.value = convert(loc, value(*tree), unit_.types.promoted(tree->type));
  // The body comes first, the comparisons after it: by then all labels are known.
  const unsigned to_dispatch = emit_jump(loc);
  switches_.push_back(std::move(context));
  exits_.emplace_back();
  enter_block();
  statement(*stmt.stmts[0]);
  leave_block();
  const unsigned over = emit_jump(loc);
  code()[to_dispatch].target = here();
  statement_ = loc;
  context = std::move(switches_.back());
  switches_.pop_back();
  for (const auto& [label, at] : context.cases) {
    const Operand equal = operate(loc, Operator::equal, unit_.types.boolean(), context.value,
                                  constant(context.value.type, label));
    const unsigned branch = emit_branch(loc, equal, false);
    code()[branch].target = at;
    code()[branch].other = here();
  }
  const unsigned otherwise = emit_jump(loc);
  code()[otherwise].target = context.default_at == none ? here() : context.default_at;
  code()[over].target = here();
  const Exits exits = std::move(exits_.back());
  exits_.pop_back();
  close(exits, here(), none);
}

void Flattener::case_label(const SyntaxStmt& stmt) {
  const bool is_default = stmt.kind == SyntaxStmt::Kind::default_;
  if (switches_.empty()) {
    checker_.fail(stmt.loc,
                  std::string("'") + (is_default ? "default" : "case") + "' outside a switch",
                  "a switch around it");
  }
  if (is_default) {
    if (switches_.back().default_at != none) {
      checker_.fail(stmt.loc, "two 'default' labels in one switch", "one");
    }
    switches_.back().default_at = here();
    return;
  }
  const TreePtr label = checker_.constant_tree(*stmt.exprs[0], "a case label");
  const Type* type = switches_.back().value.type;
  std::uint64_t number = label->value;
  if (label->type->is_signed && (number >> (label->type->width - 1)) != 0) {
    number |= ~label->type->sort().mask();
  }
  number &= type->sort().mask();
  for (const auto& [other, at] : switches_.back().cases) {
    if (other == number) {
      checker_.fail(stmt.loc, "two cases with the value " + std::to_string(number),
                    "different values");
    }
  }
  switches_.back().cases.emplace_back(number, here());
}

void Flattener::return_statement(const SyntaxStmt& stmt) {
  const Type* type = unit_.functions[id_].type->target;
  const std::string& name = unit_.functions[id_].name;
  if (stmt.exprs.empty()) {
    if (!type->is_void()) {
      checker_.fail(stmt.loc, "'" + name + "' returns no value here",
                    "return …; of type '" + type->name + "'");
    }
    emit(Kind::result, stmt.loc);
    return;
  }
  TreePtr tree = checker_.expression(*stmt.exprs[0]);
  if (type->is_void()) {
    checker_.fail(stmt.loc, "'" + name + "' is void but returns a value", "return;");
  }
  tree = checker_.converted(std::move(tree), type, "the result of '" + name + "'");
  note_returned(*tree);
  const Operand operand = value(*tree);
  emit(Kind::result, stmt.loc).args = {operand};
  returns_value_ = true;
}

void Flattener::label(const SyntaxStmt& stmt) {
  Label& target = labels_[stmt.text];
  if (target.at != none) {
    checker_.fail(stmt.loc,
                  "label '" + stmt.text + "' is already at " + unit_.sources.brief(target.loc),
                  "another name");
  }
  target.at = here();
  target.loc = stmt.loc;
  emit_head(stmt.loc);
}

void Flattener::finish_labels() {
  for (const auto& [name, label] : labels_) {
    if (label.at == none) {
      checker_.fail(label.loc, "unknown label '" + name + "'", "a label of this function");
    }
    for (const unsigned jump : label.uses) {
      code()[jump].target = label.at;
    }
  }
}

}  // namespace airlock::c
