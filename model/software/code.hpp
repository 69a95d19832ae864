// Flat code: what a function does, one small instruction after the other.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/software/tree.hpp"

namespace airlock::c {

/// A constant or a slot (a local's leaf or a temporary).
struct Operand {
  enum class Kind { nothing, constant, null, slot };
  Kind kind = Kind::nothing;
  const Type* type = nullptr;
  std::uint64_t value = 0;
  Slot slot = none;
};

/// A place: an object or what a pointer points to, a number of leaves into it, and indices that are
/// known only when it runs.
struct Place {
  struct Index {
    Operand operand;
    std::uint64_t count = 0;
    unsigned stride = 1;  ///< leaves per element
  };
  ObjectId object = none;  ///< none: through `pointer`
  Operand pointer;
  unsigned offset = 0;
  std::vector<Index> indices;
  const Type* type = nullptr;            ///< of what is there
  const Type* pointer_target = nullptr;  ///< what `pointer` points to
};

struct Instruction {
  enum class Kind {
    operate,  ///< dest = op(args)
    convert,  ///< dest = args[0] as `type`
    copy,     ///< dest = args[0]
    pointer_equal,
    pointer_truth,
    load,       ///< dest = place
    store,      ///< place = args[0]
    address,    ///< dest = &place
    branch,     ///< to `target` if args[0], else to `other`; they meet again at `join`, if known
    jump,       ///< to `target`
    head,       ///< a place that is jumped back to
    declare,    ///< object `index` has no value yet
    call,       ///< dest = function `index` (args)
    intrinsic,  ///< the same, of the platform
    any_bits,
    any_bool,
    assume,
    assertion,
    result,  ///< return args[0] (or nothing)
  };
  Kind kind;
  Loc loc;
  Loc statement;  ///< of the statement it belongs to
  const Type* type = nullptr;
  Operator op = Operator::add;
  Slot dest = none;
  std::vector<Operand> args;
  Place place;
  unsigned target = 0;
  unsigned other = 0;
  unsigned join = none;
  bool in_expression = false;   ///< branch: of &&, || or ?:
  bool one_past = false;        ///< address: the last index may be the array's count, too
  bool may_be_skipped = false;  ///< copy: of what stands behind && or ||, or of an arm of ?:
  /// copy: of what stands behind &&, where more is decided by whether all of the && is true.
  bool ends_conjunction = false;
  std::uint32_t index = none;
  unsigned block = 0;  ///< the innermost one it stands in: FunctionInfo::blocks
};

/// Where locals live: { … }, an arm of an if, a loop and its body, a switch's body.
struct Block {
  unsigned parent = none;  ///< none: the whole function
  std::vector<ObjectId> objects;
};

/// A slot's type and name, by which a local is known outside.
struct SlotInfo {
  const Type* type = nullptr;
  std::string name;        ///< "function.local", "function.local.member"
  ObjectId object = none;  ///< none for temporaries
  FunctionId function = none;
  Loc loc;
};

struct FunctionInfo {
  std::string name;
  const Type* type = nullptr;  ///< of kind function
  Loc loc;
  std::string comment;
  const SyntaxDecl* definition = nullptr;
  std::size_t rank = 0;  ///< order of definition
  std::vector<ObjectId> parameters;
  std::vector<Instruction> code;
  std::vector<Block> blocks;
  Slot first_slot = 0;
  Slot end_slot = 0;
  /// What it returns by its only return statement, under no, one, … negations: an && whose parts
  /// have no order of their own.
  bool returns_conjunction = false;
  bool returns_negated_conjunction = false;
  /// Per instruction: which of the function's slots may be read later. Index slot - first_slot.
  std::vector<std::vector<bool>> live;
  [[nodiscard]] bool is_defined() const { return definition != nullptr; }
};

}  // namespace airlock::c
