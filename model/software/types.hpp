// C types, as x86-64 Linux lays them out (LP64), and their scalars ("leaves").
//
// An object is the sequence of its scalars: a struct's members and an array's elements in order. A
// place inside an object is the number of the first leaf, which makes member access and indexing
// additions, as addresses are in hardware, without bytes.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "model/software/source.hpp"
#include "model/system/system.hpp"

namespace airlock::c {

struct Type;

struct Field {
  std::string name;
  const Type* type;
  bool is_const;
  unsigned offset;  ///< in leaves
};

struct Type {
  enum class Kind { void_type, integer, pointer, array, structure, function };
  Kind kind = Kind::void_type;
  std::string name;  ///< as messages show it

  // integer
  unsigned width = 0;
  bool is_signed = false;
  bool is_bool = false;
  unsigned rank =
      0;  ///< C's integer conversion rank: bool 0, char 1, short 2, int 3, long 4, long long 5
  std::vector<std::pair<std::string, std::uint64_t>> enumerators;

  // pointer, array; function: the result
  const Type* target = nullptr;
  bool target_const = false;
  std::uint64_t count = 0;  ///< array; 0 for []

  // structure
  std::vector<Field> fields;
  bool complete = true;
  Loc loc;

  // function
  std::vector<const Type*> parameters;

  unsigned leaves = 0;     ///< scalars in an object of this type
  std::uint64_t size = 0;  ///< bytes, as sizeof
  std::uint64_t alignment = 1;

  [[nodiscard]] bool is_integer() const { return kind == Kind::integer; }
  [[nodiscard]] bool is_pointer() const { return kind == Kind::pointer; }
  [[nodiscard]] bool is_scalar() const { return is_integer() || is_pointer(); }
  [[nodiscard]] bool is_void() const { return kind == Kind::void_type; }
  [[nodiscard]] bool is_structure() const { return kind == Kind::structure; }
  [[nodiscard]] bool is_array() const { return kind == Kind::array; }
  [[nodiscard]] bool is_function() const { return kind == Kind::function; }
  /// How a value is held: bool as Bool, other integers in their width.
  [[nodiscard]] Sort sort() const { return is_bool ? Sort::boolean() : Sort::bits(width); }
};

/// Owns all types of a program. Integers are unique; pointers, arrays and functions are compared
/// with `same`.
class Types {
 public:
  Types();
  /// The integer type of these words ("unsigned long", "u64", "uint8_t", "bool"), or null.
  [[nodiscard]] const Type* named(const std::string& words) const;
  [[nodiscard]] const Type* void_type() const { return void_; }
  [[nodiscard]] const Type* boolean() const { return bool_; }
  [[nodiscard]] const Type* int_type() const { return int_; }
  [[nodiscard]] const Type* unsigned_int() const { return unsigned_; }
  [[nodiscard]] const Type* unsigned_long() const { return unsigned_long_; }
  /// int, unsigned, long, unsigned long, long long, unsigned long long: rank 3..5.
  [[nodiscard]] const Type* integer(unsigned rank, bool is_signed) const;
  [[nodiscard]] const Type* pointer_to(const Type* target, bool target_const);
  [[nodiscard]] const Type* array_of(const Type* element, bool element_const, std::uint64_t count);
  [[nodiscard]] const Type* function(const Type* result, std::vector<const Type*> parameters);
  Type* enumeration(const std::string& tag);
  Type* structure(const std::string& tag, Loc loc);
  /// Computes offsets and size once the fields are there.
  static void lay_out(Type& structure);

  /// Integer promotion, and the usual arithmetic conversions.
  [[nodiscard]] const Type* promoted(const Type* type) const;
  [[nodiscard]] const Type* common(const Type* a, const Type* b) const;

 private:
  Type* make(Type::Kind kind, std::string name);
  Type* make_integer(std::string name, unsigned width, bool is_signed, unsigned rank);
  std::deque<Type> types_;
  std::vector<std::pair<std::string, const Type*>> names_;
  const Type* void_;
  const Type* bool_;
  const Type* int_;
  const Type* unsigned_;
  const Type* unsigned_long_;
  const Type* by_rank_[2][3];
};

[[nodiscard]] bool same(const Type* a, const Type* b);

/// Leaf `index` of an object of this type: its path (".arch.dr6", "[2]") and its type.
struct Leaf {
  std::string path;
  const Type* type;
  bool is_const = false;
};
[[nodiscard]] Leaf leaf_of(const Type* type, unsigned index);

}  // namespace airlock::c
