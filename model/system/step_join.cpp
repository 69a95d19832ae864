// Two ways through a step as one. What tells them apart is the first thing that one of them assumed
// and the other did not: if that is a condition and its opposite, as after a branch (or several
// conditions and the opposite of them all, as where some of the ways were joined before), every
// value is an if-then-else on it and what either assumed later holds on its side only (Kuznetsov et
// al., Efficient State Merging in Symbolic Execution, PLDI 2012). Two ways that nothing tells apart
// are left alone: both may be possible in one state, and an if-then-else would lose one of them.
//
// The story stays exact: a cause that not both have is told where its side ran. What the hardware
// did is another matter: it names the rule (coverage, litmus tests), so that ways in which it did
// different things stay two rules.
#include <algorithm>
#include <iterator>
#include <span>

#include "model/system/step.hpp"

namespace airlock {
namespace {

bool same(Expr a, Expr b) {
  return a.valid() == b.valid() && (!a.valid() || a == b);
}

bool same(const Remark& a, const Remark& b) {
  return a.text == b.text && same(a.value, b.value) && same(a.when, b.when);
}

/// But for what is remarked.
bool same_happening(const Cause& a, const Cause& b) {
  return a.location.file == b.location.file && a.location.line == b.location.line &&
         a.location.column == b.location.column && a.text == b.text && a.reference == b.reference &&
         a.event == b.event && a.subject == b.subject && same(a.when, b.when);
}

bool same(const Cause& a, const Cause& b) {
  return same_happening(a, b) &&
         std::equal(a.remarks.begin(), a.remarks.end(), b.remarks.begin(), b.remarks.end(),
                    [](const Remark& mine, const Remark& theirs) { return same(mine, theirs); });
}

/// One cause for both: what is remarked on one side only is so where that side ran.
Cause joined(const Cause& yes, const Cause& no, Expr side) {
  Cause result = yes;
  result.remarks.clear();
  const auto has = [](const Cause& cause, const Remark& remark) {
    return std::any_of(cause.remarks.begin(), cause.remarks.end(),
                       [&](const Remark& each) { return same(each, remark); });
  };
  const auto add = [&](const Cause& from, const Cause& other, Expr where, bool what_both_have) {
    for (Remark remark : from.remarks) {
      if (!has(other, remark)) {
        remark.when = remark.when.valid() ? where & remark.when : where;
        result.remarks.push_back(std::move(remark));
      } else if (what_both_have) {
        result.remarks.push_back(std::move(remark));
      }
    }
  };
  add(yes, no, side, true);
  add(no, yes, !side, false);
  return result;
}

bool is_event(const Cause& cause) {
  return cause.location.line == 0;
}

/// Whether the hardware did the same on both ways.
bool same_events(const std::vector<Cause>& a, const std::vector<Cause>& b) {
  const auto events = [](const std::vector<Cause>& causes) {
    std::vector<Cause> result;
    std::copy_if(causes.begin(), causes.end(), std::back_inserter(result), is_event);
    return result;
  };
  const std::vector<Cause> mine = events(a);
  const std::vector<Cause> theirs = events(b);
  return std::equal(mine.begin(), mine.end(), theirs.begin(), theirs.end(), same_happening);
}

/// Adds the causes of `from` up to its next event, each where `side` holds. Returns where that is.
std::size_t add_lines(std::vector<Cause>& to, const std::vector<Cause>& from, std::size_t at,
                      Expr side) {
  for (; at < from.size() && !is_event(from[at]); ++at) {
    to.push_back(from[at]);
    to.back().when = from[at].when.valid() ? side & from[at].when : side;
  }
  return at;
}

/// The two stories from `first` on. The events, which are the same, are told once.
void add_causes(std::vector<Cause>& to, const std::vector<Cause>& yes, const std::vector<Cause>& no,
                std::size_t first, Expr side) {
  std::size_t mine = first;
  std::size_t theirs = first;
  for (;;) {
    mine = add_lines(to, yes, mine, side);
    theirs = add_lines(to, no, theirs, !side);
    if (mine == yes.size()) {
      return;
    }
    to.push_back(joined(yes[mine], no[theirs], side));
    ++mine;
    ++theirs;
  }
}

Expr all_of(ExprPool& pool, std::span<const Expr> conditions) {
  Expr result = pool.boolean(true);
  for (const Expr each : conditions) {
    result = result & each;
  }
  return result;
}

/// `e`, or its opposite, with "not" at the leaves of its ands and ors, down to some depth: so that
/// two ways of saying one thing are one expression.
Expr pushed(Expr e, bool opposite, unsigned depth) {
  if (e.op() == Op::not_) {
    return pushed(e.arg(0), !opposite, depth);
  }
  if (depth == 0 || (e.op() != Op::and_ && e.op() != Op::or_)) {
    return opposite ? !e : e;
  }
  const Expr a = pushed(e.arg(0), opposite, depth - 1);
  const Expr b = pushed(e.arg(1), opposite, depth - 1);
  return (e.op() == Op::and_) != opposite ? a & b : a | b;
}

/// How many of `conditions`, from the first, say together the opposite of `other`; 0: they do not.
std::size_t opposed(ExprPool& pool, std::span<const Expr> conditions, Expr other) {
  constexpr unsigned levels = 6;
  const Expr wanted = pushed(other, true, levels);
  Expr all = pool.boolean(true);
  for (std::size_t i = 0; i < conditions.size(); ++i) {
    all = all & conditions[i];
    if (all == !other || pushed(all, false, levels) == wanted) {
      return i + 1;
    }
  }
  return 0;
}

}  // namespace

std::optional<std::pair<Step, Expr>> Step::join(const Step& yes, const Step& no) {
  ExprPool& pool = yes.pool();
  const auto split = std::mismatch(yes.assumed_.begin(), yes.assumed_.end(), no.assumed_.begin(),
                                   no.assumed_.end());
  const std::span<const Expr> mine(split.first, yes.assumed_.end());
  const std::span<const Expr> theirs(split.second, no.assumed_.end());
  if (mine.empty() || theirs.empty() || yes.name_ != no.name_ || yes.ended_ != no.ended_ ||
      !same_events(yes.causes_, no.causes_)) {
    return std::nullopt;
  }
  Expr side;
  std::size_t of_mine = opposed(pool, mine, theirs.front());
  std::size_t of_theirs = 1;
  if (of_mine != 0) {
    side = !theirs.front();
  } else {
    of_mine = 1;
    of_theirs = opposed(pool, theirs, mine.front());
    side = mine.front();
  }
  if (of_theirs == 0) {
    return std::nullopt;
  }
  Step result = yes;
  result.ended_.reset();  // until it is put together
  result.assumed_.assign(yes.assumed_.begin(), split.first);
  result.guard_ = all_of(pool, result.assumed_);
  result.assume(implies(side, all_of(pool, mine.subspan(of_mine))) &
                implies(!side, all_of(pool, theirs.subspan(of_theirs))));
  for (const auto* values : {&yes.values_, &no.values_}) {
    for (const auto& [id, value] : *values) {
      result.values_[id] = ite(side, yes.get(id), no.get(id));
    }
  }
  const auto told =
      std::mismatch(yes.causes_.begin(), yes.causes_.end(), no.causes_.begin(), no.causes_.end(),
                    [](const Cause& a, const Cause& b) { return same(a, b); });
  const auto common = static_cast<std::size_t>(told.first - yes.causes_.begin());
  result.causes_.resize(common);
  add_causes(result.causes_, yes.causes_, no.causes_, common, side);
  result.mark_all_of(no);
  result.ended_ = yes.ended_;
  return std::pair{std::move(result), side};
}

}  // namespace airlock
