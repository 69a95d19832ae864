// Types of expressions, as far as fields are to be told apart.
#include <set>

#include "model/kernel/analysis.hpp"

namespace airlock::kernel {
namespace {

Type without_pointer(Type type) {
  if (type.arrays > 0) {
    --type.arrays;
  } else if (type.pointers > 0) {
    --type.pointers;
  } else {
    return {};
  }
  return type;
}

bool compares(const std::string& op) {
  return op == "==" || op == "!=" || op == "<" || op == ">" || op == "<=" || op == ">=" ||
         op == "&&" || op == "||";
}

unsigned width(const Type& type) {
  if (type.pointers > 0) {
    return 64;
  }
  const std::string& base = type.base;
  if (base.find("64") != std::string::npos || base.find("long") != std::string::npos ||
      base == "size_t" || base == "gpa_t" || base == "hpa_t" || base == "gfn_t") {
    return 64;
  }
  return 32;
}

/// A type narrower than int counts as int in an expression.
Type promoted(Type type) {
  static const std::set<std::string> narrow = {
      "bool",      "_Bool", "char",    "signed char", "unsigned char", "short",  "unsigned short",
      "short int", "u8",    "s8",      "u16",         "s16",           "__u8",   "__s8",
      "__u16",     "__s16", "uint8_t", "int8_t",      "uint16_t",      "int16_t"};
  if (type.pointers + type.arrays == 0 && narrow.contains(type.base)) {
    type.base = "int";
  }
  return type;
}

/// What arithmetic on values of two types gives, as far as its width goes: at least an int.
Type joined(const Type& a, const Type& b) {
  if (!a.known() || !b.known()) {
    return a.known() ? promoted(a) : promoted(b);
  }
  if (a.arrays + a.pointers > 0 || a.is_struct()) {
    return a;
  }
  return width(b) > width(a) || b.pointers > 0 ? b : promoted(a);
}

}  // namespace

Type Analysis::type_of(const Node* node, const FunctionState& in) {
  node = bare(node);
  if (node == nullptr || ++depth_ > 200) {
    return {};
  }
  struct Leave {
    unsigned& depth;
    ~Leave() { --depth; }
  } leave{depth_};
  switch (node->is) {
    case Is::name: {
      const auto local = in.types.find(node->text);
      if (local != in.types.end()) {
        return index_.plain(local->second);
      }
      if (const Node* body = expansion(node, in)) {
        return body->kids.size() == 1 && body->kids[0]->is == Is::expression
                   ? type_of(body->kids[0]->kids[0], in)
                   : Type{};
      }
      if (const Global* global = index_.global(node->text)) {
        return index_.plain(global->type);
      }
      if (index_.enumerator(node->text) != nullptr) {
        return {"int"};
      }
      if (index_.function(node->text, index_.text(node->text_id).path) != nullptr) {
        return {"void", 0, 0, true};
      }
      return {};
    }
    case Is::number:
      return {node->text.find_first_of("lL") != std::string::npos ? "unsigned long" : "int"};
    case Is::field: {
      Type base = type_of(node->kids[0], in);
      if (!base.is_struct()) {
        return {};
      }
      const Field* field = index_.field(base.base, node->text);
      return field == nullptr ? Type{} : index_.plain(field->type);
    }
    case Is::index: return index_.plain(without_pointer(type_of(node->kids[0], in)));
    case Is::unary: {
      if (node->text == "*") {
        return index_.plain(without_pointer(type_of(node->kids[0], in)));
      }
      Type inner = type_of(node->kids[0], in);
      if (node->text == "&" && inner.known()) {
        ++inner.pointers;
        return inner;
      }
      return node->text == "!" ? Type{"int"} : promoted(inner);
    }
    case Is::update: return type_of(node->kids[0], in);
    case Is::binary: {
      if (compares(node->text)) {
        return {"int"};
      }
      if (node->text == "<<" || node->text == ">>") {
        return promoted(type_of(node->kids[0], in));
      }
      return joined(type_of(node->kids[0], in), type_of(node->kids[1], in));
    }
    case Is::assign: return type_of(node->kids[0], in);
    case Is::conditional: {
      const Type a = type_of(node->kids[1], in);
      const Type b = type_of(node->kids[2], in);
      return a == b ? a : joined(a, b);
    }
    case Is::cast:
    case Is::compound: return index_.plain(node->type);
    case Is::comma: return type_of(node->kids[1], in);
    case Is::size_of: return {"unsigned long"};
    case Is::statement_expr: {
      const Node* block = node->kids[0];
      return block->kids.empty() || block->kids.back()->is != Is::expression
                 ? Type{}
                 : type_of(block->kids.back()->kids[0], in);
    }
    case Is::call: {
      const Node* callee = bare(node->kids[0]);
      if (callee->is == Is::name && callee->text == "container_of" && node->kids.size() == 4) {
        Type type{std::string(index_.text_of(node->kids[2]))};
        ++type.pointers;
        return type;
      }
      if (const Node* body = expansion(node, in)) {
        return body->kids.size() == 1 && body->kids[0]->is == Is::expression
                   ? type_of(body->kids[0]->kids[0], in)
                   : Type{};
      }
      const Callees& found = callees(node, in);
      if (found.how == Callees::How::transparent && node->kids.size() > 1) {
        return type_of(node->kids[1], in);
      }
      if (!found.targets.empty()) {
        return index_.plain(found.targets.front()->result);
      }
      if (callee->is == Is::name) {
        if (const Type* prototype = index_.prototype(callee->text)) {
          return index_.plain(*prototype);
        }
      }
      return {};
    }
    default: return {};
  }
}

std::string Analysis::field_key(const Node* field, const FunctionState& in) {
  field = bare(field);
  if (field == nullptr || field->is != Is::field) {
    return {};
  }
  const Type base = type_of(field->kids[0], in);
  if (base.is_struct()) {
    const std::string key = base.base + "." + field->text;
    if (tracked_.contains(key) || index_.structure(base.base) != nullptr) {
      return key;
    }
  }
  return tracked_names_.contains(field->text) ? "?." + field->text : "";
}

bool Analysis::hot(const Type& type) const {
  return hot_.contains(type.base);
}

const Singleton* Analysis::singleton(const Type& type) const {
  for (const Singleton& each : lens_.singletons) {
    if (each.type.names[0] == type.base) {
      return &each;
    }
  }
  return nullptr;
}

}  // namespace airlock::kernel
