// A property on which an engine works for ever says nothing about the others. Shares are equal,
// since nobody knows beforehand which question is hard; who stops early leaves the rest to all who
// come later; and who ran out of a share while there was more time is asked again at the end, when
// it is known how much there is. (It begins anew then: engines keep nothing.)
#include "checker/cli/time_shares.hpp"

#include <algorithm>

namespace airlock {

TimeShares::TimeShares(std::optional<Clock::time_point> deadline, std::size_t rounds)
    : deadline_(deadline), rounds_(rounds) {}

void TimeShares::begin(std::size_t questions) {
  rounds_ -= std::min<std::size_t>(rounds_, 1);
  each_ = questions;
  left_ = questions;
}

std::optional<Clock::time_point> TimeShares::next() {
  const std::optional<Clock::time_point> until = of(0);
  left_ -= std::min<std::size_t>(left_, 1);
  return until;
}

std::optional<Clock::time_point> TimeShares::of(std::size_t count) const {
  if (!deadline_) {
    return std::nullopt;
  }
  const Clock::time_point now = Clock::now();
  const std::size_t to_come = std::max<std::size_t>(1, count + left_ + rounds_ * each_);
  return *deadline_ <= now ? deadline_ : now + (*deadline_ - now) / static_cast<long>(to_come);
}

bool TimeShares::may_ask_again(std::optional<Clock::time_point> until) const {
  return deadline_ && until && *until < *deadline_ && Clock::now() >= *until;
}

}  // namespace airlock
