// Free choices that the next free choice makes, too (rule 7).
//
// Where p is a free choice between the places X and q, and q, to which nothing is kept on the way,
// is a free choice that may come to X itself, p decides nothing: going to q always has the same
// runs. vcpu_enter_guest() asks some twenty requests, "if (request) goto out" each, of which none
// is followed: one choice is left of them.
#include <algorithm>

#include "model/kernel/slicer.hpp"

namespace airlock::kernel {
namespace {

/// The kept points that may come next by each live way out of a point, with the ways.
std::vector<std::pair<unsigned, int>> ways_of(unsigned id, const Need& need, Analysis& analysis,
                                              FunctionState& in) {
  std::vector<std::pair<unsigned, int>> result;
  for (const unsigned each : analysis.successors(id, in)) {
    result.emplace_back(each, need.next[each]);
  }
  return result;
}

}  // namespace

/// Whether a kept branch is `any_bool()` and nothing more.
bool Slicer::decides_freely(unsigned id, FunctionState& in) {
  const Need& need = needs_[in.text->id];
  const Point& point = in.cfg.points[id];
  if (!in.live[id] || !need.points[id] || point.kind != Point::Kind::branch ||
      point.node->is != Is::if_ || point.iterator) {
    return false;
  }
  Met met;
  std::string shown = point_text(id, in, met);
  std::erase_if(shown, [](char c) { return c == '\n' || c == ' ' || c == '\t'; });
  return shown == "any_bool()" || shown == "(any_bool())";
}

/// The way that a free choice can always take, if the choice is no choice.
std::optional<unsigned> Slicer::way_without_choice(unsigned id, FunctionState& in) {
  const Need& need = needs_[in.text->id];
  const auto ways = ways_of(id, need, analysis_, in);
  if (ways.size() != 2 || ways[0].second < 0 || ways[1].second < 0) {
    return std::nullopt;
  }
  if (ways[0].second == ways[1].second) {
    return ways[1].first;
  }
  for (unsigned i = 0; i < 2; ++i) {
    const auto next = static_cast<unsigned>(ways[i].second);
    if (next == id || next == Cfg::exit || !decides_freely(next, in)) {
      continue;
    }
    for (const auto& [unused, place] : ways_of(next, need, analysis_, in)) {
      if (place == ways[1 - i].second) {
        return ways[i].first;
      }
    }
  }
  return std::nullopt;
}

void Slicer::merge_choices() {
  for (const FunctionText* function : kept_) {
    if (function->from_lens) {
      continue;
    }
    now_ = function;
    FunctionState& in = analysis_.state(function);
    Need& need = needs_[function->id];
    next_points(in, need);
    for (bool more = true; more;) {
      more = false;
      for (unsigned i = static_cast<unsigned>(in.cfg.points.size()); i > 0; --i) {
        const unsigned id = i - 1;
        if (!decides_freely(id, in)) {
          continue;
        }
        if (const auto way = way_without_choice(id, in)) {
          need.points[id] = false;
          need.merged.emplace(id, *way);
          next_points(in, need);
          more = true;
        }
      }
    }
  }
}

}  // namespace airlock::kernel
