#include "checker/cli/bisection.hpp"

#include <algorithm>
#include <bit>
#include <cassert>

namespace airlock {

Bisection::Bisection(std::vector<std::vector<std::size_t>> parents)
    : parents_(std::move(parents)),
      left_(parents_.size(), true),
      skipped_(parents_.size(), false),
      bad_(parents_.size() - 1) {
  assert(!parents_.empty());
  left_ = ancestors_of(bad_);
}

std::vector<bool> Bisection::ancestors_of(std::size_t commit) const {
  std::vector<bool> result(parents_.size(), false);
  result[commit] = true;
  for (std::size_t at = commit + 1; at-- > 0;) {  // parents come before their children
    if (result[at]) {
      for (const std::size_t parent : parents_[at]) {
        result[parent] = true;
      }
    }
  }
  return result;
}

/// Per commit that is left, how many of its ancestors are, itself among them. Along a line of
/// single parents that is one more each time; at a merge they are counted.
std::vector<std::size_t> Bisection::counts() const {
  std::vector<std::size_t> result(parents_.size(), 0);
  for (std::size_t at = 0; at < parents_.size(); ++at) {
    if (!left_[at]) {
      continue;
    }
    std::size_t parents = 0;
    std::size_t only = 0;
    for (const std::size_t parent : parents_[at]) {
      parents += left_[parent] ? 1 : 0;
      only = left_[parent] ? parent : only;
    }
    if (parents < 2) {
      result[at] = parents == 0 ? 1 : result[only] + 1;
      continue;
    }
    const std::vector<bool> ancestors = ancestors_of(at);
    for (std::size_t each = 0; each <= at; ++each) {
      result[at] += ancestors[each] && left_[each] ? 1 : 0;
    }
  }
  return result;
}

std::optional<std::size_t> Bisection::next() const {
  const std::size_t all = left().size();
  const std::vector<std::size_t> count = counts();
  std::optional<std::size_t> best;
  std::size_t best_gain = 0;
  for (std::size_t at = 0; at < parents_.size(); ++at) {
    if (!left_[at] || skipped_[at] || at == bad_) {
      continue;
    }
    const std::size_t gain = std::min(count[at], all - count[at]);
    if (gain > best_gain) {
      best = at;
      best_gain = gain;
    }
  }
  return best;
}

void Bisection::good(std::size_t commit) {
  const std::vector<bool> ancestors = ancestors_of(commit);
  for (std::size_t at = 0; at < left_.size(); ++at) {
    left_[at] = left_[at] && !ancestors[at];
  }
}

void Bisection::bad(std::size_t commit) {
  const std::vector<bool> ancestors = ancestors_of(commit);
  for (std::size_t at = 0; at < left_.size(); ++at) {
    left_[at] = left_[at] && ancestors[at];
  }
  bad_ = commit;
}

void Bisection::cannot_tell(std::size_t commit) {
  skipped_[commit] = true;
}

std::vector<std::size_t> Bisection::left() const {
  std::vector<std::size_t> result;
  for (std::size_t at = 0; at < left_.size(); ++at) {
    if (left_[at]) {
      result.push_back(at);
    }
  }
  return result;
}

unsigned Bisection::answers_needed() const {
  return static_cast<unsigned>(std::bit_width(left().size() - 1));
}

}  // namespace airlock
