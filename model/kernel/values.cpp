// Constants: numbers, enumerators, macros, and what is known of locals.
#include <cstdlib>

#include "model/kernel/analysis.hpp"
#include "model/system/input_error.hpp"

namespace airlock::kernel {
namespace {

unsigned bits_of(const std::string& base, bool& is_signed) {
  is_signed = !(base.starts_with("unsigned") || base.starts_with("u") || base.starts_with("__u") ||
                base == "size_t" || base == "bool" || base == "_Bool" || base.starts_with("gp") ||
                base.starts_with("hp") || base.starts_with("gfn") || base.starts_with("enum"));
  if (base == "bool" || base == "_Bool") {
    return 1;
  }
  if (base.ends_with("64") || base.ends_with("64_t") || base.find("long") != std::string::npos ||
      base == "size_t" || base == "gpa_t" || base == "hpa_t" || base == "gfn_t" ||
      base == "loff_t") {
    return 64;
  }
  if (base.ends_with("16") || base.find("short") != std::string::npos) {
    return 16;
  }
  if (base.ends_with("u8") || base.ends_with("s8") || base.find("char") != std::string::npos) {
    return 8;
  }
  return 32;
}

std::uint64_t fitted(std::uint64_t value, unsigned bits, bool is_signed) {
  if (bits >= 64) {
    return value;
  }
  const std::uint64_t mask = (std::uint64_t{1} << bits) - 1;
  value &= mask;
  if (is_signed && (value >> (bits - 1) & 1U) != 0) {
    value |= ~mask;
  }
  return value;
}

}  // namespace

Constant Analysis::converted(Constant c, const Type& type) {
  if (!type.known() || type.is_struct()) {
    return c;
  }
  if (type.pointers > 0) {
    return {c.value, 64, false};
  }
  bool is_signed = true;
  const unsigned bits = bits_of(type.base, is_signed);
  if (bits == 1) {
    return {c.value != 0 ? 1U : 0U, 32, true};
  }
  return {fitted(c.value, bits, is_signed), bits, is_signed};
}

Abstract Analysis::number(const std::string& text) {
  if (text == "true") {
    return Abstract::of(1);
  }
  if (text == "false" || text == "NULL") {
    return Abstract::of(0);
  }
  if (text.starts_with("'")) {
    return text.size() == 3 ? Abstract::of(static_cast<unsigned char>(text[1])) : Abstract::any();
  }
  if (text.find_first_of(".") != std::string::npos) {
    return Abstract::any();
  }
  const bool binary = text.starts_with("0b") || text.starts_with("0B");
  char* end = nullptr;
  const std::uint64_t value = std::strtoull(text.c_str() + (binary ? 2 : 0), &end, binary ? 2 : 0);
  const std::string suffix = end;
  const bool is_unsigned = suffix.find_first_of("uU") != std::string::npos;
  const bool is_long = suffix.find_first_of("lL") != std::string::npos;
  const bool hex = text.starts_with("0") && text.size() > 1;
  Constant c{value, 32, true};
  if (is_long || value > 0xffffffffU || (value > 0x7fffffffU && !hex && !is_unsigned)) {
    c.bits = 64;
    c.is_signed = !is_unsigned && value <= 0x7fffffffffffffffULL;
  } else {
    c.is_signed = !is_unsigned && value <= 0x7fffffffU;
  }
  return Abstract::of(c);
}

Abstract Analysis::constant_named(const std::string& name) {
  const auto known = constants_.find(name);
  if (known != constants_.end()) {
    return known->second;
  }
  if (!evaluating_.insert(name).second) {
    return Abstract::any();
  }
  static FunctionState nowhere;
  Abstract result = Abstract::any();
  if (const Enumerator* e = index_.enumerator(name)) {
    if (e->value != nullptr) {
      result = value(e->value, nowhere);
    } else if (e->previous == nullptr) {
      result = Abstract::of(0);
    } else if (Abstract before = constant_named(e->previous->name); before.is_constant()) {
      ++before.constant.value;
      result = before;
    }
  }
  evaluating_.erase(name);
  constants_[name] = result;
  return result;
}

/// The value of a block that is an expression, but for what is no code: ({ BUILD_BUG_ON(x); y; }).
const Node* Analysis::only_expression(const Node* block, const FunctionState& in) {
  const Node* last = nullptr;
  for (const Node* each : block->kids) {
    if (each->is == Is::empty) {
      continue;
    }
    if (each->is != Is::expression) {
      return nullptr;
    }
    const Node* what = bare(each->kids[0]);
    if (what->is == Is::call && bare(what->kids[0])->is == Is::name &&
        in_list(lens_.nothing, bare(what->kids[0])->text) != nullptr) {
      continue;
    }
    if (last != nullptr) {
      return nullptr;
    }
    last = each->kids[0];
  }
  static_cast<void>(in);
  return last;
}

Abstract Analysis::tree_value(const std::string& name) {
  FunctionState nowhere;
  if (const auto macro = index_.tree_macros().find(name); macro != index_.tree_macros().end()) {
    const Node* body =
        index_.parse_expression(macro->second.body, macro->second.file, macro->second.line);
    return body == nullptr ? Abstract::any() : value(body, nowhere);
  }
  const auto found = index_.tree_enumerators().find(name);
  if (found == index_.tree_enumerators().end()) {
    return Abstract::any();
  }
  if (found->second.value != nullptr) {
    return value(found->second.value, nowhere);
  }
  if (found->second.previous_name.empty()) {
    return Abstract::of(0);
  }
  Abstract before = tree_value(found->second.previous_name);
  if (before.is_constant()) {
    ++before.constant.value;
  }
  return before;
}

Abstract Analysis::binary(const std::string& op, const Abstract& a, const Abstract& b) {
  using Kind = Abstract::Kind;
  if (op == "&" || op == "*") {
    if (a.is_zero() || b.is_zero()) {
      return Abstract::of(0);
    }
  }
  if (a.kind == Kind::none || b.kind == Kind::none) {
    return {};
  }
  if (a.is_any() || b.is_any()) {
    return Abstract::any();
  }
  Constant x = a.constant;
  Constant y = b.constant;
  const auto promote = [](Constant c) { return c.bits < 32 ? Constant{c.value, 32, true} : c; };
  x = promote(x);
  y = promote(y);
  if (op == "<<" || op == ">>") {
    if (y.value >= x.bits) {
      return Abstract::any();
    }
    std::uint64_t v = 0;
    if (op == "<<") {
      v = x.value << y.value;
    } else if (x.is_signed) {
      v = static_cast<std::uint64_t>(static_cast<std::int64_t>(x.value) >> y.value);
    } else {
      v = fitted(x.value, x.bits, false) >> y.value;
    }
    return Abstract::of(Constant{fitted(v, x.bits, x.is_signed), x.bits, x.is_signed});
  }
  const unsigned bits = x.bits > y.bits ? x.bits : y.bits;
  bool is_signed = true;
  for (const Constant& c : {x, y}) {
    is_signed = is_signed && (c.is_signed || c.bits < bits);
  }
  const std::uint64_t u = fitted(x.value, bits, is_signed);
  const std::uint64_t v = fitted(y.value, bits, is_signed);
  const auto si = static_cast<std::int64_t>(u);
  const auto sj = static_cast<std::int64_t>(v);
  const auto truth = [](bool t) { return Abstract::of(t ? 1 : 0); };
  if (op == "==") {
    return truth(u == v);
  }
  if (op == "!=") {
    return truth(u != v);
  }
  if (op == "<") {
    return truth(is_signed ? si < sj : u < v);
  }
  if (op == ">") {
    return truth(is_signed ? si > sj : u > v);
  }
  if (op == "<=") {
    return truth(is_signed ? si <= sj : u <= v);
  }
  if (op == ">=") {
    return truth(is_signed ? si >= sj : u >= v);
  }
  std::uint64_t r = 0;
  if (op == "+") {
    r = u + v;
  } else if (op == "-") {
    r = u - v;
  } else if (op == "*") {
    r = u * v;
  } else if (op == "&") {
    r = u & v;
  } else if (op == "|") {
    r = u | v;
  } else if (op == "^") {
    r = u ^ v;
  } else if (op == "/" && v != 0 && !(is_signed && (si < 0 || sj < 0))) {
    r = u / v;
  } else if (op == "%" && v != 0 && !(is_signed && (si < 0 || sj < 0))) {
    r = u % v;
  } else {
    return Abstract::any();
  }
  return Abstract::of(Constant{fitted(r, bits, is_signed), bits, is_signed});
}

/// What the expression is in every run, if that is one value. Side effects are not followed here.
Abstract Analysis::value(const Node* node, FunctionState& in) {
  node = bare(node);
  if (node == nullptr || ++depth_ > 200) {
    return Abstract::any();
  }
  struct Leave {
    unsigned& depth;
    ~Leave() { --depth; }
  } leave{depth_};
  if (const Assumption* assumption = assumed(node, in)) {
    const Node* is = assumed_values_.at(assumption->what.names[0]);
    return is == nullptr ? Abstract::any() : value(is, in);
  }
  switch (node->is) {
    case Is::number: return number(node->text);
    case Is::name: {
      if (in.types.contains(node->text)) {
        if (in.address_taken.contains(node->text)) {
          return Abstract::any();
        }
        const auto found = in.values.find(node->text);
        return found == in.values.end() ? Abstract{} : found->second;
      }
      if (index_.enumerator(node->text) != nullptr) {
        return constant_named(node->text);
      }
      if (const Node* body = expansion(node, in)) {
        return body->kids.size() == 1 && body->kids[0]->is == Is::expression
                   ? value(body->kids[0]->kids[0], in)
                   : Abstract::any();
      }
      return Abstract::any();
    }
    case Is::field: {
      const std::string key = field_key(node, in);
      const auto found = frame_values_.find(key);
      if (framed(key)) {
        return found == frame_values_.end() ? Abstract{} : found->second;
      }
      return Abstract::any();
    }
    case Is::unary: {
      if (node->text == "&" || node->text == "*") {
        return Abstract::any();
      }
      const Abstract inner = value(node->kids[0], in);
      if (!inner.is_constant()) {
        return inner;
      }
      const Constant c = inner.constant;
      const unsigned bits = c.bits < 32 ? 32 : c.bits;
      const bool is_signed = c.bits < 32 || c.is_signed;
      if (node->text == "!") {
        return Abstract::of(c.value == 0 ? 1 : 0);
      }
      const std::uint64_t r = node->text == "~"   ? ~c.value
                              : node->text == "-" ? 0 - c.value
                                                  : c.value;
      return Abstract::of(Constant{fitted(r, bits, is_signed), bits, is_signed});
    }
    case Is::binary: {
      const Abstract a = value(node->kids[0], in);
      if (node->text == "&&") {
        if (a.is_zero() || a.kind == Abstract::Kind::none) {
          return a;
        }
        const Abstract b = value(node->kids[1], in);
        if (b.is_zero() || b.kind == Abstract::Kind::none) {
          return b;
        }
        return a.is_true() && b.is_true() ? Abstract::of(1) : Abstract::any();
      }
      if (node->text == "||") {
        if (a.is_true()) {
          return Abstract::of(1);
        }
        if (a.kind == Abstract::Kind::none) {
          return a;
        }
        const Abstract b = value(node->kids[1], in);
        if (b.is_true()) {
          return Abstract::of(1);
        }
        if (b.kind == Abstract::Kind::none) {
          return b;
        }
        return a.is_zero() && b.is_zero() ? Abstract::of(0) : Abstract::any();
      }
      return binary(node->text, a, value(node->kids[1], in));
    }
    case Is::conditional: {
      const Abstract c = value(node->kids[0], in);
      if (c.kind == Abstract::Kind::none) {
        return {};
      }
      if (c.is_constant()) {
        return value(node->kids[c.is_true() ? 1 : 2], in);
      }
      const Abstract a = value(node->kids[1], in);
      const Abstract b = value(node->kids[2], in);
      return a.is_constant() && b.is_constant() && a.constant == b.constant ? a : Abstract::any();
    }
    case Is::cast: {
      Abstract inner = value(node->kids[0], in);
      if (inner.is_constant()) {
        inner.constant = converted(inner.constant, index_.plain(node->type));
      }
      return inner;
    }
    case Is::assign: return node->text == "=" ? value(node->kids[1], in) : Abstract::any();
    case Is::comma: return value(node->kids[1], in);
    case Is::statement_expr: {
      const Node* last = only_expression(node->kids[0], in);
      return last == nullptr ? Abstract::any() : value(last, in);
    }
    case Is::call: {
      if (const Node* body = expansion(node, in)) {
        return body->kids.size() == 1 && body->kids[0]->is == Is::expression
                   ? value(body->kids[0]->kids[0], in)
                   : Abstract::any();
      }
      const Callees& found = callees(node, in);
      if (found.how == Callees::How::transparent && node->kids.size() > 1) {
        return value(node->kids[1], in);
      }
      if (found.targets.empty()) {
        return Abstract::any();
      }
      Abstract all;
      for (const FunctionText* target : found.targets) {
        const FunctionState& to = states_[target->id];
        join(all, to.reached ? to.result : Abstract{}, {});
      }
      return all;
    }
    default: return Abstract::any();
  }
}

bool Analysis::join(Abstract& into, const Abstract& from, const Type& type) {
  using Kind = Abstract::Kind;
  if (from.kind == Kind::none || into.kind == Kind::any) {
    return false;
  }
  Abstract value = from;
  if (value.is_constant()) {
    value.constant = converted(value.constant, type);
  }
  if (into.kind == Kind::none) {
    into = value;
    return true;
  }
  if (value.is_constant() && value.constant.value == into.constant.value) {
    return false;
  }
  into = Abstract::any();
  return true;
}

}  // namespace airlock::kernel
