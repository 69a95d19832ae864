// What a call may call: vendor operations, tables, function pointers of fields and parameters.
#include <algorithm>

#include "model/kernel/analysis.hpp"

namespace airlock::kernel {
namespace {

std::string without_blanks(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c != ' ' && c != '\n' && c != '\t') {
      result += c;
    }
  }
  return result;
}

}  // namespace

const Named* Analysis::in_list(const std::vector<Named>& list, const std::string& name) const {
  for (const Named& each : list) {
    for (const std::string& pattern : each.names) {
      if (matches(pattern, name)) {
        return &each;
      }
    }
  }
  return nullptr;
}

const Assumption* Analysis::assumed(const Node* node, const FunctionState& in) {
  const auto look = [](const std::map<std::string, const Assumption*>& map,
                       const std::string& key) -> const Assumption* {
    const auto found = map.find(key);
    return found == map.end() ? nullptr : found->second;
  };
  const Assumption* found = nullptr;
  if (node->is == Is::call) {
    const Node* callee = bare(node->kids[0]);
    if (callee->is == Is::name) {
      found = look(assumed_calls_, callee->text);
    }
  } else if (node->is == Is::field && !assumed_fields_.empty()) {
    bool named = false;
    for (const auto& [key, unused] : assumed_fields_) {
      named = named || key.ends_with("." + node->text);
    }
    found = named ? look(assumed_fields_, field_key(node, in)) : nullptr;
    if (found == nullptr && named) {
      const Type base = type_of(node->kids[0], in);
      found = look(assumed_fields_, base.base + "." + node->text);
    }
  } else if (node->is == Is::name && !in.types.contains(node->text)) {
    found = look(assumed_names_, node->text);
  }
  if (found != nullptr && !found->in.empty() &&
      (in.text == nullptr || !matches(found->in, in.text->name))) {
    return nullptr;
  }
  if (found != nullptr) {
    found->used = true;
  }
  return found;
}

/// The macro that a name or a call is, unless the lens has its own word for it. What a local of
/// that name hides is the caller's to see.
const Macro* Analysis::macro_used(const Node* node, const std::string& name) {
  const Macro* macro = index_.macro(name);
  if (macro == nullptr || macro->parameters.has_value() != (node->is == Is::call)) {
    return nullptr;
  }
  if (lens_.raw_of(name) != nullptr || macro->body == name ||
      in_list(lens_.transparent, name) != nullptr || in_list(lens_.nothing, name) != nullptr ||
      in_list(lens_.harmless, name) != nullptr || in_list(lens_.opaque, name) != nullptr ||
      in_list(lens_.tighten, name) != nullptr || in_list(lens_.loosen, name) != nullptr ||
      machine_functions_.contains(name) || assumed_calls_.contains(name)) {
    return nullptr;
  }
  const FunctionText* function = index_.function(name, index_.text(node->text_id).path);
  if (function != nullptr && (function->from_lens || macro->file != function->path)) {
    return nullptr;
  }
  if (node->is == Is::call) {
    const std::string shown = without_blanks(index_.text_of(node->kids[0])) + "(*)";
    for (const Table& table : lens_.tables) {
      if (in_list({table.pattern}, shown) != nullptr) {
        return nullptr;
      }
    }
  }
  return macro;
}

const Node* Analysis::expansion(const Node* node, const FunctionState& in) {
  const std::string* name = nullptr;
  if (node->is == Is::name) {
    name = &node->text;
  } else if (node->is == Is::call && bare(node->kids[0])->is == Is::name) {
    name = &bare(node->kids[0])->text;
  }
  if (name == nullptr || in.types.contains(*name)) {
    return nullptr;
  }
  const auto [at, is_new] = macros_used_.try_emplace(node, nullptr);
  if (is_new) {
    at->second = macro_used(node, *name);
  }
  const Macro* macro = at->second;
  if (macro == nullptr) {
    return nullptr;
  }
  if (index_.text(node->text_id).expansion && depth_ > 60) {
    return nullptr;  // a macro that names itself through others
  }
  return index_.expand(node, *macro);
}

const Node* Analysis::core(const Node* node, const FunctionState& in) {
  for (unsigned round = 0; round < 20; ++round) {
    node = bare(node);
    if (node == nullptr || (node->is != Is::call && node->is != Is::name)) {
      return node;
    }
    const Node* body = expansion(node, in);
    if (body == nullptr || body->kids.size() != 1 || body->kids[0]->is != Is::expression) {
      return node;
    }
    node = body->kids[0]->kids[0];
  }
  return node;
}

/// The functions that an expression of pointer type may point to.
std::set<const FunctionText*> Analysis::pointed(const Node* node, const FunctionState& in,
                                                unsigned depth) {
  std::set<const FunctionText*> result;
  node = bare(node);
  if (node == nullptr || depth > 6) {
    return result;
  }
  if (node->is == Is::unary && node->text == "&") {
    return pointed(node->kids[0], in, depth + 1);
  }
  if (node->is == Is::conditional) {
    result = pointed(node->kids[1], in, depth + 1);
    result.merge(pointed(node->kids[2], in, depth + 1));
    return result;
  }
  if (node->is == Is::field) {
    const auto found = by_field_.find(node->text);
    return found == by_field_.end() ? result : found->second;
  }
  if (node->is == Is::index) {
    const Node* base = bare(node->kids[0]);
    const auto found = by_field_.find(base->text + "[]");
    return found == by_field_.end() ? result : found->second;
  }
  if (node->is != Is::name) {
    return result;
  }
  if (in.types.contains(node->text) && in.text != nullptr) {
    for (unsigned i = 0; i < in.text->parameters.size(); ++i) {
      if (in.text->parameters[i].name == node->text) {
        const auto found = by_parameter_.find({in.text->id, i});
        if (found != by_parameter_.end()) {
          result = found->second;
        }
      }
    }
    walk(in.text->body, [&](const Node* each) {
      const Node* value = nullptr;
      if (each->is == Is::variable && each->text == node->text && !each->kids.empty()) {
        value = each->kids[0];
      } else if (each->is == Is::assign && bare(each->kids[0])->is == Is::name &&
                 bare(each->kids[0])->text == node->text) {
        value = each->kids[1];
      }
      if (value != nullptr) {
        result.merge(pointed(value, in, depth + 1));
      }
    });
    return result;
  }
  if (const FunctionText* function = index_.function(node->text, index_.text(node->text_id).path)) {
    result.insert(function);
  }
  return result;
}

/// Functions whose address goes somewhere: into fields, elements, parameters.
void Analysis::collect_candidates() {
  static const FunctionState nowhere;
  const auto function_named = [&](const Node* node, const FunctionState& in) {
    node = bare(node);
    if (node != nullptr && node->is == Is::unary && node->text == "&") {
      node = bare(node->kids[0]);
    }
    return node != nullptr && node->is == Is::name && !in.types.contains(node->text)
               ? index_.function(node->text, index_.text(node->text_id).path)
               : nullptr;
  };
  const auto initialiser = [&](const Node* top, const std::string& object,
                               const FunctionState& in) {
    walk(top, [&](const Node* each) {
      if (each->is != Is::designated) {
        return;
      }
      if (const FunctionText* function = function_named(each->kids[0], in)) {
        by_field_[each->text.starts_with(".") ? each->text.substr(1) : object + "[]"].insert(
            function);
      }
    });
  };
  for (const auto& [name, global] : index_.globals()) {
    initialiser(global.initialiser, name, nowhere);
  }
  // Twice: a parameter that is passed on, or put into a field, needs the first round.
  for (unsigned round = 0; round < 4; ++round) {
    for (FunctionState& in : states_) {
      walk(in.text->body, [&](const Node* each) {
        if (each->is == Is::assign && bare(each->kids[0])->is == Is::field) {
          const std::string& field = bare(each->kids[0])->text;
          if (const FunctionText* function = function_named(each->kids[1], in)) {
            by_field_[field].insert(function);
          } else if (bare(each->kids[1])->is == Is::name &&
                     in.types.contains(bare(each->kids[1])->text)) {
            const Type type = index_.plain(in.types.at(bare(each->kids[1])->text));
            if (type.function) {
              by_field_[field].merge(pointed(each->kids[1], in, 0));
            }
          }
        } else if (each->is == Is::variable && !each->kids.empty() && round == 0) {
          initialiser(each->kids[0], each->text, in);
        } else if (each->is == Is::call) {
          const Node* callee = bare(each->kids[0]);
          if (callee->is != Is::name) {
            return;
          }
          const FunctionText* to = index_.function(callee->text, index_.text(callee->text_id).path);
          if (to == nullptr) {
            return;
          }
          for (unsigned i = 1; i < each->kids.size() && i <= to->parameters.size(); ++i) {
            if (!index_.plain(to->parameters[i - 1].type).function) {
              continue;
            }
            if (const FunctionText* function = function_named(each->kids[i], in)) {
              by_parameter_[{to->id, i - 1}].insert(function);
            } else {
              auto more = pointed(each->kids[i], in, 0);
              by_parameter_[{to->id, i - 1}].merge(more);
            }
          }
        }
      });
    }
  }
}

const Callees& Analysis::callees(const Node* call, const FunctionState& in) {
  const auto cached = call_cache_.find(call);
  if (cached != call_cache_.end()) {
    return cached->second;
  }
  const auto keep = [&](Callees& made) -> const Callees& {
    return call_cache_[call] = std::move(made);
  };
  Callees result;
  const Node* callee = bare(call->kids[0]);
  const std::string shown = without_blanks(index_.text_of(call->kids[0]));
  result.name = shown;
  for (const Table& table : lens_.tables) {
    for (const std::string& pattern : table.pattern.names) {
      if (table.only.empty() && matches(pattern, shown)) {
        // The member is what stands for '*'.
        const std::size_t star = pattern.find('*');
        const std::string member = shown.substr(star, shown.size() - (pattern.size() - 1));
        result.how = Callees::How::operation;
        result.table = &table;
        const Global* object = index_.global(table.initialiser);
        if (object != nullptr && object->initialiser != nullptr) {
          static const FunctionState nowhere;
          for (const Node* each : object->initialiser->kids) {
            if (each->is == Is::designated && each->text == "." + member) {
              const auto targets = pointed(each->kids[0], nowhere, 0);
              result.targets.assign(targets.begin(), targets.end());
              if (targets.empty() && bare(each->kids[0])->is == Is::name) {
                result.how = Callees::How::outside;
                result.name = bare(each->kids[0])->text;
                return keep(result);
              }
            }
          }
        }
        if (result.targets.empty()) {
          result.how = Callees::How::absent;
        }
        return keep(result);
      }
    }
  }
  if (callee->is == Is::index) {
    const Node* base = bare(callee->kids[0]);
    for (const Table& table : lens_.tables) {
      if (table.only.empty() || in_list({table.pattern}, base->text + "[]") == nullptr) {
        continue;
      }
      result.how = Callees::How::table;
      result.table = &table;
      result.name = base->text;
      const Global* object = index_.global(base->text);
      for (const std::string& each : table.only) {
        std::string text = each;
        const bool optional = text.ends_with('?');
        if (optional) {
          text.pop_back();
        }
        FunctionState nowhere;
        const Node* wanted =
            index_.parse_expression(text, table.pattern.place.file, table.pattern.place.line);
        const Abstract index = wanted == nullptr ? Abstract::any() : value(wanted, nowhere);
        if (!index.is_constant()) {
          fail(table.pattern, "'" + text + "' is no constant of the tree",
               "an index of " + base->text);
        }
        bool found = false;
        if (object != nullptr && object->initialiser != nullptr) {
          for (const Node* entry : object->initialiser->kids) {
            if (entry->is == Is::designated && entry->kids.size() > 1) {
              const Abstract at = value(entry->kids[1], nowhere);
              if (at.is_constant() && at.constant.value == index.constant.value) {
                for (const FunctionText* target : pointed(entry->kids[0], nowhere, 0)) {
                  result.by_index.emplace_back(index.constant.value, target);
                  result.targets.push_back(target);
                  found = true;
                }
              }
            }
          }
        }
        if (!found && !optional) {
          fail(table.pattern, base->text + " has no function at '" + text + "'",
               "an index that the tree's table has, or '" + text + "?'");
        }
      }
      return keep(result);
    }
  }
  if (callee->is == Is::name && !in.types.contains(callee->text)) {
    const std::string& name = callee->text;
    result.name = name;
    if (in_list(lens_.transparent, name) != nullptr) {
      result.how = Callees::How::transparent;
      return keep(result);
    }
    if (in_list(lens_.nothing, name) != nullptr) {
      result.how = Callees::How::nothing;
      return keep(result);
    }
    if (in_list(lens_.tighten, name) != nullptr || in_list(lens_.loosen, name) != nullptr) {
      result.how = Callees::How::machine;
      return keep(result);
    }
    const FunctionText* function = index_.function(name, index_.text(call->text_id).path);
    if (lens_.raw_of(name) != nullptr && (function == nullptr || !function->from_lens)) {
      result.how = Callees::How::outside;  // add_call() judges it by its argument
      return keep(result);
    }
    if (function != nullptr && function->from_lens) {
      result.targets = {function};
      return keep(result);
    }
    if (machine_functions_.contains(name)) {
      // The machine's names are taken: the C half's airlock_NAME stands for the tree's NAME.
      if (const FunctionText* stand_in = index_.function("airlock_" + name, "")) {
        if (stand_in->from_lens && !index_.text(call->text_id).from_lens) {
          result.targets = {stand_in};
          return keep(result);
        }
      }
      result.how = Callees::How::machine;
      return keep(result);
    }
    if (in_list(lens_.opaque, name) != nullptr || in_list(lens_.harmless, name) != nullptr ||
        function == nullptr) {
      result.how = Callees::How::outside;
      return keep(result);
    }
    result.targets = {function};
    return keep(result);
  }
  const auto targets = pointed(callee, in, 0);
  result.how = targets.empty() ? Callees::How::outside : Callees::How::pointer;
  result.targets.assign(targets.begin(), targets.end());
  std::sort(result.targets.begin(), result.targets.end(),
            [](const FunctionText* a, const FunctionText* b) { return a->id < b->id; });
  return keep(result);
}

}  // namespace airlock::kernel
