#include "model/kernel/slicer.hpp"

#include <algorithm>

namespace airlock::kernel {

Slicer::Slicer(Analysis& analysis, Receipt& receipt) : analysis_(analysis), receipt_(receipt) {
  needs_.resize(analysis_.index().functions().size());
}

bool Slicer::keep(const FunctionText* function) {
  Need& need = needs_[function->id];
  if (need.kept) {
    return false;
  }
  need.kept = true;
  FunctionState& in = analysis_.state(function);
  need.points.assign(in.cfg.points.size(), false);
  need.next.assign(in.cfg.points.size(), -1);
  need.live.assign(in.cfg.points.size(), {});
  kept_.push_back(function);
  const Text& whole = analysis_.index().text(function->text_id);
  const std::string_view own =
      analysis_.index().slice(function->text_id, function->begin, function->end);
  const auto last =
      function->line + static_cast<unsigned>(std::count(own.begin(), own.end(), '\n'));
  for (const auto& [begin, end, condition] : whole.undecided) {
    if (begin <= last && end >= function->line) {
      analysis_.fail(
          function->body,
          "'" + function->name + "' is kept, and '#if " + condition + "' in it is not decided",
          "a value in [config] of the lens");
    }
  }
  if (function->has_bad) {
    bool matters = false;
    for (unsigned id = 0; id < in.cfg.points.size(); ++id) {
      const Point& point = in.cfg.points[id];
      if (in.live[id] &&
          (point.kind == Point::Kind::simple || point.kind == Point::Kind::variable ||
           point.kind == Point::Kind::branch)) {
        walk(point.kind == Point::Kind::branch ? point.value : point.node,
             [&](const Node* each) { matters = matters || each->is == Is::bad; });
      }
    }
    if (matters) {
      walk(function->body, [&](const Node* each) {
        if (each->is == Is::bad) {
          analysis_.fail(each,
                         "'" + function->name +
                             "' is kept, and this is not C as the parser "
                             "knows it",
                         "a word for specs/lens/words.txt, or a function of the lens");
        }
      });
    }
  }
  return true;
}

/// The next kept point from each point: itself if it is kept, else what its ways come to.
void Slicer::next_points(FunctionState& in, Need& need) {
  const auto& points = in.cfg.points;
  std::vector<int>& next = need.next;
  std::fill(next.begin(), next.end(), -1);
  for (bool more = true; more;) {
    more = false;
    for (unsigned i = static_cast<unsigned>(points.size()); i > 0; --i) {
      const unsigned id = i - 1;
      int now = -1;
      if (need.points[id] || (id == Cfg::exit && !need.wraps)) {
        now = static_cast<int>(id);
      } else {
        // What cannot run is blank in the print: behind a jump, the text goes on through it, and
        // through jumps in it.
        const bool blank_jump = !in.live[id] && (points[id].kind == Point::Kind::jump ||
                                                 points[id].kind == Point::Kind::returns);
        const auto merged = need.merged.find(id);
        const std::vector<unsigned> after = merged != need.merged.end()
                                                ? std::vector<unsigned>{merged->second}
                                            : id == Cfg::exit ? std::vector<unsigned>{Cfg::entry}
                                            : blank_jump  ? std::vector<unsigned>{points[id].after}
                                            : in.live[id] ? analysis_.successors(id, in)
                                                          : points[id].next;
        for (const unsigned each : after) {
          if (next[each] == -1 || next[each] == now) {
            continue;
          }
          now = now == -1 ? next[each] : -2;
        }
      }
      if (now != next[id] && !(next[id] == -2)) {
        next[id] = now;
        more = true;
      }
    }
  }
}

/// Adds the conditions that decide which kept point comes next.
void Slicer::close(FunctionState& in, Need& need) {
  for (bool more = true; more;) {
    more = false;
    next_points(in, need);
    for (unsigned id = 0; id < in.cfg.points.size(); ++id) {
      const Point& point = in.cfg.points[id];
      if (!in.live[id] || need.points[id] ||
          (point.kind != Point::Kind::branch && point.kind != Point::Kind::select)) {
        continue;
      }
      // Several kept points may come next, and one of its sides has chosen one. (Asking that every
      // side has would miss branches that wait for each other around a loop.)
      bool decides = false;
      for (const unsigned each : analysis_.successors(id, in)) {
        decides = decides || need.next[each] >= 0;
      }
      if (need.next[id] == -2 && decides) {
        need.points[id] = true;
        changed_ = true;
        more = true;
      }
    }
  }
}

/// "case 1:"; a GNU range becomes a label for each value.
std::string Slicer::label_text(const Node* node, FunctionState& in, Met& met) {
  const Node* value = node->kids[0];
  if (value == nullptr) {
    return "default:";
  }
  if (value->is != Is::binary || value->text != "||") {
    return "case " + text(value, in, met) + ":";
  }
  const Abstract low = analysis_.value(value->kids[0], in);
  const Abstract high = analysis_.value(value->kids[1], in);
  constexpr std::uint64_t most = 64;
  if (!low.is_constant() || !high.is_constant() ||
      high.constant.value - low.constant.value > most) {
    analysis_.fail(node, "a case range of more than 64 values is kept",
                   "a function of the lens in its place");
  }
  met.rewritten = true;
  met.rules.insert("case range");
  std::string result;
  for (Constant each = low.constant; each.value <= high.constant.value; ++each.value) {
    result += (result.empty() ? "case " : " case ") + constant_text(each) + ":";
  }
  return result;
}

std::string Slicer::point_text(unsigned id, FunctionState& in, Met& met) {
  const Point& point = in.cfg.points[id];
  const Need& need = needs_[in.text->id];
  switch (point.kind) {
    case Point::Kind::branch:
      if (point.iterator) {
        met.rewritten = true;
        met.rules.insert("untracked");
        return "any_bool()";
      }
      return truth(point.value, in, met);
    case Point::Kind::select: {
      for (const Node* each : point.cases) {
        Met label;
        label_text(each, in, label);
      }
      return text(point.value, in, met);
    }
    case Point::Kind::returns: {
      if (point.value == nullptr) {
        return "";
      }
      const Type type = analysis_.index().plain(in.text->result);
      if (need.result) {
        return type.base == "bool" && type.pointers == 0 ? truth(point.value, in, met)
                                                         : text(point.value, in, met);
      }
      return effect(point.value, in, met);
    }
    case Point::Kind::variable: {
      if (point.node->kids.empty()) {
        return "";
      }
      const Type type = analysis_.index().plain(point.node->type);
      if (!need.locals.contains(point.node->text)) {
        return effect(point.node->kids[0], in, met);
      }
      if (bare(point.node->kids[0])->is == Is::initialisers) {
        return initialiser_text(bare(point.node->kids[0]), type, in, met);
      }
      return type.base == "bool" && type.pointers == 0 ? truth(point.node->kids[0], in, met)
                                                       : text(point.node->kids[0], in, met);
    }
    case Point::Kind::simple: {
      const Node* what = point.node->is == Is::expression ? point.node->kids[0] : point.node;
      if (what->is == Is::bad || what->is == Is::assembly) {
        analysis_.fail(what, "a kept statement cannot be read", "a function of the lens");
      }
      return effect(what, in, met);
    }
    default: return "";
  }
}

namespace {

/// The local that a point as a whole assigns, "" if it is none.
std::string assigned(const Point& point, FunctionState& in, Analysis& analysis) {
  if (point.kind == Point::Kind::variable && !point.node->kids.empty()) {
    return point.node->text;
  }
  if (point.kind != Point::Kind::simple) {
    return {};
  }
  const Node* what = analysis.core(point.node->is == Is::expression && !point.node->kids.empty()
                                       ? point.node->kids[0]
                                       : point.node,
                                   in);
  if (what->is == Is::assign && bare(what->kids[0])->is == Is::name) {
    return bare(what->kids[0])->text;
  }
  return {};
}

bool overwrites(const Point& point, FunctionState& in, Analysis& analysis) {
  if (point.kind == Point::Kind::variable) {
    return true;
  }
  const Node* what =
      analysis.core(point.node->is == Is::expression ? point.node->kids[0] : point.node, in);
  return what->text == "=";
}

}  // namespace

/// Locals that kept points read, behind each point.
void Slicer::liveness(FunctionState& in, Need& need, const std::vector<Met>& met) {
  const auto& points = in.cfg.points;
  for (bool more = true; more;) {
    more = false;
    for (unsigned i = static_cast<unsigned>(points.size()); i > 0; --i) {
      const unsigned id = i - 1;
      if (!in.live[id]) {
        continue;
      }
      std::set<std::string> behind;
      for (const unsigned each : analysis_.successors(id, in)) {
        std::set<std::string> before = need.live[each];
        const std::string target = assigned(points[each], in, analysis_);
        if (!target.empty() && overwrites(points[each], in, analysis_) &&
            !in.address_taken.contains(target)) {
          before.erase(target);
        }
        if (need.points[each]) {
          before.insert(met[each].locals.begin(), met[each].locals.end());
        }
        behind.insert(before.begin(), before.end());
      }
      if (behind != need.live[id]) {
        need.live[id] = std::move(behind);
        more = true;
      }
    }
  }
}

/// One round over a function; true if something new is kept or needed.
bool Slicer::work(const FunctionText* function) {
  changed_ = false;
  now_ = function;
  FunctionState& in = analysis_.state(function);
  Need& need = needs_[function->id];
  if (function->from_lens) {
    // The C half is read as it stands; what it calls and reads is kept.
    for (unsigned id = 0; id < in.cfg.points.size(); ++id) {
      if (in.live[id]) {
        need.points[id] = true;
      }
    }
    for (unsigned i = 0; i < function->parameters.size(); ++i) {
      bool read = false;
      walk(function->body, [&](const Node* each) {
        read = read || (each->is == Is::name && each->text == function->parameters[i].name);
      });
      if (read) {
        changed_ = need.parameters.insert(i).second || changed_;
      }
    }
    walk(function->body, [&](const Node* each) {
      if (each->is == Is::call && analysis_.expansion(each, in) == nullptr) {
        for (const FunctionText* target : analysis_.callees(each, in).targets) {
          changed_ = keep(target) || changed_;
          edges_.insert({function, target});
          changed_ = !needs_[target->id].result || changed_;
          needs_[target->id].result = true;
          call_sites_[target].insert(each);
          for (unsigned i = 0; i < target->parameters.size(); ++i) {
            changed_ = needs_[target->id].parameters.insert(i).second || changed_;
          }
        }
      }
      if (each->is == Is::name && !in.types.contains(each->text) &&
          analysis_.value(each, in).is_constant()) {
        body_constants.insert(each->text);
      }
      if (each->is == Is::field && analysis_.framed(analysis_.field_key(each, in))) {
        changed_ = frame_needed_.insert(analysis_.field_key(each, in)).second || changed_;
      }
    });
    return changed_;
  }
  bool any_change = false;
  for (bool more = true; more;) {
    more = false;
    changed_ = false;
    std::vector<Met> met(in.cfg.points.size());
    for (unsigned id = 0; id < in.cfg.points.size(); ++id) {
      if (!in.live[id]) {
        continue;
      }
      const Point& point = in.cfg.points[id];
      const Node* what = point.kind == Point::Kind::branch || point.kind == Point::Kind::select ||
                                 point.kind == Point::Kind::returns
                             ? point.value
                         : point.kind == Point::Kind::simple
                             ? (point.node->is == Is::expression ? point.node->kids[0] : point.node)
                         : point.kind == Point::Kind::variable && !point.node->kids.empty()
                             ? point.node->kids[0]
                             : nullptr;
      bool keeps = need.points[id];
      if (!keeps && what != nullptr) {
        const std::string target = assigned(point, in, analysis_);
        if (target.empty()) {
          keeps = acts(what, in);
        } else {
          const Node* value =
              point.kind == Point::Kind::variable ? what : analysis_.core(what, in)->kids[1];
          keeps = acts(value, in) || need.live[id].contains(target) ||
                  (in.address_taken.contains(target) && need.locals.contains(target));
        }
      }
      if (!keeps && point.kind == Point::Kind::returns && need.result) {
        keeps = true;
      }
      if (keeps && !need.points[id]) {
        need.points[id] = true;
        more = true;
      }
      if (keeps) {
        point_text(id, in, met[id]);
      }
    }
    close(in, need);
    for (unsigned id = 0; id < in.cfg.points.size(); ++id) {
      if (need.points[id] && in.live[id]) {
        point_text(id, in, met[id]);
        for (const std::string& local : met[id].locals) {
          if (need.locals.insert(local).second) {
            more = true;
          }
        }
      }
    }
    liveness(in, need, met);
    for (unsigned i = 0; i < function->parameters.size(); ++i) {
      if (need.locals.contains(function->parameters[i].name) && need.parameters.insert(i).second) {
        more = true;
      }
    }
    for (unsigned id = 0; id < in.cfg.points.size() && !more; ++id) {
      const std::string target = in.live[id] ? assigned(in.cfg.points[id], in, analysis_) : "";
      more = !target.empty() && !need.points[id] && need.live[id].contains(target);
    }
    any_change = any_change || more || changed_;
    more = more || changed_;
  }
  return any_change;
}

/// A function that is called again as soon as it has ended, with nothing between, is a loop: its
/// end is its beginning. The entry that is called forever is one; what it does nothing but call is
/// another, and so on.
std::vector<const FunctionText*> Slicer::loops() {
  std::vector<const FunctionText*> chain;
  for (const Entry& entry : analysis_.lens().entries) {
    if (entry.name != "vcpu_run" || entry.functions.size() != 1) {
      continue;
    }
    const FunctionText* function = analysis_.entry_function(entry.functions[0]);
    while (function != nullptr && needs_[function->id].kept) {
      chain.push_back(function);
      now_ = function;
      Need& need = needs_[function->id];
      FunctionState& in = analysis_.state(function);
      const bool wrapped = need.wraps;
      need.wraps = true;
      next_points(in, need);
      const int only = need.next[Cfg::entry];
      const FunctionText* inner = nullptr;
      if (only >= 0 && need.next[in.cfg.points[static_cast<unsigned>(only)].next[0]] == only) {
        const Point& point = in.cfg.points[static_cast<unsigned>(only)];
        unsigned calls = 0;
        walk(point.kind == Point::Kind::returns ? point.value : point.node, [&](const Node* each) {
          if (each->is == Is::call && acts(each, in)) {
            const Callees& found = analysis_.callees(each, in);
            ++calls;
            inner = found.targets.size() == 1 ? found.targets.front() : nullptr;
          }
        });
        if (calls != 1 || point.kind == Point::Kind::branch) {
          inner = nullptr;
        }
      }
      need.wraps = wrapped;
      next_points(in, need);
      if (inner == nullptr || call_sites_[inner].size() != 1 || needs_[inner->id].result ||
          inner->from_lens) {
        break;
      }
      bool plain = true;
      for (const unsigned i : needs_[inner->id].parameters) {
        plain = plain && analysis_.hot(analysis_.index().plain(inner->parameters[i].type));
      }
      function = plain ? inner : nullptr;
    }
  }
  return chain;
}

void Slicer::settle(const std::vector<const FunctionText*>& wrapping) {
  needs_.assign(needs_.size(), {});
  kept_.clear();
  frame_needed_.clear();
  call_sites_.clear();
  edges_.clear();
  constants.clear();
  body_constants.clear();
  types.clear();
  dispatchers.clear();
  dispatcher_prototypes.clear();
  tags.clear();
  for (const FunctionText* function : wrapping) {
    needs_[function->id].wraps = true;
  }
  for (const Entry& entry : analysis_.lens().entries) {
    for (const Named& named : entry.functions) {
      if (const FunctionText* function = analysis_.entry_function(named)) {
        keep(function);
      }
    }
  }
  for (bool more = true; more;) {
    more = false;
    for (std::size_t i = 0; i < kept_.size(); ++i) {
      more = work(kept_[i]) || more;
    }
  }
}

void Slicer::run() {
  std::vector<const FunctionText*> wrapping;
  for (const Entry& entry : analysis_.lens().entries) {
    if (entry.name == "vcpu_run" && entry.functions.size() == 1) {
      wrapping.push_back(analysis_.entry_function(entry.functions[0]));
    }
  }
  for (unsigned round = 0; round < 20; ++round) {
    settle(wrapping);
    if (find_cycles()) {
      continue;
    }
    const std::vector<const FunctionText*> found = loops();
    if (found == wrapping) {
      break;
    }
    if (found.size() < wrapping.size()) {
      analysis_.fail(wrapping.back()->body, "internal: a loop of calls is none", "");
    }
    wrapping = found;
  }
  merge_choices();
  for (const Entry& entry : analysis_.lens().entries) {
    for (const Named& named : entry.functions) {
      const FunctionText* function = analysis_.entry_function(named);
      if (function != nullptr && !function->from_lens && !named.optional) {
        const std::vector<bool>& points = needs_[function->id].points;
        if (std::find(points.begin(), points.end(), true) == points.end()) {
          analysis_.fail(named, "'" + function->name + "' does nothing to what is tracked",
                         "an entry that does, or 'a?'");
        }
      }
    }
  }
}

/// Calls that close a cycle among kept functions are cut; the cut is asserted never to be reached.
bool Slicer::find_cycles() {
  std::map<const FunctionText*, int> state;  // 1: being visited, 2: done
  bool more = false;
  const auto visit = [&](auto&& self, const FunctionText* function) -> void {
    state[function] = 1;
    std::vector<const FunctionText*> next;
    for (const auto& [from, to] : edges_) {
      if (from == function) {
        next.push_back(to);
      }
    }
    std::sort(next.begin(), next.end(),
              [](const FunctionText* a, const FunctionText* b) { return a->id < b->id; });
    for (const FunctionText* each : next) {
      if (state[each] == 1) {
        more = cut_.insert({function, each}).second || more;
      } else if (state[each] == 0) {
        self(self, each);
      }
    }
    state[function] = 2;
  };
  for (const Entry& entry : analysis_.lens().entries) {
    for (const Named& named : entry.functions) {
      if (const FunctionText* function = analysis_.entry_function(named);
          function != nullptr && state[function] == 0) {
        visit(visit, function);
      }
    }
  }
  return more;
}

bool Slicer::jump_stays(unsigned point, FunctionState& in) {
  const Need& need = needs_[in.text->id];
  if (!in.live[point]) {
    return false;
  }
  const Point& at = in.cfg.points[point];
  const int target = need.next[at.next[0]];
  return target != -1 && target != need.next[at.after];
}

/// How many steps lie between a point and the next kept one, at least; -1 if no way leads there.
int Slicer::distance(unsigned from, FunctionState& in) {
  const Need& need = needs_[in.text->id];
  std::vector<int> seen(in.cfg.points.size(), -1);
  std::vector<unsigned> work = {from};
  seen[from] = 0;
  for (std::size_t i = 0; i < work.size(); ++i) {
    const unsigned id = work[i];
    if (need.points[id] || (id == Cfg::exit && !need.wraps)) {
      return seen[id];
    }
    const std::vector<unsigned> after =
        id == Cfg::exit ? std::vector<unsigned>{Cfg::entry} : analysis_.successors(id, in);
    for (const unsigned each : after) {
      if (seen[each] == -1) {
        seen[each] = seen[id] + 1;
        work.push_back(each);
      }
    }
  }
  return -1;
}

}  // namespace airlock::kernel
