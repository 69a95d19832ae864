// Which values say anything about tracked state (rule 4): what does not becomes a free choice.
//
// Whether a local is telling decides only how much is kept. What it is assigned, if it is kept, is
// written out either way, a free choice where nothing is known.
#include <algorithm>
#include <bit>

#include "model/kernel/analysis.hpp"

namespace airlock::kernel {

bool Analysis::telling(const Node* node, FunctionState& in) {
  return rank(node, in) > 0;
}

/// 0: anything; 1: one of a few constants; 2: says something about tracked state.
int Analysis::rank(const Node* node, FunctionState& in) {
  node = bare(node);
  if (node == nullptr || ++depth_ > 200) {
    return 0;
  }
  struct Leave {
    unsigned& depth;
    ~Leave() { --depth; }
  } leave{depth_};
  const Abstract known = value(node, in);
  if (known.is_constant()) {
    return 1;
  }
  if (const Assumption* assumption = assumed(node, in)) {
    const Node* is = assumed_values_.at(assumption->what.names[0]);
    return is == nullptr ? 0 : rank(is, in);
  }
  const auto least = [&](const Node* a, const Node* b) {
    const int x = rank(a, in);
    const int y = rank(b, in);
    return x == 0 || y == 0 ? 0 : std::max(x, y);
  };
  switch (node->is) {
    case Is::name: {
      if (in.types.contains(node->text)) {
        const auto found = in.telling.find(node->text);
        return found == in.telling.end() ? 0 : found->second;
      }
      if (const Node* body = expansion(node, in)) {
        return body->kids.size() == 1 && body->kids[0]->is == Is::expression
                   ? rank(body->kids[0]->kids[0], in)
                   : 0;
      }
      return lens_globals_.contains(node->text) ? 2 : 0;
    }
    case Is::field: {
      const std::string key = field_key(node, in);
      if (framed(key) || key.starts_with("?.")) {
        return 2;
      }
      return tracked(key) && (mask_of(key).empty() || is_ghost(key)) ? 2 : 0;
    }
    case Is::index:
      return bare(node->kids[0])->is == Is::field && rank(node->kids[0], in) == 2 ? 2 : 0;
    case Is::unary:
      if (node->text == "&") {
        return bare(node->kids[0])->is == Is::name || hot(type_of(node, in)) ||
                       !tracked_scalar(bare(node->kids[0]), in).empty()
                   ? 2
                   : 0;
      }
      return rank(node->kids[0], in);
    case Is::binary:
      if (node->text == "&&" || node->text == "||") {
        const int x = rank(node->kids[0], in);
        const int y = rank(node->kids[1], in);
        return x == 2 || y == 2 ? 2 : x == 0 || y == 0 ? 0 : 1;
      }
      if (node->text == "&" &&
          (masked(node->kids[0], node->kids[1], in) || masked(node->kids[1], node->kids[0], in))) {
        return 2;
      }
      if (narrowed(node, in) != nullptr) {
        return 1;
      }
      return least(node->kids[0], node->kids[1]);
    case Is::conditional: {
      const int c = rank(node->kids[0], in);
      const int x = rank(node->kids[1], in);
      const int y = rank(node->kids[2], in);
      return c == 2 || x == 2 || y == 2 ? 2 : x == 0 || y == 0 ? 0 : 1;
    }
    case Is::cast: return rank(node->kids[0], in);
    case Is::assign:
    case Is::comma: return rank(node->kids[1], in);
    case Is::statement_expr: {
      const Node* last = only_expression(node->kids[0], in);
      return last == nullptr ? 0 : rank(last, in);
    }
    case Is::call: {
      if (const Node* body = expansion(node, in)) {
        return body->kids.size() == 1 && body->kids[0]->is == Is::expression
                   ? rank(body->kids[0]->kids[0], in)
                   : 0;
      }
      const Callees& found = callees(node, in);
      if (found.how == Callees::How::transparent && node->kids.size() > 1) {
        return rank(node->kids[1], in);
      }
      if (found.how == Callees::How::machine) {
        return found.name.starts_with("any_") ? 0 : 2;
      }
      if (found.targets.empty() ||
          (found.targets.size() == 1 && !counts(node, found.targets.front()->name, in))) {
        return 0;
      }
      int all = 1;
      for (const FunctionText* target : found.targets) {
        const int theirs = state(target).telling_result;
        if (theirs == 2) {
          return 2;
        }
        all = std::min(all, theirs);
      }
      return all;
    }
    default: return 0;
  }
}

/// Whether `field & mask` reads nothing but the bits that are tracked.
bool Analysis::masked(const Node* field, const Node* mask, FunctionState& in) {
  field = bare(field);
  const std::string key = field_key(field, in);
  if (!tracked(key) || mask_of(key).empty() || is_ghost(key)) {
    return false;
  }
  const Abstract wanted = value(mask, in);
  if (!wanted.is_constant()) {
    return false;
  }
  return (wanted.constant.value & ~mask_value(key)) == 0;
}

/// Of `unknown & CONSTANT` with few bits in it: the constant's node; null for what is none.
const Node* Analysis::narrowed(const Node* node, FunctionState& in) {
  node = bare(node);
  if (node->is != Is::binary || node->text != "&") {
    return nullptr;
  }
  for (unsigned i = 0; i < 2; ++i) {
    const Abstract mask = value(node->kids[1 - i], in);
    if (mask.is_constant() && std::popcount(mask.constant.value) <= 8 &&
        rank(node->kids[i], in) == 0 && !masked(node->kids[i], node->kids[1 - i], in)) {
      return node->kids[1 - i];
    }
  }
  return nullptr;
}

std::uint64_t Analysis::mask_value(const std::string& key) {
  static FunctionState nowhere;
  const Node* mask = index_.parse_expression(mask_of(key), lens_.path, 0);
  const Abstract known = mask == nullptr ? Abstract::any() : value(mask, nowhere);
  return known.is_constant() ? known.constant.value : 0;
}

void Analysis::run_values() {
  for (bool more = true; more;) {
    more = false;
    const auto raise = [&](int& into, int value) {
      if (value > into) {
        into = value;
        more = true;
      }
    };
    for (const FunctionText* function : order_) {
      FunctionState& in = state(function);
      std::map<std::string, std::pair<int, int>> defined;  // least and greatest of what it gets
      const auto define = [&](const std::string& name, int value) {
        auto [at, fresh] = defined.insert({name, {value, value}});
        if (!fresh) {
          at->second = {std::min(at->second.first, value), std::max(at->second.second, value)};
        }
      };
      bool branches = false;
      int least = 2;
      int most = 0;
      bool returns = false;
      for (unsigned id = 0; id < in.cfg.points.size(); ++id) {
        if (!in.live[id]) {
          continue;
        }
        const Point& point = in.cfg.points[id];
        const Node* what = nullptr;
        if (point.kind == Point::Kind::branch || point.kind == Point::Kind::select) {
          what = point.value;
          branches = branches || (!point.iterator && rank(what, in) == 2);
        } else if (point.kind == Point::Kind::returns) {
          what = point.value;
          if (what != nullptr) {
            int theirs = rank(what, in);
            theirs = rank_or_few(what, in);
            returns = true;
            least = std::min(least, theirs);
            most = std::max(most, theirs);
          }
        } else if (point.kind == Point::Kind::simple || point.kind == Point::Kind::variable) {
          what = point.node;
        }
        if (point.iterator) {
          continue;
        }
        walk_through(what, in, [&](const Node* each) {
          if (each->is == Is::variable && !each->kids.empty()) {
            define(each->text, rank_or_few(each->kids[0], in));
          } else if (each->is == Is::assign && bare(each->kids[0])->is == Is::name) {
            define(bare(each->kids[0])->text, rank_or_few(each->kids[1], in));
          } else if (each->is == Is::unary && each->text == "&" &&
                     bare(each->kids[0])->is == Is::name) {
            define(bare(each->kids[0])->text, 2);
          } else if (each->is == Is::call) {
            if (expansion(each, in) != nullptr) {
              return;
            }
            for (const FunctionText* target : callees(each, in).targets) {
              FunctionState& to = state(target);
              if (!to.reached) {
                continue;
              }
              for (unsigned i = 0; i < target->parameters.size() && i + 1 < each->kids.size();
                   ++i) {
                const Type type = index_.plain(target->parameters[i].type);
                if (!hot(type)) {
                  raise(to.telling[target->parameters[i].name], rank_or_few(each->kids[i + 1], in));
                }
              }
            }
          }
        });
      }
      for (const auto& [name, type] : in.types) {
        const Type plain = index_.plain(type);
        if (hot(plain)) {
          raise(in.telling[name], 2);
        } else if (plain.function) {
          raise(in.telling[name], 2);
        }
      }
      for (const auto& [name, range] : defined) {
        raise(in.telling[name], range.second == 2 ? 2 : range.first == 0 ? 0 : 1);
      }
      if (returns) {
        raise(in.telling_result, most == 2 || branches ? 2 : least);
      }
    }
  }
}

int Analysis::rank_or_few(const Node* node, FunctionState& in) {
  const int known = rank(node, in);
  if (known != 0) {
    return known;
  }
  // That a truth is 0 or 1 says nothing.
  const auto few = possible(node, in);
  return few && *few != std::set<std::uint64_t>{0, 1} ? 1 : 0;
}

}  // namespace airlock::kernel
