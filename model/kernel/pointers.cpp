// Where a pointer may point (rules 2 and 5).
//
// A pointer is followed through the locals and parameters of its function, whatever the order in
// which they are assigned. What it is where that ends (it comes out of a field, a global or a call)
// is not known: it may point to every tracked field whose address was put where such pointers come
// from. Those are collected first: an address leaks that is stored into anything but a local,
// returned, or handed to a function that does so with its parameter. Pointers to structs need none
// of this: a write through them names its field.
#include <algorithm>

#include "model/kernel/analysis.hpp"

namespace airlock::kernel {

void Analysis::follow(const Node* node, const FunctionState& in, Pointees& into, unsigned depth) {
  node = core(node, in);
  if (node == nullptr || depth > 40) {
    into.unknown = true;
    return;
  }
  switch (node->is) {
    case Is::number:
    case Is::string: return;
    case Is::cast: follow(node->kids[0], in, into, depth + 1); return;
    case Is::update: follow(node->kids[0], in, into, depth + 1); return;
    case Is::comma:
    case Is::assign: follow(node->kids[1], in, into, depth + 1); return;
    case Is::conditional:
      follow(node->kids[1], in, into, depth + 1);
      follow(node->kids[2], in, into, depth + 1);
      return;
    case Is::binary:
      follow(node->kids[0], in, into, depth + 1);
      follow(node->kids[1], in, into, depth + 1);
      return;
    case Is::unary:
      if (node->text == "&") {
        const Node* place = bare(node->kids[0]);
        while (place->is == Is::index && type_of(place->kids[0], in).arrays > 0) {
          place = bare(place->kids[0]);
        }
        if (place->is == Is::index || (place->is == Is::unary && place->text == "*")) {
          follow(place->kids[0], in, into, depth + 1);  // &p[i], &*p
        } else {
          into.places.push_back(place);
        }
        return;
      }
      break;
    case Is::field:
    case Is::index:
      if (type_of(node, in).arrays > 0) {
        into.places.push_back(node);
        return;
      }
      break;
    case Is::name: {
      const auto type = in.types.find(node->text);
      if (type == in.types.end() || in.text == nullptr) {
        if (type_of(node, in).arrays == 0) {
          break;
        }
        into.places.push_back(node);
        return;
      }
      if (index_.plain(type->second).arrays > 0) {
        into.places.push_back(node);
        return;
      }
      if (!into.seen.insert(node->text).second) {
        return;
      }
      for (unsigned i = 0; i < in.text->parameters.size(); ++i) {
        if (in.text->parameters[i].name == node->text) {
          into.parameters.insert(i);
        }
      }
      into.unknown = into.unknown || in.address_taken.contains(node->text);
      for (const Node* value : assigned_values(in)[node->text]) {
        follow(value, in, into, depth + 1);
      }
      return;
    }
    default: break;
  }
  into.unknown = true;
}

/// What each local of a function is given, wherever: initialisers and assignments.
std::map<std::string, std::vector<const Node*>>& Analysis::assigned_values(
    const FunctionState& in) {
  const auto found = assigned_values_.insert({in.text, {}});
  auto& values = found.first->second;
  if (found.second) {
    walk_through(in.text->body, in, [&](const Node* each) {
      if (each->is == Is::variable && !each->kids.empty()) {
        values[each->text].push_back(each->kids[0]);
      } else if (each->is == Is::assign && bare(each->kids[0])->is == Is::name) {
        values[bare(each->kids[0])->text].push_back(each->kids[1]);
      }
    });
  }
  return values;
}

Pointees Analysis::pointees(const Node* pointer, const FunctionState& in) {
  const auto known = pointees_.find({pointer, &in});
  if (known != pointees_.end()) {
    return known->second;
  }
  Pointees result;
  follow(pointer, in, result, 0);
  pointees_[{pointer, &in}] = result;
  return result;
}

/// The tracked scalar that an expression names; "" if it is none.
std::string Analysis::tracked_scalar(const Node* place, const FunctionState& in) {
  const std::string key = field_key(place, in);
  return tracked(key) && !hot(type_of(place, in)) ? key : std::string();
}

/// The effects of a write through a pointer.
void Analysis::add_write_through(Effects& all, const Node* pointer, FunctionState& in) {
  const Pointees to = pointees(pointer, in);
  for (const Node* place : to.places) {
    add_write(all, place, in);
  }
  all.through.insert(to.parameters.begin(), to.parameters.end());
  if (to.unknown) {
    for (const std::string& key : leaked_) {
      if (framed(key)) {
        all.frame.insert(key);
      } else {
        all.strong = true;
        all.why = "a pointer that may point to " + key;
      }
    }
  }
}

/// Collects leaked_: see above.
void Analysis::collect_leaks() {
  std::set<std::pair<unsigned, unsigned>> parameters;  // function, position: leaks what it is given
  bool more = true;
  const auto leak = [&](const Node* value, FunctionState& in) {
    const Pointees to = pointees(value, in);
    for (const Node* place : to.places) {
      if (const std::string key = tracked_scalar(place, in); !key.empty()) {
        more = leaked_.insert(key).second || more;
      }
    }
    for (const unsigned i : to.parameters) {
      const Type type = index_.plain(in.text->parameters[i].type);
      if (type.pointers > 0 && !type.is_struct()) {
        more = parameters.insert({in.text->id, i}).second || more;
      }
    }
  };
  while (more) {
    more = false;
    for (const FunctionText* function : order_) {
      FunctionState& in = state(function);
      const auto pointer = [&](const Node* value) {
        const Type type = type_of(value, in);
        return type.pointers > 0 && !type.is_struct() && !type.function;
      };
      walk_through(function->body, in, [&](const Node* each) {
        if (each->is == Is::assign && bare(each->kids[0])->is != Is::name) {
          if (pointer(each->kids[1])) {
            leak(each->kids[1], in);
          }
        } else if (each->is == Is::designated) {
          if (pointer(each->kids[0])) {
            leak(each->kids[0], in);
          }
        } else if (each->is == Is::return_ && !each->kids.empty()) {
          if (pointer(each->kids[0])) {
            leak(each->kids[0], in);
          }
        } else if (each->is == Is::call && expansion(each, in) == nullptr) {
          for (const FunctionText* target : callees(each, in).targets) {
            for (unsigned i = 0; i < target->parameters.size() && i + 1 < each->kids.size(); ++i) {
              if (parameters.contains({target->id, i})) {
                leak(each->kids[i + 1], in);
              }
            }
          }
        }
      });
    }
  }
}

}  // namespace airlock::kernel
