// What running a piece of code may do to tracked state and the machine (rules 2 and 5).
#include <algorithm>

#include "model/kernel/analysis.hpp"

namespace airlock::kernel {

/// Whether that argument of a call is, or may be, one of the lens' values.
bool Analysis::may_be(const Node* call, const GuardedAccess& each, FunctionState& in) {
  if (each.argument + 1 >= call->kids.size()) {
    return true;
  }
  const Abstract argument = value(call->kids[each.argument + 1], in);
  if (!argument.is_constant()) {
    return true;
  }
  for (const std::string& text : each.values) {
    auto known = guard_values_.find(text);
    if (known == guard_values_.end()) {
      FunctionState nowhere;
      const Node* wanted =
          index_.parse_expression(text, each.what.place.file, each.what.place.line);
      const Abstract constant = wanted == nullptr ? Abstract::any() : value(wanted, nowhere);
      if (!constant.is_constant()) {
        fail(each.what, "'" + text + "' is no constant of the tree", "a constant");
      }
      known = guard_values_.insert({text, constant.constant.value}).first;
    }
    if (argument.constant.value == known->second) {
      return true;
    }
  }
  return false;
}

/// Whether a call of a guarded access is one: its argument is, or may be, the value of the lens.
bool Analysis::counts(const Node* call, const std::string& name, FunctionState& in) {
  for (const GuardedAccess& each : lens_.accesses) {
    if (in_list({each.what}, name) == nullptr) {
      continue;
    }
    return may_be(call, each, in);
  }
  return true;
}

void Analysis::add_write(Effects& all, const Node* target, FunctionState& in) {
  target = bare(target);
  while (target->is == Is::index) {
    const Type base = type_of(target->kids[0], in);
    if (base.arrays == 0 && base.pointers > 0 && !hot(type_of(target, in))) {
      add_write_through(all, target->kids[0], in);
      return;
    }
    target = bare(target->kids[0]);
  }
  if (target->is == Is::field) {
    const std::string key = field_key(target, in);
    if (key.starts_with("?.") || (tracked(key) && !framed(key))) {
      all.strong = true;
      all.why = key;
    } else if (framed(key)) {
      all.frame.insert(key);
    } else if (!key.empty()) {
      // A union shares its place: any tracked member of it is written, too.
      const Field* field = index_.field(key.substr(0, key.rfind('.')), target->text);
      const Type type = field == nullptr ? Type{} : index_.plain(field->type);
      if (type.pointers == 0 && hot(type)) {
        all.strong = true;
        all.why = key;
      }
    }
    // A union shares its place: what is written beside a tracked member is written to it, too.
    for (const Node* each = target; each->is == Is::field; each = bare(each->kids[0])) {
      const Type owner = type_of(each->kids[0], in);
      const Field* member = index_.field(owner.base, each->text);
      if (member != nullptr && member->in_union && !tracked(owner.base + "." + each->text)) {
        for (const auto& [other, mask] : tracked_) {
          if (other.starts_with(owner.base + ".") &&
              index_.field(owner.base, other.substr(owner.base.size() + 1))->in_union) {
            all.strong = true;
            all.why = other + " (union)";
          }
        }
      }
      if (each->arrow) {
        break;
      }
    }
    return;
  }
  if (target->is == Is::unary && target->text == "*") {
    const Type type = type_of(target, in);
    if (hot(type) && type.pointers == 0) {
      all.strong = true;
      all.why = "*" + type.base;
      return;
    }
    add_write_through(all, target->kids[0], in);
    return;
  }
  if (target->is == Is::name) {
    if (lens_globals_.contains(target->text) && !in.types.contains(target->text)) {
      all.strong = true;
      all.why = target->text;
      return;
    }
    const Type type = type_of(target, in);
    if (type.pointers == 0 && hot(type)) {
      for (const std::string& key : frame_) {
        if (key.starts_with(type.base + ".")) {
          all.frame.insert(key);
        }
      }
    }
  }
}

namespace {

void merge(Effects& into, const Effects& from) {
  into.strong = into.strong || from.strong;
  if (into.why.empty()) {
    into.why = from.why;
  }
  into.tightens = into.tightens || from.tightens;
  into.loosens = into.loosens || from.loosens;
  into.frame.insert(from.frame.begin(), from.frame.end());
  into.through.insert(from.through.begin(), from.through.end());
}

}  // namespace

void Analysis::add_call(Effects& all, const Node* call, FunctionState& in) {
  const Callees& found = callees(call, in);
  const std::string at = place(call);
  switch (found.how) {
    case Callees::How::nothing: return;
    case Callees::How::transparent:
      if (call->kids.size() > 1) {
        merge(all, effects_of(call->kids[1], in));
      }
      return;
    default: break;
  }
  for (std::size_t i = 0; i < call->kids.size(); ++i) {
    if (i > 0 || bare(call->kids[0])->is != Is::name) {
      merge(all, effects_of(call->kids[i], in));
    }
  }
  if (found.how == Callees::How::machine) {
    if (found.name.starts_with("any_") || found.name == "guest_operand") {
      return;
    }
    if (in_list(lens_.tighten, found.name) != nullptr) {
      all.tightens = true;
    } else if (in_list(lens_.loosen, found.name) != nullptr) {
      all.loosens = true;
    } else if (counts(call, found.name, in)) {
      all.strong = true;
      all.why = found.name + "()";
    }
    return;
  }
  if (found.how == Callees::How::absent) {
    fact(Fact::Kind::resolved, found.name, "the table has none: no call", at);
    return;
  }
  if (found.how == Callees::How::outside) {
    if (const GuardedAccess* raw = lens_.raw_of(found.name)) {
      if (may_be(call, *raw, in)) {
        all.strong = true;
        all.why = "raw " + found.name + "()";
        problems.push_back(at + ": '" + found.name + "' accesses the machine, may be about " +
                           raw->values.front() + ", and is not bound");
      }
    }
    // What it gets a pointer to it may write.
    std::string reached;
    for (std::size_t i = 1; i < call->kids.size() && in.text != nullptr; ++i) {
      const Type type = type_of(call->kids[i], in);
      if (type.known() && type.pointers + type.arrays == 0) {
        continue;
      }
      const Pointees to = pointees(call->kids[i], in);
      for (const unsigned j : to.parameters) {
        const Type parameter = index_.plain(in.text->parameters[j].type);
        if (parameter.pointers > 0 && !parameter.is_struct() && !parameter.function &&
            parameter.base != "void" && parameter.base != "char") {
          all.through.insert(j);
        }
      }
      for (const Node* place : to.places) {
        if (const std::string key = tracked_scalar(place, in); reached.empty() && !key.empty()) {
          reached = "its argument " + std::to_string(i) + " points to " + key;
        }
      }
    }
    if (const Named* harmless = in_list(lens_.harmless, found.name)) {
      used.insert(harmless);
      fact(Fact::Kind::harmless, found.name, harmless->reason);
      return;
    }
    if (const Named* opaque = in_list(lens_.opaque, found.name)) {
      used.insert(opaque);
      fact(Fact::Kind::opaque, found.name, opaque->reason);
      return;
    }
    for (std::size_t i = 1; i < call->kids.size() && reached.empty(); ++i) {
      const Type type = type_of(call->kids[i], in);
      if (type.pointers + type.arrays > 0 && hot(type)) {
        reached = "its argument " + std::to_string(i) + " reaches " + type.base;
      }
    }
    if (!reached.empty()) {
      all.strong = true;
      all.why = "unknown " + found.name + "()";
      problems.push_back(at + ": '" + found.name + "' is not in the files read, and " + reached);
      return;
    }
    fact(Fact::Kind::outside, found.name, "no argument reaches tracked state");
    return;
  }
  if (found.how != Callees::How::direct) {
    std::string names;
    for (const FunctionText* target : found.targets) {
      names += (names.empty() ? "" : ", ") + target->name;
    }
    fact(Fact::Kind::resolved, found.name, "calls " + names, at);
  }
  for (const FunctionText* target : found.targets) {
    if (!counts(call, target->name, in)) {
      continue;
    }
    const Effects& theirs = state(target).effects;
    if (theirs.strong) {
      all.strong = true;
      if (all.why.empty()) {
        all.why = target->name + "()";
      }
    }
    all.frame.insert(theirs.frame.begin(), theirs.frame.end());
    for (const unsigned i : theirs.through) {
      if (i + 1 >= call->kids.size()) {
        continue;
      }
      add_write_through(all, call->kids[i + 1], in);
    }
  }
}

Effects Analysis::effects_of(const Node* node, FunctionState& in) {
  Effects all;
  if (node == nullptr || node->is == Is::number || node->is == Is::string ||
      node->is == Is::size_of || ++depth_ > 300) {
    return all;
  }
  struct Leave {
    unsigned& depth;
    ~Leave() { --depth; }
  } leave{depth_};
  if (assumed(node, in) != nullptr) {
    return all;
  }
  const auto both = [&](const Node* kid) { merge(all, effects_of(kid, in)); };
  switch (node->is) {
    case Is::binary:
      if (node->text == "&&" || node->text == "||") {
        both(node->kids[0]);
        const Abstract first = value(node->kids[0], in);
        if (node->text == "&&" ? !first.is_zero() : !first.is_true()) {
          both(node->kids[1]);
        }
        return all;
      }
      break;
    case Is::conditional: {
      both(node->kids[0]);
      const Abstract first = value(node->kids[0], in);
      if (!first.is_zero()) {
        both(node->kids[1]);
      }
      if (!first.is_true()) {
        both(node->kids[2]);
      }
      return all;
    }
    case Is::assign:
      both(node->kids[0]);
      both(node->kids[1]);
      add_write(all, node->kids[0], in);
      return all;
    case Is::update:
      both(node->kids[0]);
      add_write(all, node->kids[0], in);
      return all;
    case Is::name:
    case Is::call:
      if (const Node* body = expansion(node, in)) {
        if (depth_ < 100) {
          for (const Node* kid : body->kids) {
            both(kid);
          }
        }
        return all;
      }
      if (node->is == Is::call) {
        add_call(all, node, in);
      }
      return all;
    case Is::assembly: {
      const std::string name = "asm in " + (in.text == nullptr ? std::string() : in.text->name);
      if (const Named* harmless = in_list(lens_.harmless, name)) {
        used.insert(harmless);
        fact(Fact::Kind::harmless, name, harmless->reason);
        return all;
      }
      all.strong = true;
      all.why = "assembly";
      problems.push_back(place(node) + ": " + name + " is not bound");
      return all;
    }
    case Is::bad: {
      for (const std::string& word : words_of(node->text)) {
        const FunctionText* named = index_.function(word, index_.text(node->text_id).path);
        if (tracked_names_.contains(word) || machine_functions_.contains(word) ||
            (named != nullptr && !in.types.contains(word))) {
          all.strong = true;
          all.why = "unread text with '" + word + "'";
          problems.push_back(place(node) + ": not C as the parser knows it, and names '" + word +
                             "'");
        }
      }
      fact(Fact::Kind::dropped, node->text.substr(0, 40), "not read by the parser", place(node));
      return all;
    }
    case Is::field:
    case Is::index: break;
    default: break;
  }
  for (const Node* kid : node->kids) {
    both(kid);
  }
  return all;
}

void Analysis::run_effects() {
  enter_entries();
  for (bool more = true; more;) {
    more = false;
    problems.clear();
    for (const FunctionText* function : order_) {
      FunctionState& in = state(function);
      Effects all;
      for (unsigned id = 0; id < in.cfg.points.size(); ++id) {
        const Point& point = in.cfg.points[id];
        if (!in.live[id]) {
          continue;
        }
        switch (point.kind) {
          case Point::Kind::branch:
          case Point::Kind::select:
          case Point::Kind::returns: merge(all, effects_of(point.value, in)); break;
          case Point::Kind::simple:
          case Point::Kind::variable: merge(all, effects_of(point.node, in)); break;
          default: break;
        }
      }
      more = enter_callees(in) || more;
      if (!all.strong && (all.tightens || all.loosens) && opens_window(in)) {
        all.strong = true;
        all.why = "interrupts or preemption not balanced";
      }
      if (!all.strong && (all.tightens || all.loosens)) {
        fact(Fact::Kind::checked, function->name, "interrupts and preemption are balanced",
             function->place());
      }
      if (!(all == in.effects)) {
        in.effects = all;
        more = true;
      }
    }
    more = enter_entries() || more;
  }
  std::sort(problems.begin(), problems.end());
  problems.erase(std::unique(problems.begin(), problems.end()), problems.end());
}

/// The finite set of values that an expression can have; nothing if it is not known to be small.
std::optional<std::set<std::uint64_t>> Analysis::possible(const Node* node, FunctionState& in,
                                                          unsigned depth) {
  constexpr std::size_t most = 8;
  node = bare(node);
  if (node == nullptr || depth > 12) {
    return std::nullopt;
  }
  const Abstract known = value(node, in);
  if (known.is_constant()) {
    return std::set{known.constant.value};
  }
  std::set<std::uint64_t> all;
  const auto add = [&](const Node* each, FunctionState& where) {
    const auto more = possible(each, where, depth + 1);
    if (!more) {
      return false;
    }
    all.insert(more->begin(), more->end());
    return all.size() <= most;
  };
  if (node->is == Is::conditional) {
    return add(node->kids[1], in) && add(node->kids[2], in) ? std::optional(all) : std::nullopt;
  }
  const auto truth = [&](const Node* each) {
    return each->is == Is::binary &&
           (each->text == "&&" || each->text == "||" || each->text == "==" || each->text == "!=" ||
            each->text == "<" || each->text == ">" || each->text == "<=" || each->text == ">=");
  };
  if (truth(node) || (node->is == Is::unary && node->text == "!")) {
    return std::set<std::uint64_t>{0, 1};
  }
  if (node->is == Is::call) {
    if (const Node* body = expansion(node, in)) {
      return body->kids.size() == 1 && body->kids[0]->is == Is::expression &&
                     add(body->kids[0]->kids[0], in)
                 ? std::optional(all)
                 : std::nullopt;
    }
    const Callees& found = callees(node, in);
    if (found.how == Callees::How::transparent && node->kids.size() > 1) {
      return add(node->kids[1], in) ? std::optional(all) : std::nullopt;
    }
    if (found.targets.empty()) {
      return std::nullopt;
    }
    for (const FunctionText* target : found.targets) {
      FunctionState& to = state(target);
      if (!to.reached) {
        return std::nullopt;
      }
      const Type type = index_.plain(target->result);
      if (type.base == "bool" && type.pointers == 0) {
        all.insert({0, 1});
        continue;
      }
      for (unsigned id = 0; id < to.cfg.points.size(); ++id) {
        if (to.live[id] && to.cfg.points[id].kind == Point::Kind::returns &&
            !add(to.cfg.points[id].value, to)) {
          return std::nullopt;
        }
      }
    }
    return all;
  }
  if (node->is == Is::name && in.types.contains(node->text) && in.text != nullptr &&
      !in.address_taken.contains(node->text)) {
    const Type type = index_.plain(in.types.at(node->text));
    if (type.base == "bool" && type.pointers == 0) {
      return std::set<std::uint64_t>{0, 1};
    }
    for (const Parameter& parameter : in.text->parameters) {
      if (parameter.name == node->text) {
        return std::nullopt;
      }
    }
    bool finite = true;
    for (unsigned id = 0; id < in.cfg.points.size() && finite; ++id) {
      if (!in.live[id]) {
        continue;
      }
      const Point& point = in.cfg.points[id];
      walk_through(point.kind == Point::Kind::branch || point.kind == Point::Kind::select
                       ? point.value
                       : point.node,
                   in, [&](const Node* each) {
                     if (each->is == Is::variable && each->text == node->text &&
                         !each->kids.empty() && each == point.node) {
                       finite = finite && add(each->kids[0], in);
                     } else if (each->is == Is::assign && bare(each->kids[0])->is == Is::name &&
                                bare(each->kids[0])->text == node->text) {
                       finite = finite && each->text == "=" && add(each->kids[1], in);
                     } else if (each->is == Is::update && bare(each->kids[0])->text == node->text) {
                       finite = false;
                     }
                   });
    }
    return finite && !all.empty() ? std::optional(all) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace airlock::kernel
