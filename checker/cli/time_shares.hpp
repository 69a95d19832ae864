// One time limit for several questions: no early one may spend it all. See time_shares.cpp.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

namespace airlock {

using Clock = std::chrono::steady_clock;

/// Of the time that is left each question gets an equal share; what one leaves over, the later ones
/// have. Without a deadline every share is without end.
class TimeShares {
 public:
  TimeShares() = default;
  /// `rounds`: how often begin() will be called.
  TimeShares(std::optional<Clock::time_point> deadline, std::size_t rounds);

  /// A round with so many questions begins; the rounds to come are taken to have as many.
  void begin(std::size_t questions);
  /// When the next question's time is over.
  [[nodiscard]] std::optional<Clock::time_point> next();
  /// When the time is over of the first of `count` questions that are asked beside those to come.
  [[nodiscard]] std::optional<Clock::time_point> of(std::size_t count) const;
  /// Whether a question that had time until `until` stopped for it although there is more.
  [[nodiscard]] bool may_ask_again(std::optional<Clock::time_point> until) const;

 private:
  std::optional<Clock::time_point> deadline_;
  std::size_t rounds_ = 0;  ///< after this one
  std::size_t each_ = 0;    ///< questions per round
  std::size_t left_ = 0;    ///< questions of this round that were not asked yet
};

}  // namespace airlock
