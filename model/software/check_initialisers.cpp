// Initialisers: which scalar each value goes to (C11 6.7.9).
//
// Inside one pair of braces a cursor walks over the members and elements in order. A value without
// braces that meets a structure or an array goes to its first scalar, and the cursor stays inside
// until that is full; a designator moves the cursor, and what comes next goes to what is behind it.
#include <algorithm>

#include "model/software/checker.hpp"

namespace airlock::c {
namespace {

/// A structure or an array that is being filled.
struct Level {
  const Type* type;
  unsigned offset;
  std::uint64_t next = 0;  ///< the member or element that comes next

  [[nodiscard]] std::uint64_t count() const {
    return type->is_array() ? type->count : type->fields.size();
  }
  [[nodiscard]] const Type* part_type() const {
    return type->is_array() ? type->target : type->fields[next].type;
  }
  [[nodiscard]] unsigned part_offset() const {
    return offset + (type->is_array() ? static_cast<unsigned>(next) * type->target->leaves
                                      : type->fields[next].offset);
  }
};

bool is_list(const SyntaxExpr& syntax) {
  return syntax.kind == SyntaxExpr::Kind::init_list;
}

}  // namespace

class Checker::Initialiser {
 public:
  Initialiser(Checker& checker, unsigned leaves, const Initialise& each)
      : checker_(checker), given_(leaves, false), each_(each) {}

  void run(const SyntaxExpr& syntax, const Type* type, unsigned offset) {
    if (type->is_scalar() || !is_list(syntax)) {
      single(syntax, type, offset);
      return;
    }
    refuse_second(syntax, offset, type->leaves);
    std::vector<Level> levels{{type, offset}};
    for (std::size_t i = 0; i < syntax.kids.size(); ++i) {
      const SyntaxExpr& value = *syntax.kids[i];
      if (syntax.designators[i].empty()) {
        while (levels.size() > 1 && levels.back().next == levels.back().count()) {
          levels.pop_back();
        }
      } else {
        designate(value.loc, syntax.designators[i], levels);
      }
      place(value, levels);
    }
  }

 private:
  void single(const SyntaxExpr& syntax, const Type* type, unsigned offset) {
    if (is_list(syntax)) {
      if (syntax.kids.size() != 1 || !syntax.designators[0].empty() || is_list(*syntax.kids[0])) {
        checker_.fail(syntax.loc, "a list initialises one value", "one expression");
      }
      single(*syntax.kids[0], type, offset);
      return;
    }
    if (type->is_array()) {
      checker_.fail(syntax.loc, "an array is initialised without braces", "{ … }");
    }
    refuse_second(syntax, offset, type->leaves);
    std::fill_n(given_.begin() + offset, type->leaves, true);
    each_(offset, syntax, type);
  }

  /// C lets the last one win. Which parts of the first stay is easily misread.
  void refuse_second(const SyntaxExpr& syntax, unsigned offset, unsigned leaves) const {
    const auto begin = given_.begin() + offset;
    if (std::find(begin, begin + leaves, true) != begin + leaves) {
      checker_.fail(syntax.loc, "this is initialised twice", "one value for each place");
    }
  }

  void designate(Loc loc, const std::vector<Designator>& path, std::vector<Level>& levels) {
    levels.resize(1);
    for (std::size_t step = 0; step < path.size(); ++step) {
      if (step > 0) {
        Level& outer = levels.back();
        const Level inner{outer.part_type(), outer.part_offset()};
        ++outer.next;
        if (inner.type->is_scalar()) {
          checker_.fail(loc, "a designator inside '" + inner.type->name + "'",
                        "a structure or an array");
        }
        levels.push_back(inner);
      }
      levels.back().next = position(loc, path[step], *levels.back().type);
      check_space(loc, levels.back());
    }
  }

  std::uint64_t position(Loc loc, const Designator& designator, const Type& type) {
    if (designator.index != nullptr) {
      if (!type.is_array()) {
        checker_.fail(loc, "an index initialises '" + type.name + "'", "a member: .name");
      }
      return checker_.constant(*designator.index, "an array index");
    }
    for (std::size_t i = 0; type.is_structure() && i < type.fields.size(); ++i) {
      if (type.fields[i].name == designator.field) {
        return i;
      }
    }
    checker_.fail(loc, "'" + type.name + "' has no member '" + designator.field + "'",
                  "one of its members");
  }

  void check_space(Loc loc, const Level& level) const {
    if (level.next >= level.count()) {
      checker_.fail(loc, "more initialisers than '" + level.type->name + "' has places",
                    "at most " + std::to_string(level.count()));
    }
  }

  /// Gives `value` to where the cursor is.
  void place(const SyntaxExpr& value, std::vector<Level>& levels) {
    for (;;) {
      Level& level = levels.back();
      check_space(value.loc, level);
      const Type* type = level.part_type();
      const unsigned offset = level.part_offset();
      ++level.next;
      if (type->is_scalar() || is_list(value) || is_whole(value, type)) {
        run(value, type, offset);
        return;
      }
      levels.push_back({type, offset});
    }
  }

  [[nodiscard]] bool is_whole(const SyntaxExpr& value, const Type* type) const {
    return type->is_structure() && checker_.expression(value)->type == type;
  }

  Checker& checker_;
  std::vector<bool> given_;
  const Initialise& each_;
};

void Checker::initialiser(const SyntaxExpr& syntax, const Type* type, const Initialise& each) {
  Initialiser(*this, type->leaves, each).run(syntax, type, 0);
}

void Checker::static_initialiser(Object& object, const SyntaxExpr* init) {
  if (init == nullptr) {
    return;
  }
  object.has_initialiser = true;
  // Checking an expression may add objects: keep no reference across it.
  std::vector<Initial> initial(object.type->leaves);
  initialiser(*init, object.type, [&](unsigned offset, const SyntaxExpr& value, const Type* type) {
    if (!type->is_scalar()) {
      fail(value.loc, "'" + type->name + "' is initialised by a value", "{ … }");
    }
    initial[offset] = static_value(value, type);
  });
  object.initial = std::move(initial);
}

Initial Checker::static_value(const SyntaxExpr& value, const Type* type) {
  TreePtr tree = converted(expression(value), type, "the object");
  if (type->is_integer()) {
    const auto number = fold(unit_, *tree);
    if (!number) {
      fail(value.loc, "the initialiser of a global is not constant", "a constant expression");
    }
    return {*number, {}};
  }
  if (tree->kind == Tree::Kind::null) {
    return {};
  }
  unsigned offset = 0;
  bool past = false;
  const Tree* at = tree->kind == Tree::Kind::address ? tree->kids[0].get() : tree.get();
  const Type* target = at->type;
  while (at->kind == Tree::Kind::member ||
         (at->kind == Tree::Kind::element && fold(unit_, *at->kids[1]))) {
    if (at->kind == Tree::Kind::member) {
      offset += static_cast<unsigned>(at->value);
    } else {
      const std::uint64_t index = *fold(unit_, *at->kids[1]);
      const std::uint64_t count = at->kids[0]->type->count;
      const bool may_be_past = at == tree->kids[0].get();  // &a[n]
      past = past || (may_be_past && index == count);
      if (index > count || (index == count && !may_be_past)) {
        fail(at->loc, "the index is out of range", "0 to the array's size - 1");
      }
      offset += static_cast<unsigned>(index) * at->type->leaves;
    }
    at = at->kids[0].get();
  }
  if (tree->kind != Tree::Kind::address || at->kind != Tree::Kind::object) {
    fail(value.loc, "the initialiser of a pointer is not a constant address", "&object");
  }
  if (!past) {
    unit_.addresses.push_back({{at->index, offset}, target});
  }
  return {0, {at->index, offset, past}};
}

}  // namespace airlock::c
