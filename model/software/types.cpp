#include "model/software/types.hpp"

#include <algorithm>
#include <cassert>

namespace airlock::c {

Type* Types::make(Type::Kind kind, std::string name) {
  types_.emplace_back();
  types_.back().kind = kind;
  types_.back().name = std::move(name);
  return &types_.back();
}

Type* Types::make_integer(std::string name, unsigned width, bool is_signed, unsigned rank) {
  Type* type = make(Type::Kind::integer, std::move(name));
  type->width = width;
  type->is_signed = is_signed;
  type->rank = rank;
  type->leaves = 1;
  type->size = std::max(width / 8, 1U);
  type->alignment = type->size;
  return type;
}

Types::Types() {
  void_ = make(Type::Kind::void_type, "void");
  Type* boolean = make_integer("bool", 1, false, 0);
  boolean->is_bool = true;
  bool_ = boolean;
  const Type* character = make_integer("char", 8, true, 1);
  const Type* signed_char = make_integer("signed char", 8, true, 1);
  const Type* unsigned_char = make_integer("unsigned char", 8, false, 1);
  const Type* short_type = make_integer("short", 16, true, 2);
  const Type* unsigned_short = make_integer("unsigned short", 16, false, 2);
  int_ = make_integer("int", 32, true, 3);
  unsigned_ = make_integer("unsigned int", 32, false, 3);
  const Type* long_type = make_integer("long", 64, true, 4);
  unsigned_long_ = make_integer("unsigned long", 64, false, 4);
  const Type* long_long = make_integer("long long", 64, true, 5);
  const Type* unsigned_long_long = make_integer("unsigned long long", 64, false, 5);
  by_rank_[1][0] = int_;
  by_rank_[0][0] = unsigned_;
  by_rank_[1][1] = long_type;
  by_rank_[0][1] = unsigned_long_;
  by_rank_[1][2] = long_long;
  by_rank_[0][2] = unsigned_long_long;
  names_ = {{"bool", bool_},
            {"_Bool", bool_},
            {"char", character},
            {"signed char", signed_char},
            {"unsigned char", unsigned_char},
            {"short", short_type},
            {"unsigned short", unsigned_short},
            {"int", int_},
            {"unsigned", unsigned_},
            {"long", long_type},
            {"unsigned long", unsigned_long_},
            {"long long", long_long},
            {"unsigned long long", unsigned_long_long},
            {"size_t", unsigned_long_},
            {"ssize_t", long_type},
            {"uintptr_t", unsigned_long_},
            {"intptr_t", long_type},
            {"ptrdiff_t", long_type}};
  const std::pair<const Type*, const Type*> by_width[] = {{signed_char, unsigned_char},
                                                          {short_type, unsigned_short},
                                                          {int_, unsigned_},
                                                          {long_long, unsigned_long_long}};
  for (unsigned i = 0; i < 4; ++i) {
    const std::string bits = std::to_string(8U << i);
    for (const char* prefix : {"s", "__s"}) {
      names_.emplace_back(prefix + bits, by_width[i].first);
    }
    for (const char* prefix : {"u", "__u"}) {
      names_.emplace_back(prefix + bits, by_width[i].second);
    }
    // The standard's 64-bit names are long on LP64, the kernel's long long.
    names_.emplace_back("int" + bits + "_t", i == 3 ? long_type : by_width[i].first);
    names_.emplace_back("uint" + bits + "_t", i == 3 ? unsigned_long_ : by_width[i].second);
  }
}

const Type* Types::named(const std::string& words) const {
  for (const auto& [name, type] : names_) {
    if (name == words) {
      return type;
    }
  }
  // The words in any order: count them.
  unsigned longs = 0;
  unsigned shorts = 0;
  unsigned signs = 0;
  unsigned unsigneds = 0;
  unsigned chars = 0;
  unsigned ints = 0;
  std::size_t begin = 0;
  while (begin < words.size()) {
    const std::size_t end = std::min(words.find(' ', begin), words.size());
    const std::string word = words.substr(begin, end - begin);
    unsigned* const counter = word == "long"       ? &longs
                              : word == "short"    ? &shorts
                              : word == "signed"   ? &signs
                              : word == "unsigned" ? &unsigneds
                              : word == "char"     ? &chars
                              : word == "int"      ? &ints
                                                   : nullptr;
    if (counter == nullptr) {
      return nullptr;
    }
    ++*counter;
    begin = end + 1;
  }
  if (longs > 2 || shorts > 1 || signs + unsigneds > 1 || chars + ints > 1 ||
      (chars == 1 && longs + shorts > 0) || (longs > 0 && shorts > 0) ||
      longs + shorts + signs + unsigneds + chars + ints == 0) {
    return nullptr;
  }
  const std::string sign =
      unsigneds != 0 ? "unsigned " : (chars != 0 && signs != 0 ? "signed " : "");
  const std::string base = chars != 0    ? "char"
                           : shorts != 0 ? "short"
                           : longs == 2  ? "long long"
                           : longs == 1  ? "long"
                                         : "int";
  return sign + base == "unsigned int" ? unsigned_ : named(sign + base);
}

const Type* Types::integer(unsigned rank, bool is_signed) const {
  assert(rank >= 3 && rank <= 5);
  return by_rank_[is_signed ? 1 : 0][rank - 3];
}

const Type* Types::pointer_to(const Type* target, bool target_const) {
  for (const Type& type : types_) {
    if (type.is_pointer() && type.target == target && type.target_const == target_const) {
      return &type;
    }
  }
  Type* type = make(Type::Kind::pointer, (target_const ? "const " : "") + target->name + " *");
  type->target = target;
  type->target_const = target_const;
  type->leaves = 1;
  type->size = type->alignment = 8;
  type->width = 64;
  return type;
}

const Type* Types::array_of(const Type* element, bool element_const, std::uint64_t count) {
  Type* type = make(Type::Kind::array, element->name + "[" + std::to_string(count) + "]");
  type->target = element;
  type->target_const = element_const;
  type->count = count;
  type->leaves = static_cast<unsigned>(element->leaves * count);
  type->size = element->size * count;
  type->alignment = element->alignment;
  return type;
}

const Type* Types::function(const Type* result, std::vector<const Type*> parameters) {
  std::string name = result->name + " (";
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    name += (i == 0 ? "" : ", ") + parameters[i]->name;
  }
  Type* type = make(Type::Kind::function, name + (parameters.empty() ? "void)" : ")"));
  type->target = result;
  type->parameters = std::move(parameters);
  return type;
}

Type* Types::enumeration(const std::string& tag) {
  // As GCC and Clang do where no enumerator is negative: unsigned int.
  return make_integer(tag.empty() ? "enum" : "enum " + tag, 32, false, 3);
}

Type* Types::structure(const std::string& tag, Loc loc) {
  Type* type = make(Type::Kind::structure, tag.empty() ? "struct" : "struct " + tag);
  type->complete = false;
  type->loc = loc;
  return type;
}

void Types::lay_out(Type& structure) {
  structure.leaves = 0;
  structure.size = 0;
  for (Field& field : structure.fields) {
    field.offset = structure.leaves;
    structure.leaves += field.type->leaves;
    const std::uint64_t a = field.type->alignment;
    structure.alignment = std::max(structure.alignment, a);
    structure.size = (structure.size + a - 1) / a * a + field.type->size;
  }
  const std::uint64_t a = structure.alignment;
  structure.size = (structure.size + a - 1) / a * a;
  structure.complete = true;
}

const Type* Types::promoted(const Type* type) const {
  assert(type->is_integer());
  if (type->rank < 3) {
    return int_;
  }
  return integer(type->rank, type->is_signed);
}

const Type* Types::common(const Type* a, const Type* b) const {
  a = promoted(a);
  b = promoted(b);
  if (a == b) {
    return a;
  }
  if (a->is_signed == b->is_signed) {
    return a->rank > b->rank ? a : b;
  }
  const Type* const without = a->is_signed ? b : a;
  const Type* const with = a->is_signed ? a : b;
  if (without->rank >= with->rank) {
    return without;
  }
  return with->width > without->width ? with : integer(with->rank, false);
}

bool same(const Type* a, const Type* b) {
  if (a == b) {
    return true;
  }
  if (a->kind != b->kind) {
    return false;
  }
  switch (a->kind) {
    case Type::Kind::void_type: return true;
    case Type::Kind::integer:
      // An enumeration without a definition of its own counts as its integer.
      return a->width == b->width && a->is_signed == b->is_signed && a->is_bool == b->is_bool;
    case Type::Kind::pointer:
      return a->target_const == b->target_const && same(a->target, b->target);
    case Type::Kind::array: return a->count == b->count && same(a->target, b->target);
    case Type::Kind::structure: return false;
    case Type::Kind::function:
      return same(a->target, b->target) && a->parameters.size() == b->parameters.size() &&
             std::equal(a->parameters.begin(), a->parameters.end(), b->parameters.begin(), same);
  }
  return false;
}

Leaf leaf_of(const Type* type, unsigned index) {
  Leaf leaf{{}, type, false};
  while (!leaf.type->is_scalar()) {
    if (leaf.type->is_array()) {
      const unsigned stride = leaf.type->target->leaves;
      leaf.path += "[" + std::to_string(index / stride) + "]";
      index %= stride;
      leaf.is_const = leaf.is_const || leaf.type->target_const;
      leaf.type = leaf.type->target;
      continue;
    }
    assert(leaf.type->is_structure());
    const Field* inside = nullptr;
    for (const Field& field : leaf.type->fields) {
      if (field.offset <= index && index < field.offset + field.type->leaves) {
        inside = &field;
      }
    }
    assert(inside != nullptr);
    leaf.path += "." + inside->name;
    leaf.is_const = leaf.is_const || inside->is_const;
    index -= inside->offset;
    leaf.type = inside->type;
  }
  return leaf;
}

}  // namespace airlock::c
