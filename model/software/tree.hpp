// The checked program: objects, functions, and expressions with every conversion written out.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "model/software/arithmetic.hpp"
#include "model/software/syntax.hpp"
#include "model/software/types.hpp"

namespace airlock::c {

using ObjectId = std::uint32_t;
using FunctionId = std::uint32_t;
using Slot = std::uint32_t;  ///< a scalar that belongs to a function's activation
constexpr std::uint32_t none = ~std::uint32_t{0};

/// A place in memory, or NULL.
struct Address {
  ObjectId object = none;
  unsigned offset = 0;  ///< in leaves
  bool past = false;    ///< one past the end of an array: there is nothing to be read or written
  friend bool operator==(const Address&, const Address&) = default;
  friend auto operator<=>(const Address&, const Address&) = default;
};

/// What a leaf holds before anything runs: a number, or (pointers) an address.
struct Initial {
  std::uint64_t value = 0;
  Address address;
};

struct Object {
  enum class Storage { global, machine, local };
  std::string name;
  const Type* type = nullptr;
  Storage storage = Storage::global;
  bool is_const = false;
  bool has_initialiser = false;
  bool file_scope = false;
  bool address_taken = false;  ///< locals
  FunctionId function = none;  ///< locals
  Slot slot = none;            ///< of a local's first leaf
  Loc loc;
  std::string comment;
  std::vector<Initial> initial;  ///< per leaf; globals
};

/// A checked expression.
struct Tree {
  enum class Kind {
    constant,  ///< value
    null,      ///< the null pointer
    // Places
    object,   ///< index
    member,   ///< kids[0] a place; value: offset in leaves
    element,  ///< kids[0] a place of array type, kids[1] the index
    deref,    ///< kids[0] a pointer's value
    // Values
    load,     ///< kids[0] a place of scalar type
    address,  ///< kids[0] a place
    operate,  ///< op over integers; comparisons and logical_not yield bool
    convert,  ///< integer to integer, or anything to void
    pointer_equal,
    pointer_truth,  ///< is not NULL
    logical_and,    ///< bools
    logical_or,
    conditional,  ///< kids[0] is bool
    comma,
    assign,    ///< kids: place, value (for structures: place, place)
    compound,  ///< kids: place, value; op in operation_type; value: 1 yields the old value
    call,      ///< index: function; kids: arguments
    any_bits,
    any_bool,
    assume,
    assertion,
  };
  Kind kind;
  Loc loc;
  const Type* type = nullptr;
  std::uint64_t value = 0;
  std::uint32_t index = 0;
  Operator op = Operator::add;
  const Type* operation_type = nullptr;
  bool is_const = false;  ///< of a place
  std::vector<std::unique_ptr<Tree>> kids;

  [[nodiscard]] bool is_place() const {
    return kind == Kind::object || kind == Kind::member || kind == Kind::element ||
           kind == Kind::deref;
  }
};
using TreePtr = std::unique_ptr<Tree>;

}  // namespace airlock::c
