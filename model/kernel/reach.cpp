// What can run from the entries, under the configuration and the lens (rule 1).
//
// Conditional constant propagation over all functions at once: a branch is followed once its
// condition may be true, a local is a constant until two values meet. Locals are one value for the
// whole function; a local whose address is taken is anything.
#include <algorithm>

#include "model/kernel/analysis.hpp"
#include "model/system/input_error.hpp"

namespace airlock::kernel {

Analysis::Analysis(Index& index, const Lens& lens, Receipt& receipt)
    : index_(index), lens_(lens), receipt_(receipt) {
  for (const auto& [name, parameters] : index_.prototypes()) {
    if (index_.prototype(name) != nullptr) {
      static_cast<void>(parameters);
    }
  }
}

std::string Analysis::place(const Node* node) const {
  return index_.text(node->text_id).path + ":" + std::to_string(node->line);
}

void Analysis::fail(const Node* node, const std::string& message,
                    const std::string& expected) const {
  const Text& text = index_.text(node->text_id);
  throw InputError({text.path, node->line, node->column}, message, {}, expected);
}

void Analysis::fail(const Named& named, const std::string& message,
                    const std::string& expected) const {
  throw InputError(named.place, message, named.line, expected);
}

void Analysis::fact(Fact::Kind kind, const std::string& what, const std::string& reason,
                    const std::string& where) {
  const std::string key = std::to_string(static_cast<int>(kind)) + what + "\n" + where;
  if (seen_facts_.insert(key).second) {
    receipt_.facts.push_back({kind, what, reason, where});
  }
}

const FunctionText* Analysis::entry_function(const Named& named) const {
  for (const std::string& name : named.names) {
    for (const FunctionText* each : index_.functions_named(name)) {
      return each;
    }
  }
  if (!named.optional) {
    fail(named, "no function of the tree has that name", "a function, 'a|b', or 'c?'");
  }
  return nullptr;
}

void Analysis::collect_tracked() {
  for (const TrackedStruct& each : lens_.tracked) {
    const Struct* known = nullptr;
    for (const std::string& name : each.type.names) {
      known = known == nullptr ? index_.structure(name) : known;
    }
    if (known == nullptr) {
      if (each.type.optional) {
        continue;
      }
      fail(each.type, "no '" + each.type.names[0] + "' in the files of the tree",
           "a struct with a body");
    }
    const bool single =
        std::any_of(lens_.singletons.begin(), lens_.singletons.end(),
                    [&](const Singleton& s) { return s.type.names[0] == known->name; });
    bool global = single;
    hot_.insert(known->name);
    for (const auto& [field, mask] : each.fields) {
      const Field* found = index_.field(known->name, field);
      if (found == nullptr) {
        if (std::find(each.optional_fields.begin(), each.optional_fields.end(), field) !=
            each.optional_fields.end()) {
          continue;
        }
        fail(each.type, "'" + known->name + "' has no field '" + field + "'",
             "a field, or '" + field + "?'");
      }
      if (found->bits) {
        fail(each.type, "'" + field + "' is a bit-field, which cannot be tracked", "another field");
      }
      tracked_[known->name + "." + field] = mask;
      tracked_names_.insert(field);
      static_cast<void>(global);
    }
  }
  for (const Singleton& each : lens_.singletons) {
    hot_.insert(each.type.names[0]);
  }
  // Structs that hold a tracked one are tracked with that member.
  for (bool more = true; more;) {
    more = false;
    for (const auto& [name, structure] : index_.structures()) {
      for (const Field& field : structure.fields) {
        const Type type = index_.plain(field.type);
        if (type.pointers == 0 && type.arrays == 0 && hot_.contains(type.base) &&
            !field.name.empty() && !tracked_.contains(name + "." + field.name)) {
          if (!hot_.contains(name) && singleton({name}) == nullptr && !hot_.contains(type.base)) {
            continue;
          }
          tracked_[name + "." + field.name] = "";
          hot_.insert(name);
          more = true;
        }
      }
    }
  }
  // What no singleton holds lives on stacks.
  std::set<std::string> global;
  for (const Singleton& each : lens_.singletons) {
    global.insert(each.type.names[0]);
  }
  for (bool more = true; more;) {
    more = false;
    for (const auto& [key, mask] : tracked_) {
      const std::size_t dot = key.rfind('.');
      const std::string owner = key.substr(0, dot);
      const Field* field = index_.field(owner, key.substr(dot + 1));
      if (field != nullptr && global.contains(owner) &&
          hot_.contains(index_.plain(field->type).base)) {
        more = global.insert(index_.plain(field->type).base).second || more;
      }
    }
  }
  for (const auto& [key, mask] : tracked_) {
    if (!global.contains(key.substr(0, key.rfind('.')))) {
      frame_.insert(key);
    }
  }
}

void Analysis::check_lens() {
  for (const Assumption& each : lens_.assumptions) {
    const std::string& name = each.what.names[0];
    const Node* value_node =
        each.value == "any"
            ? nullptr
            : index_.parse_expression(each.value, each.what.place.file, each.what.place.line);
    if (value_node == nullptr && each.value != "any") {
      fail(each.what, "'" + each.value + "' is no expression", "a C expression, or \"any\"");
    }
    assumed_values_[name] = value_node;
    for (const std::string& alternative : each.what.names) {
      if (alternative.ends_with("()")) {
        assumed_calls_[alternative.substr(0, alternative.size() - 2)] = &each;
      } else if (alternative.starts_with("struct ")) {
        assumed_fields_[alternative] = &each;
      } else {
        assumed_names_[alternative] = &each;
      }
    }
  }
}

/// A name of the lens that plays no part says that the lens and the tree have drifted apart.
void Analysis::check_used() const {
  const Named* first = nullptr;
  std::string names;
  const auto unused = [&](const Named& each) {
    if (!each.optional) {
      first = first == nullptr ? &each : first;
      names += (names.empty() ? "'" : ", '") + each.names[0] + "'";
    }
  };
  for (const Assumption& each : lens_.assumptions) {
    if (!each.used) {
      unused(each.what);
    }
  }
  for (const std::vector<Named>* list :
       {&lens_.opaque, &lens_.harmless, &lens_.writers, &lens_.boundaries}) {
    for (const Named& each : *list) {
      if (!used.contains(&each)) {
        unused(each);
      }
    }
  }
  if (first != nullptr) {
    fail(*first, "nothing that can run asks for " + names, "names of the tree, or 'name?'");
  }
}

void Analysis::enter(const FunctionText* function) {
  FunctionState& in = state(function);
  if (in.reached) {
    return;
  }
  in.reached = true;
  if (const Named* boundary = in_list(lens_.boundaries, function->name)) {
    used.insert(boundary);
  }
  walk_through(function->body, in, [&](const Node* each) {
    if (each->is == Is::variable) {
      in.types.insert({each->text, each->type});
    } else if (each->is == Is::unary && each->text == "&" && bare(each->kids[0])->is == Is::name) {
      in.address_taken.insert(bare(each->kids[0])->text);
    }
  });
  collect_assembly(in);
  in.cfg = build_cfg(function->body);
  in.live.assign(in.cfg.points.size(), false);
  order_.push_back(function);
  changed_ = true;
}

bool Analysis::assign(const Node* target, const Abstract& value, FunctionState& in) {
  target = bare(target);
  if (target->is == Is::name) {
    const auto type = in.types.find(target->text);
    if (type != in.types.end()) {
      return join(in.values[target->text], value, index_.plain(type->second));
    }
    return false;
  }
  if (target->is == Is::field) {
    const std::string key = field_key(target, in);
    if (framed(key)) {
      return join(frame_values_[key], value, type_of(target, in));
    }
    if (key.starts_with("?.")) {
      bool more = false;
      for (const std::string& each : frame_) {
        if (each.ends_with(key.substr(1))) {
          more = join(frame_values_[each], Abstract::any(), {}) || more;
        }
      }
      return more;
    }
  }
  return false;
}

/// Arguments go into parameters; what may be written through them is anything.
bool Analysis::pass(const Node* call, const Callees& found, FunctionState& in) {
  bool more = false;
  for (const FunctionText* target : found.targets) {
    enter(target);
    in.callees.insert(target);
    FunctionState& to = state(target);
    to.callers.insert(in.text);
    for (unsigned i = 0; i < target->parameters.size(); ++i) {
      const Parameter& parameter = target->parameters[i];
      const Abstract argument =
          i + 1 < call->kids.size() ? value(call->kids[i + 1], in) : Abstract::any();
      more = join(to.values[parameter.name], argument, index_.plain(parameter.type)) || more;
    }
  }
  return more;
}

/// Everything in an expression that runs: assignments and calls, in both arms where both may run.
bool Analysis::visit_expression(const Node* node, FunctionState& in) {
  if (node == nullptr) {
    return false;
  }
  bool more = false;
  if (const Assumption* assumption =
          node->is == Is::number || node->is == Is::string ? nullptr : assumed(node, in)) {
    return visit_expression(assumed_value(*assumption), in);
  }
  switch (node->is) {
    case Is::binary:
      if (node->text == "&&" || node->text == "||") {
        more = visit_expression(node->kids[0], in);
        const Abstract first = value(node->kids[0], in);
        if (first.kind == Abstract::Kind::none ||
            (node->text == "&&" ? first.is_zero() : first.is_true())) {
          return more;
        }
        return visit_expression(node->kids[1], in) || more;
      }
      break;
    case Is::conditional: {
      more = visit_expression(node->kids[0], in);
      const Abstract first = value(node->kids[0], in);
      if (first.kind == Abstract::Kind::none) {
        return more;
      }
      if (!first.is_zero()) {
        more = visit_expression(node->kids[1], in) || more;
      }
      if (!first.is_true()) {
        more = visit_expression(node->kids[2], in) || more;
      }
      return more;
    }
    case Is::assign: {
      more = visit_expression(node->kids[0], in);
      more = visit_expression(node->kids[1], in) || more;
      Abstract result = value(node->kids[1], in);
      if (node->text != "=") {
        result =
            binary(node->text.substr(0, node->text.size() - 1), value(node->kids[0], in), result);
      }
      return assign(node->kids[0], result, in) || more;
    }
    case Is::update:
      more = visit_expression(node->kids[0], in);
      return assign(node->kids[0], Abstract::any(), in) || more;
    case Is::call: {
      if (const Node* body = expansion(node, in)) {
        if (++depth_ < 100) {
          Cfg unused;
          walk(body, [&](const Node* each) {
            if (each->is == Is::variable) {
              in.types.insert({each->text, each->type});
              if (!each->kids.empty()) {
                more = join(in.values[each->text], Abstract::any(), {}) || more;
              }
            }
          });
          for (const Node* kid : body->kids) {
            walk(kid, [&](const Node* each) {
              if (each->is == Is::expression) {
                more = visit_expression(each->kids[0], in) || more;
              } else if (each->is == Is::if_ || each->is == Is::switch_ || each->is == Is::while_) {
                more = visit_expression(each->kids[0], in) || more;
              } else if (each->is == Is::do_) {
                more = visit_expression(each->kids[1], in) || more;
              } else if ((each->is == Is::variable || each->is == Is::return_) &&
                         !each->kids.empty()) {
                more = visit_expression(each->kids[0], in) || more;
              }
            });
          }
        }
        --depth_;
        return more;
      }
      const Callees& found = callees(node, in);
      if (found.how == Callees::How::nothing) {
        return false;
      }
      for (std::size_t i = 0; i < node->kids.size(); ++i) {
        if (i > 0 || bare(node->kids[0])->is != Is::name) {
          more = visit_expression(node->kids[i], in) || more;
        }
      }
      return pass(node, found, in) || more;
    }
    case Is::initialisers: {
      for (const Node* kid : node->kids) {
        more = visit_expression(kid, in) || more;
      }
      return more;
    }
    case Is::statement_expr:
    case Is::block: {
      walk(node->is == Is::block ? node : node->kids[0], [&](const Node* each) {
        if (each->is == Is::variable) {
          in.types.insert({each->text, each->type});
          more = join(in.values[each->text], Abstract::any(), {}) || more;
        }
        if (each->is == Is::expression || each->is == Is::if_ || each->is == Is::while_ ||
            each->is == Is::switch_ ||
            ((each->is == Is::variable || each->is == Is::return_) && !each->kids.empty())) {
          more = visit_expression(each->kids[0], in) || more;
        } else if (each->is == Is::do_) {
          more = visit_expression(each->kids[1], in) || more;
        } else if (each->is == Is::for_) {
          for (unsigned i = 0; i < 3; ++i) {
            if (each->kids[i] != nullptr && each->kids[i]->is != Is::declaration) {
              more = visit_expression(each->kids[i], in) || more;
            }
          }
        }
      });
      return more;
    }
    default: break;
  }
  for (const Node* kid : node->kids) {
    more = visit_expression(kid, in) || more;
  }
  return more;
}

std::vector<unsigned> Analysis::successors(unsigned id, FunctionState& in) {
  const Point& point = in.cfg.points[id];
  if (point.kind == Point::Kind::branch && !point.iterator) {
    const Abstract condition = value(point.value, in);
    if (condition.kind == Abstract::Kind::none && !raise_) {
      return {};
    }
    if (condition.is_constant()) {
      return {point.next[condition.is_true() ? 0 : 1]};
    }
  }
  if (point.kind == Point::Kind::select) {
    const Abstract chosen = value(point.value, in);
    if (chosen.kind == Abstract::Kind::none && !raise_) {
      return {};
    }
    std::set<unsigned> result;
    bool matched = false;
    for (std::size_t i = 0; i < point.cases.size(); ++i) {
      const Node* label = point.cases[i]->kids[0];
      const bool range = label->is == Is::binary && label->text == "||";
      const Abstract low = value(range ? label->kids[0] : label, in);
      const Abstract high = range ? value(label->kids[1], in) : low;
      if (!chosen.is_constant() || !low.is_constant() || !high.is_constant()) {
        result.insert(point.next[i]);
        continue;
      }
      const std::uint64_t mask = 0xffffffffffffffffULL;
      const std::uint64_t v = chosen.constant.value & mask;
      if (v >= low.constant.value && v <= high.constant.value) {
        matched = true;
        result = {point.next[i]};
        break;
      }
    }
    if (!matched) {
      result.insert(point.next.back());
    }
    return {result.begin(), result.end()};
  }
  return point.next;
}

/// One pass over what is live of a function; whether anything new was seen.
bool Analysis::visit(FunctionState& in) {
  bool more = false;
  std::vector<unsigned> stack = {Cfg::entry};
  std::vector<bool> seen(in.cfg.points.size(), false);
  seen[Cfg::entry] = true;
  while (!stack.empty()) {
    const unsigned id = stack.back();
    stack.pop_back();
    const Point& point = in.cfg.points[id];
    if (!in.live[id]) {
      in.live[id] = true;
      more = true;
    }
    switch (point.kind) {
      case Point::Kind::simple:
        if (point.node->is == Is::expression) {
          for (const Node* kid : point.node->kids) {
            more = visit_expression(kid, in) || more;
          }
        } else if (!point.node->is_statement()) {
          more = visit_expression(point.node, in) || more;
        }
        break;
      case Point::Kind::variable:
        if (!point.node->kids.empty()) {
          more = visit_expression(point.node->kids[0], in) || more;
          const Type type = index_.plain(point.node->type);
          if (bare(point.node->kids[0])->is == Is::initialisers) {
            // Every tracked field of the object is written: the ones not named become 0.
            for (const std::string& key : frame_) {
              if (!key.starts_with(type.base + ".")) {
                continue;
              }
              Abstract initial = Abstract::of(0);
              for (const Node* each : point.node->kids[0]->kids) {
                if (each->is == Is::designated && each->text == key.substr(key.rfind('.'))) {
                  initial = value(each->kids[0], in);
                } else if (each->is != Is::designated && bare(each)->text != "0") {
                  initial = Abstract::any();
                }
              }
              more = join(frame_values_[key], initial, {}) || more;
            }
            more = join(in.values[point.node->text], Abstract::any(), {}) || more;
          } else {
            more = join(in.values[point.node->text], value(point.node->kids[0], in), type) || more;
          }
        } else if (point.node->is == Is::variable && in.address_taken.contains(point.node->text)) {
          more = join(in.values[point.node->text], Abstract::any(), {}) || more;
        }
        break;
      case Point::Kind::branch:
        more = visit_expression(point.value, in) || more;
        if (point.iterator) {
          for (const std::string& word : words_of(index_.text_of(point.value))) {
            if (in.types.contains(word)) {
              more = join(in.values[word], Abstract::any(), {}) || more;
            }
          }
        }
        break;
      case Point::Kind::select: more = visit_expression(point.value, in) || more; break;
      case Point::Kind::returns:
        if (point.value != nullptr) {
          more = visit_expression(point.value, in) || more;
          more = join(in.result, value(point.value, in), index_.plain(in.text->result)) || more;
        }
        break;
      default: break;
    }
    for (const unsigned next : successors(id, in)) {
      if (!seen[next]) {
        seen[next] = true;
        stack.push_back(next);
      }
    }
  }
  return more;
}

void Analysis::reach() {
  for (const Entry& entry : lens_.entries) {
    for (const Named& named : entry.functions) {
      if (const FunctionText* function = entry_function(named)) {
        enter(function);
        for (const Parameter& parameter : function->parameters) {
          state(function).values[parameter.name] = Abstract::any();
        }
      }
    }
  }
  for (unsigned round = 0; round < 200; ++round) {
    changed_ = false;
    for (std::size_t i = 0; i < order_.size(); ++i) {
      changed_ = visit(state(order_[i])) || changed_;
    }
    if (!changed_) {
      if (raise_) {
        break;
      }
      // What still has no value is read before it is written: anything.
      raise_ = true;
      for (const FunctionText* function : order_) {
        FunctionState& in = state(function);
        for (const auto& [name, type] : in.types) {
          Abstract& known = in.values[name];
          if (known.kind == Abstract::Kind::none) {
            known = Abstract::any();
          }
        }
        if (in.result.kind == Abstract::Kind::none) {
          in.result = Abstract::any();
        }
      }
      for (const std::string& key : frame_) {
        Abstract& known = frame_values_[key];
        known = known.kind == Abstract::Kind::none ? Abstract::any() : known;
      }
    }
  }
}

void Analysis::run() {
  states_.resize(index_.functions().size());
  for (const auto& function : index_.functions()) {
    FunctionState& in = states_[function->id];
    in.text = function.get();
    for (const Parameter& parameter : function->parameters) {
      in.types[parameter.name] = parameter.type;
    }
    walk(function->body, [&](const Node* each) {
      if (each->is == Is::variable) {
        in.types.insert({each->text, each->type});
      }
    });
  }
  for (const auto& named : index_.globals()) {
    const std::string& path = named.second.path;
    if (std::any_of(lens_.bodies.begin(), lens_.bodies.end(),
                    [&](const SourceFile& file) { return file.path == path; })) {
      lens_globals_.insert(named.first);
    }
  }
  for (const Singleton& each : lens_.singletons) {
    lens_globals_.insert(each.object.substr(0, each.object.find('.')));  // <airlock/svm.h> has vmcb
  }
  for (const char* word : {"wrmsrl",
                           "__rdmsrl",
                           "get_debugctlmsr",
                           "update_debugctlmsr",
                           "__get_debugreg",
                           "set_debugreg",
                           "local_irq_disable",
                           "local_irq_enable",
                           "preempt_disable",
                           "preempt_enable",
                           "clgi",
                           "stgi",
                           "vmrun",
                           "vmcb_mark_dirty",
                           "vmcb_mark_all_dirty",
                           "vmcb_mark_all_clean",
                           "set_intercept",
                           "clr_intercept",
                           "guest_operand",
                           "guest_instruction_completes",
                           "guest_takes_gp",
                           "any_bits",
                           "any_bool",
                           "boundary",
                           "assume",
                           "assert"}) {
    machine_functions_.insert(word);
  }
  check_lens();
  collect_tracked();
  collect_candidates();
  reach();
  collect_leaks();
  run_effects();
  run_values();
}

}  // namespace airlock::kernel
