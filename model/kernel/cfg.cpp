#include "model/kernel/cfg.hpp"

namespace airlock::kernel {
namespace {

/// Builds backwards: what a statement does, given what comes after it.
class Builder {
 public:
  explicit Builder(Cfg& cfg) : cfg_(cfg) {}

  void run(const Node* body) {
    add(Point::Kind::entry, nullptr);
    add(Point::Kind::exit, nullptr);
    walk(body, [&](const Node* node) {
      if (node->is == Is::label) {
        cfg_.labels[node->text] = add(Point::Kind::label, node);
      }
    });
    const unsigned first = build(body, Cfg::exit);
    cfg_.points[Cfg::entry].next = {first};
  }

 private:
  struct Around {
    unsigned leave = Cfg::exit, again = Cfg::exit;
    std::vector<std::pair<const Node*, unsigned>>* cases = nullptr;
  };

  unsigned add(Point::Kind kind, const Node* node) {
    Point made;
    made.kind = kind;
    made.node = node;
    cfg_.points.push_back(made);
    const auto id = static_cast<unsigned>(cfg_.points.size() - 1);
    if (node != nullptr) {
      cfg_.of[node] = id;
    }
    return id;
  }

  unsigned simple(const Node* node, unsigned next) {
    const unsigned id = add(Point::Kind::simple, node);
    cfg_.points[id].next = {next};
    return id;
  }

  unsigned branch(const Node* node, const Node* value, unsigned yes, unsigned no) {
    const unsigned id = add(Point::Kind::branch, node);
    cfg_.points[id].value = value;
    cfg_.points[id].next = {yes, no};
    return id;
  }

  unsigned jump(const Node* node, unsigned target, unsigned after) {
    const unsigned id = add(Point::Kind::jump, node);
    cfg_.points[id].next = {target};
    cfg_.points[id].after = after;
    return id;
  }

  unsigned build(const Node* node, unsigned next) {
    if (node == nullptr) {
      return next;
    }
    switch (node->is) {
      case Is::block: return sequence(node->kids, 0, next);
      case Is::declaration: {
        for (auto kid = node->kids.rbegin(); kid != node->kids.rend(); ++kid) {
          const unsigned id = add(Point::Kind::variable, *kid);
          cfg_.points[id].next = {next};
          next = id;
        }
        return next;
      }
      case Is::empty: return next;
      case Is::if_: {
        const unsigned yes = build(node->kids[1], next);
        const unsigned no = build(node->kids[2], next);
        return branch(node, node->kids[0], yes, no);
      }
      case Is::while_: {
        const unsigned head = branch(node, node->kids[0], next, next);
        cfg_.points[head].iterator = node->text == "iterator";
        cfg_.points[head].next[0] = inside(node->kids[1], head, next, head);
        return head;
      }
      case Is::do_: {
        const unsigned head = branch(node, node->kids[1], next, next);
        const unsigned body = inside(node->kids[0], head, next, head);
        cfg_.points[head].next[0] = body;
        return body;
      }
      case Is::for_: return loop(node, next);
      case Is::switch_: return select(node, next);
      case Is::case_: {
        const unsigned first = sequence(node->kids, 2, next);
        const unsigned id = add(Point::Kind::label, node);
        cfg_.points[id].next = {first};
        if (around_.cases != nullptr) {
          around_.cases->emplace_back(node, id);
        }
        return id;
      }
      case Is::label: {
        const unsigned id = cfg_.labels.at(node->text);
        cfg_.points[id].next = {build(node->kids[0], next)};
        return id;
      }
      case Is::goto_: {
        const auto found = cfg_.labels.find(node->text);
        return jump(node, found == cfg_.labels.end() ? Cfg::exit : found->second, next);
      }
      case Is::break_: return jump(node, around_.leave, next);
      case Is::continue_: return jump(node, around_.again, next);
      case Is::return_: {
        const unsigned id = add(Point::Kind::returns, node);
        cfg_.points[id].next = {Cfg::exit};
        cfg_.points[id].after = next;
        cfg_.points[id].value = node->kids.empty() ? nullptr : node->kids[0];
        return id;
      }
      default: return simple(node, next);
    }
  }

  unsigned sequence(const std::vector<Node*>& kids, std::size_t from, unsigned next) {
    for (std::size_t i = kids.size(); i > from; --i) {
      next = build(kids[i - 1], next);
    }
    return next;
  }

  unsigned inside(const Node* body, unsigned next, unsigned leave, unsigned again) {
    const Around outer = around_;
    around_.leave = leave;
    around_.again = again;
    const unsigned first = build(body, next);
    around_ = outer;
    return first;
  }

  unsigned loop(const Node* node, unsigned next) {
    unsigned head = 0;
    if (node->kids[1] != nullptr) {
      head = branch(node, node->kids[1], next, next);
    } else {
      head = add(Point::Kind::label, node);
      cfg_.points[head].next = {next};
    }
    unsigned again = head;
    if (node->kids[2] != nullptr) {
      again = simple(node->kids[2], head);
    }
    const unsigned body = inside(node->kids[3], again, next, again);
    cfg_.points[head].next[0] = body;
    if (node->kids[0] == nullptr) {
      return head;
    }
    return node->kids[0]->is == Is::declaration ? build(node->kids[0], head)
                                                : simple(node->kids[0], head);
  }

  unsigned select(const Node* node, unsigned next) {
    std::vector<std::pair<const Node*, unsigned>> cases;
    const Around outer = around_;
    around_.leave = next;
    around_.cases = &cases;
    build(node->kids[1], next);
    around_ = outer;
    const unsigned id = add(Point::Kind::select, node);
    Point& point = cfg_.points[id];
    point.value = node->kids[0];
    unsigned past = next;
    for (auto each = cases.rbegin(); each != cases.rend(); ++each) {
      if (each->first->kids[0] == nullptr) {
        past = each->second;
        continue;
      }
      point.cases.push_back(each->first);
      point.next.push_back(each->second);
    }
    point.next.push_back(past);
    return id;
  }

  Cfg& cfg_;
  Around around_;
};

}  // namespace

Cfg build_cfg(const Node* body) {
  Cfg cfg;
  Builder(cfg).run(body);
  return cfg;
}

}  // namespace airlock::kernel
