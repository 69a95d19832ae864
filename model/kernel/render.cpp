// Writing an expression of the slice: the tree's text, with what is not tracked as a free choice
// (rule 4), what the lens assumes as its value (rule 1), and calls through pointers resolved.
#include <algorithm>
#include <fmt/format.h>

#include "model/kernel/slicer.hpp"

namespace airlock::kernel {
namespace {

bool is_pointer(const Type& type) {
  return type.pointers + type.arrays > 0;
}

}  // namespace

/// As many lines as the node has.
std::string Slicer::padded(const Node* node, std::string text) {
  const std::string_view original = analysis_.index().text_of(node);
  const auto wanted = std::count(original.begin(), original.end(), '\n');
  const auto has = std::count(text.begin(), text.end(), '\n');
  if (has < wanted) {
    text.append(static_cast<std::size_t>(wanted - has), '\n');
  }
  return text;
}

/// The node's own text, with other texts for some of its parts.
std::string Slicer::composed(const Node* node,
                             const std::vector<std::pair<const Node*, std::string>>& kids) {
  const Index& index = analysis_.index();
  std::string result;
  std::uint32_t at = node->begin;
  for (const auto& [kid, text] : kids) {
    result += index.slice(node->text_id, at, kid->begin);
    result += text;
    at = kid->end;
  }
  result += index.slice(node->text_id, at, node->end);
  return result;
}

std::string Slicer::constant_text(const Constant& c) {
  if (c.is_signed) {
    const auto value = static_cast<std::int64_t>(c.value);
    const char* suffix = c.bits > 32 ? "L" : "";
    return value < 0 ? fmt::format("({}{})", value, suffix) : fmt::format("{}{}", value, suffix);
  }
  return c.bits > 32 ? fmt::format("{:#x}UL", c.value)
                     : fmt::format("{:#x}U", c.value & 0xffffffffU);
}

std::string Slicer::type_text(const Type& type) {
  types.insert(type.base);
  return type.base + " " + std::string(type.pointers, '*');
}

std::string Slicer::name_of(const FunctionText* function) {
  if (function->from_lens) {
    return function->name;
  }
  static const std::set<std::string> taken = {"vcpu_run", "vcpu_load", "vcpu_create", "boot",
                                              "guest_dr6"};
  std::string name = function->name;
  bool clash = taken.contains(name) || analysis_.machine_functions().contains(name);
  for (const char* prefix :
       {"irq_", "nmi_", "task_switch_", "always_", "never_", "reachable_", "symptom_"}) {
    clash = clash || name.starts_with(prefix);
  }
  for (const FunctionText* other : kept_) {
    clash = clash || (other != function && other->name == name);
  }
  if (!clash) {
    return name;
  }
  std::string file = function->path.substr(function->path.rfind('/') + 1);
  std::replace_if(
      file.begin(), file.end(), [](char c) { return std::isalnum(c) == 0; }, '_');
  return file + "__" + name;
}

std::string Slicer::any(const Type& type, const Node* node, FunctionState& in, Met& met) {
  met.rewritten = true;
  met.untracked = true;
  if (is_pointer(type)) {
    if (const Singleton* single = analysis_.singleton(type);
        single != nullptr && type.pointers == 1) {
      met.rules.insert("singleton");
      return "(&" + single->object + ")";
    }
    met.rules.insert("pointer");
    return "0";
  }
  met.rules.insert("untracked");
  if (node != nullptr) {
    if (const auto few = analysis_.possible(node, in); few && few->size() <= 8) {
      std::string text;
      std::size_t i = 0;
      for (const std::uint64_t value : *few) {
        const std::string shown = constant_text({value, 32, true});
        text += ++i == few->size() ? shown : "any_bool() ? " + shown + " : ";
      }
      return few->size() == 1 ? text : "(" + text + ")";
    }
  }
  if (type.base == "bool" || type.base == "_Bool") {
    return "any_bool()";
  }
  const Type plain = analysis_.index().plain(type);
  const std::string& base = plain.base;
  if (base.find("64") != std::string::npos || base.find("long") != std::string::npos ||
      base == "size_t") {
    return "any_bits(~0UL)";
  }
  if (base == "u8" || base == "s8" || base == "__u8" || base.find("char") != std::string::npos) {
    return "any_bits(0xff)";
  }
  if (base == "u16" || base == "s16" || base == "__u16" ||
      base.find("short") != std::string::npos) {
    return "any_bits(0xffff)";
  }
  return "any_bits(0xffffffff)";
}

bool Slicer::writes_needed_local(const Node* node, FunctionState& in) {
  if (now_ == nullptr) {
    return false;
  }
  const std::set<std::string>& needed = needs_[now_->id].locals;
  const auto needs = [&](const Node* place) {
    return place->is == Is::name && in.types.contains(place->text) && needed.contains(place->text);
  };
  const auto points = [&](const Node* pointer) {
    const Pointees to = analysis_.pointees(pointer, in);
    return std::any_of(to.places.begin(), to.places.end(), needs);
  };
  bool found = false;
  walk(node, [&](const Node* each) {
    if (each->is == Is::assign || each->is == Is::update) {
      const Node* target = bare(each->kids[0]);
      found = found || needs(target) ||
              ((target->is == Is::unary || target->is == Is::index) && points(target->kids[0]));
      return;
    }
    if (each->is != Is::call) {
      return;
    }
    if (const Node* body = analysis_.expansion(each, in)) {
      found = found || writes_needed_local(body, in);
      return;
    }
    const Callees& callees = analysis_.callees(each, in);
    for (const FunctionText* callee : callees.targets) {
      for (const unsigned i : analysis_.state(callee).effects.through) {
        found = found || (i + 1 < each->kids.size() && points(each->kids[i + 1]));
      }
    }
    if (callees.how == Callees::How::outside) {
      for (std::size_t i = 1; i < each->kids.size(); ++i) {
        const Node* argument = bare(each->kids[i]);
        found = found || (argument->is == Is::unary && argument->text == "&" &&
                          needs(bare(argument->kids[0])));
      }
    }
  });
  return found;
}

/// Whether it is a call of a function, and not a macro around its argument.
bool Slicer::enters(const Node* node, FunctionState& in) {
  return node->is == Is::call && analysis_.expansion(node, in) == nullptr &&
         analysis_.callees(node, in).how != Callees::How::transparent;
}

/// Whether running it changes anything that is kept.
bool Slicer::acts(const Node* node, FunctionState& in) {
  const Effects effects = analysis_.effects_of(node, in);
  // Where nothing else is kept, interrupts and preemption are balanced (checked): no matter.
  const bool matters = now_ == nullptr || analysis_.state(now_).effects.strong;
  if (effects.strong || (matters && (effects.tightens || effects.loosens))) {
    return true;
  }
  for (const std::string& key : effects.frame) {
    if (frame_needed_.contains(key)) {
      return true;
    }
  }
  for (const unsigned i : effects.through) {
    if (now_ != nullptr && needs_[now_->id].out.contains(i)) {
      return true;
    }
  }
  return writes_needed_local(node, in);
}

/// Literals, enumerators and constant macros, and operators on them.
bool Slicer::plain_constant(const Node* node, FunctionState& in) {
  node = bare(node);
  switch (node->is) {
    case Is::number: return true;
    case Is::name:
      return !in.types.contains(node->text) && analysis_.value(node, in).is_constant() &&
             analysis_.assumed(node, in) == nullptr;
    case Is::unary:
    case Is::binary:
      return std::all_of(node->kids.begin(), node->kids.end(),
                         [&](const Node* kid) { return plain_constant(kid, in); });
    case Is::call: {
      const Node* callee = bare(node->kids[0]);
      static const std::set<std::string> known = {"BIT", "BIT_ULL", "GENMASK", "GENMASK_ULL"};
      return callee->is == Is::name && known.contains(callee->text) &&
             std::all_of(node->kids.begin() + 1, node->kids.end(),
                         [&](const Node* kid) { return plain_constant(kid, in); });
    }
    default: return false;
  }
}

std::string Slicer::pointer_text(const Node* node, FunctionState& in, Met& met) {
  const Node* inner = bare(node);
  if (inner->is == Is::name && !in.types.contains(inner->text)) {
    if (const FunctionText* function =
            analysis_.index().function(inner->text, analysis_.index().text(inner->text_id).path)) {
      tags.insert(function->name);
      met.rewritten = true;
      met.rules.insert("function pointer");
      return "airlock_at_" + function->name;
    }
  }
  return {};
}

/// A field with a mask, read as a whole: the bits beside the mask are anything.
std::string Slicer::beside_mask(const Node* node, const std::string& own, const std::string& key,
                                FunctionState& in, Met& met) {
  const Type type = analysis_.type_of(node, in);
  const Constant mask = analysis_.converted({analysis_.mask_value(key), 64, false}, type);
  const Constant rest = analysis_.converted({~mask.value, 64, false}, type);
  met.rewritten = true;
  met.untracked = true;
  met.rules.insert("untracked");
  const auto plain = [&](Constant c) {
    return constant_text({c.value, c.bits > 32 ? 64U : 32U, false});
  };
  return fmt::format("({} & {} | {}any_bits({}))", own, plain(mask), rest.bits > 32 ? "" : "(u32)",
                     plain(rest));
}

/// A write that is left out changes nothing that is kept; else it is one that cannot be written.
void Slicer::must_not_matter(const Node* target, FunctionState& in) {
  const Effects effects = analysis_.write_effects(target, in);
  bool matters = effects.strong;
  for (const std::string& key : effects.frame) {
    matters = matters || frame_needed_.contains(key);
  }
  for (const unsigned i : effects.through) {
    matters = matters || (now_ != nullptr && needs_[now_->id].out.contains(i));
  }
  if (matters) {
    analysis_.fail(target,
                   "this write may change tracked state, and the slice cannot say how" +
                       (effects.why.empty() ? std::string() : " (" + effects.why + ")"),
                   "a function of the lens in its place");
  }
}

/// `{ .field = value }` of a local that is kept: the fields that are followed.
std::string Slicer::initialiser_text(const Node* node, const Type& type, FunctionState& in,
                                     Met& met) {
  std::string result;
  for (const Node* kid : node->kids) {
    if (kid->is == Is::designated && kid->kids.size() == 1 && kid->text.starts_with(".")) {
      if (analysis_.tracked(type.base + kid->text)) {
        result += kid->text + " = " + text(kid->kids[0], in, met) + ", ";
        continue;
      }
      if (!acts(kid->kids[0], in)) {
        continue;
      }
    } else if (bare(kid)->is == Is::number && bare(kid)->text == "0") {
      continue;
    }
    analysis_.fail(node, "an initialiser of this form is kept", "{ .field = value }");
  }
  met.rewritten = true;
  met.rules.insert("initialiser");
  return padded(node, "{ " + (result.empty() ? "0 " : result) + "}");
}

/// What a tracked field is a field of, or what is dereferenced: an object that is followed.
std::string Slicer::base_text(const Node* node, FunctionState& in, Met& met) {
  const Node* base = node->kids[0];
  std::string result = text(base, in, met);
  const bool dereferenced = node->is == Is::unary ? node->text == "*" : node->arrow;
  if (dereferenced && result.find_first_not_of("( )\n") != std::string::npos &&
      result.substr(result.find_first_not_of("( ")).starts_with("0") &&
      result.find_first_not_of("0()\n ") == std::string::npos) {
    analysis_.fail(node, "tracked state is reached through a pointer that is not followed",
                   "a pointer to a singleton, or a function of the lens");
  }
  return result;
}

std::string Slicer::text(const Node* node, FunctionState& in, Met& met) {
  Index& index = analysis_.index();
  const Node* inner = bare(node);
  const bool active = acts(node, in);
  const Abstract known = analysis_.value(node, in);
  if (known.is_constant() && !active) {
    if (plain_constant(node, in)) {
      walk(node, [&](const Node* each) {
        if (each->is == Is::name) {
          constants.insert(each->text);
        }
      });
      return std::string(index.text_of(node));
    }
    if (!is_pointer(analysis_.type_of(node, in))) {
      met.rewritten = true;
      met.rules.insert("constant");
      return padded(node, constant_text(known.constant));
    }
  }
  if (const Assumption* assumption = analysis_.assumed(inner, in)) {
    met.rewritten = true;
    met.rules.insert("assumed");
    if (assumption->value != "any") {
      // A function of the C half that it calls is kept, too.
      walk(analysis_.assumed_value(*assumption), [&](const Node* each) {
        if (each->is == Is::call) {
          Met calls;
          call_text(each, in, calls, true);
        }
      });
      return padded(node, "(" + assumption->value + ")");
    }
    return padded(node, any(analysis_.type_of(node, in), node, in, met));
  }
  if (node != inner) {
    return composed(node, {{node->kids[0], text(node->kids[0], in, met)}});
  }
  const int rank = analysis_.rank(node, in);
  if (!active && (rank == 0 || (rank == 1 && enters(node, in)))) {
    Type type = analysis_.type_of(node, in);
    return padded(node, any(type, node, in, met));
  }
  switch (node->is) {
    case Is::number: return std::string(index.text_of(node));
    case Is::name: {
      if (in.by_assembly.contains(node->text)) {
        return padded(node, any(analysis_.type_of(node, in), node, in, met));
      }
      if (in.types.contains(node->text)) {
        met.locals.insert(node->text);
        return node->text;
      }
      if (const std::string pointer = pointer_text(node, in, met); !pointer.empty()) {
        return pointer;
      }
      if (const Node* body = analysis_.expansion(node, in)) {
        if (body->kids.size() == 1 && body->kids[0]->is == Is::expression) {
          met.rewritten = true;
          met.rules.insert("macro");
          return "(" + text(body->kids[0]->kids[0], in, met) + ")";
        }
      }
      if (analysis_.lens_globals().contains(node->text)) {
        return node->text;
      }
      return padded(node, any(analysis_.type_of(node, in), node, in, met));
    }
    case Is::field: {
      const std::string key = analysis_.field_key(node, in);
      if (analysis_.framed(key)) {
        if (frame_needed_.insert(key).second) {
          changed_ = true;
        }
      } else if (key.starts_with("?.")) {
        analysis_.fail(node,
                       "the type of what has the tracked field '" + node->text + "' is not known",
                       "a type that the files of the lens declare");
      } else if (!analysis_.tracked(key)) {
        return padded(node, any(analysis_.type_of(node, in), node, in, met));
      } else if (analysis_.is_ghost(key)) {
        met.rewritten = true;
        met.rules.insert("ghost");
        return padded(node, analysis_.mask_of(key).substr(1));
      }
      const std::string own = composed(node, {{node->kids[0], base_text(node, in, met)}});
      return !analysis_.framed(key) && analysis_.has_mask(key)
                 ? beside_mask(node, own, key, in, met)
                 : own;
    }
    case Is::unary:
      if (node->text == "!") {
        return composed(node, {{node->kids[0], truth(node->kids[0], in, met)}});
      }
      if (node->text == "&") {
        const std::string key = analysis_.field_key(bare(node->kids[0]), in);
        if (analysis_.tracked(key) && analysis_.has_mask(key)) {
          analysis_.fail(node, "the address of a field with a mask is kept",
                         "a function of the lens in its place, or the field without a mask");
        }
      }
      return composed(node, {{node->kids[0], base_text(node, in, met)}});
    case Is::binary: {
      const std::string& op = node->text;
      if (op == "&&" || op == "||") {
        return truth(node, in, met);
      }
      if (const Node* mask = active ? nullptr : analysis_.narrowed(node, in)) {
        met.rewritten = true;
        met.untracked = true;
        met.rules.insert("untracked");
        return padded(node, "any_bits(" + text(mask, in, met) + ")");
      }
      const auto side = [&](unsigned i) {
        // A masked field under its mask is read as it is.
        const Node* field = bare(node->kids[i]);
        if (op == "&" && field->is == Is::field && analysis_.masked(field, node->kids[1 - i], in)) {
          return composed(field, {{field->kids[0], base_text(field, in, met)}});
        }
        return text(node->kids[i], in, met);
      };
      const std::string left = side(0);
      return composed(node, {{node->kids[0], left}, {node->kids[1], side(1)}});
    }
    case Is::conditional: {
      const Abstract first = analysis_.value(node->kids[0], in);
      if (first.is_constant() && !acts(node->kids[0], in)) {
        met.rewritten = true;
        met.rules.insert("configuration");
        return padded(node, "(" + text(node->kids[first.is_true() ? 1 : 2], in, met) + ")");
      }
      const std::string c = truth(node->kids[0], in, met);
      const std::string a = text(node->kids[1], in, met);
      return composed(
          node,
          {{node->kids[0], c}, {node->kids[1], a}, {node->kids[2], text(node->kids[2], in, met)}});
    }
    case Is::cast: {
      if (is_pointer(index.plain(node->type))) {
        return padded(node, any(index.plain(node->type), nullptr, in, met));
      }
      types.insert(node->type.base);
      return composed(node, {{node->kids[0], text(node->kids[0], in, met)}});
    }
    case Is::comma: {
      const std::string first = effect(node->kids[0], in, met);
      if (first.empty()) {
        met.rewritten = true;
        met.rules.insert("dropped");
        return padded(node, text(node->kids[1], in, met));
      }
      return composed(node,
                      {{node->kids[0], first}, {node->kids[1], text(node->kids[1], in, met)}});
    }
    case Is::update: return composed(node, {{node->kids[0], text(node->kids[0], in, met)}});
    case Is::assign: {
      const Node* target = bare(node->kids[0]);
      std::string left;
      bool keeps = false;
      if (target->is == Is::name && in.types.contains(target->text)) {
        keeps = now_ != nullptr && needs_[now_->id].locals.contains(target->text);
        left = target->text;
      } else if (target->is == Is::name) {
        keeps = analysis_.lens_globals().contains(target->text);
        left = target->text;
      } else if (target->is == Is::field) {
        const std::string key = analysis_.field_key(target, in);
        keeps = analysis_.framed(key) ? frame_needed_.contains(key) : analysis_.tracked(key);
        if (key.starts_with("?.")) {
          analysis_.fail(
              target, "the type of what has the tracked field '" + target->text + "' is not known",
              "a type that the files of the lens declare");
        }
        if (keeps && analysis_.tracked(key) && analysis_.is_ghost(key)) {
          met.rewritten = true;
          met.rules.insert("ghost");
          left = analysis_.mask_of(key).substr(1);
        } else if (keeps) {
          left = composed(target, {{target->kids[0], base_text(target, in, met)}});
        }
      } else if (target->is == Is::unary && target->text == "*") {
        const Effects effects = analysis_.effects_of(node, in);
        keeps = effects.strong || writes_needed_local(node, in);
        for (const unsigned i : effects.through) {
          keeps = keeps || (now_ != nullptr && needs_[now_->id].out.contains(i));
        }
        if (keeps) {
          left = composed(target, {{target->kids[0], base_text(target, in, met)}});
        }
      }
      if (!keeps) {
        must_not_matter(target, in);
        met.rewritten = true;
        met.rules.insert("dropped");
        return padded(node, text(node->kids[1], in, met));
      }
      std::string right = text(node->kids[1], in, met);
      if (is_pointer(analysis_.type_of(node->kids[0], in)) && right == "0") {
        analysis_.fail(node, "a tracked pointer gets a value that is not followed",
                       "a pointer to an object of the lens");
      }
      return composed(node, {{node->kids[0], left}, {node->kids[1], right}});
    }
    case Is::statement_expr:
      if (const Node* last = analysis_.only_expression(node->kids[0], in)) {
        met.rewritten = true;
        met.rules.insert("macro");
        return padded(node, "(" + text(last, in, met) + ")");
      }
      analysis_.fail(node, "a statement expression of several statements is kept",
                     "a function of the lens in its place");
    case Is::call: return call_text(node, in, met, true);
    case Is::size_of: return std::string(index.text_of(node));
    case Is::index:
      analysis_.fail(node, "an element of an array is tracked", "a function of the lens");
    case Is::assembly:
      analysis_.fail(node, "assembly is kept", "a function of the lens in its place");
    case Is::bad: analysis_.fail(node, "a kept statement is not C as the parser knows it", "");
    default:
      analysis_.fail(node, "this kind of expression is kept",
                     "a function of the lens in its place");
  }
}

std::string Slicer::truth(const Node* node, FunctionState& in, Met& met) {
  const Node* inner = bare(node);
  const bool active = acts(node, in);
  const Abstract known = analysis_.value(node, in);
  if (known.is_constant() && !active) {
    if (plain_constant(node, in)) {
      return text(node, in, met);
    }
    met.rewritten = true;
    met.rules.insert("configuration");
    return padded(node, known.is_true() ? "1" : "0");
  }
  const int rank = analysis_.rank(inner, in);
  if (!active && analysis_.assumed(inner, in) == nullptr &&
      (rank == 0 || (rank == 1 && enters(inner, in)) || analysis_.narrowed(inner, in) != nullptr)) {
    met.rewritten = true;
    met.untracked = true;
    met.rules.insert("untracked");
    return padded(node, "any_bool()");
  }
  if (node != inner) {
    return composed(node, {{node->kids[0], truth(node->kids[0], in, met)}});
  }
  if (node->is == Is::call && node->kids.size() == 2 && analysis_.expansion(node, in) == nullptr &&
      shows_through(bare(node->kids[0])->text)) {
    return composed(node, {{node->kids[1], truth(node->kids[1], in, met)}});
  }
  if (const std::string key = analysis_.field_key(node, in);
      analysis_.tracked(key) && !analysis_.framed(key) && analysis_.has_mask(key)) {
    met.rewritten = true;
    met.untracked = true;
    met.rules.insert("untracked");
    const std::string own = composed(node, {{node->kids[0], text(node->kids[0], in, met)}});
    return padded(node,
                  fmt::format("(({} & {:#x}UL) || any_bool())", own, analysis_.mask_value(key)));
  }
  if (node->is == Is::binary && (node->text == "&&" || node->text == "||")) {
    const std::string left = truth(node->kids[0], in, met);
    return composed(node, {{node->kids[0], left}, {node->kids[1], truth(node->kids[1], in, met)}});
  }
  if (analysis_.rank(node, in) == 0 && analysis_.assumed(node, in) == nullptr) {
    std::string done = effect(node, in, met);
    met.rewritten = true;
    met.untracked = true;
    met.rules.insert("untracked");
    return padded(node, "(" + done + ", any_bool())");
  }
  return text(node, in, met);
}

/// What the expression does, without its value; empty if it does nothing that is kept.
std::string Slicer::effect(const Node* node, FunctionState& in, Met& met) {
  if (node == nullptr || !acts(node, in)) {
    return {};
  }
  const Node* inner = bare(node);
  if (inner->is == Is::call) {
    const Node* core = analysis_.core(inner, in);
    if (core != inner && core->is == Is::assign && bare(core->kids[0])->is == Is::name &&
        in.types.contains(bare(core->kids[0])->text) &&
        needs_[now_->id].locals.contains(bare(core->kids[0])->text)) {
      return padded(node, call_text(inner, in, met, true));  // rdmsrl(msr, local)
    }
    return padded(node, call_text(inner, in, met, false));
  }
  if (inner->is == Is::name) {
    if (const Node* body = analysis_.expansion(inner, in)) {
      return effect(body->kids[0]->kids[0], in, met);
    }
  }
  if (inner->is == Is::assign || inner->is == Is::update) {
    const Node* target = bare(inner->kids[0]);
    const Effects own =
        analysis_.effects_of(inner->is == Is::assign ? inner->kids[1] : nullptr, in);
    static_cast<void>(own);
    if (target->is == Is::name && in.types.contains(target->text) &&
        !needs_[now_->id].locals.contains(target->text)) {
      met.rewritten = true;
      met.rules.insert("dropped");
      return padded(node, inner->is == Is::assign ? effect(inner->kids[1], in, met) : "");
    }
    if (inner->is == Is::assign && target->is == Is::field) {
      const std::string key = analysis_.field_key(target, in);
      const bool keeps = analysis_.framed(key) ? frame_needed_.contains(key)
                                               : analysis_.tracked(key) || key.starts_with("?.");
      if (!keeps) {
        must_not_matter(target, in);
        met.rewritten = true;
        met.rules.insert("dropped");
        return padded(node, effect(inner->kids[1], in, met));
      }
    }
    return text(inner, in, met);
  }
  if (inner->is == Is::conditional || inner->is == Is::binary) {
    const bool logical = inner->is == Is::binary && (inner->text == "&&" || inner->text == "||");
    if (inner->is == Is::binary && !logical) {
      const std::string a = effect(inner->kids[0], in, met);
      const std::string b = effect(inner->kids[1], in, met);
      return a.empty() ? b : b.empty() ? a : a + ", " + b;
    }
    return inner->is == Is::binary ? truth(inner, in, met) : text(inner, in, met);
  }
  std::string all;
  for (const Node* kid : inner->kids) {
    const std::string each = effect(kid, in, met);
    if (!each.empty()) {
      all += (all.empty() ? "" : ", ") + each;
    }
  }
  return all;
}

}  // namespace airlock::kernel
