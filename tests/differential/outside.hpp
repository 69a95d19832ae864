// What other people's model checkers say of a system, through the exports, against what a search of
// all its states says.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/system/system.hpp"
#include "tests/support/naive_search.hpp"

namespace airlock::test {

struct OutsideTally {
  std::uint64_t abc = 0;    ///< questions that ABC decided, each a verdict
  std::uint64_t spin = 0;   ///< systems whose states and transitions SPIN counted
  std::uint64_t rumur = 0;  ///< systems whose states and transitions Rumur counted
  std::uint64_t not_exportable =
      0;  ///< systems that Murphi, whose numbers are narrower, cannot say
};

/// Collects systems for ABC, which is asked about many at a time: it takes longer to start than to
/// answer. Where `berkeley-abc` is not installed nothing is asked, and the tally says so.
class AbcQueue {
 public:
  AbcQueue();
  ~AbcQueue();
  AbcQueue(const AbcQueue&) = delete;
  AbcQueue& operator=(const AbcQueue&) = delete;

  /// `distances`: of the targets of the system's properties, none for those that are unreachable.
  void add(std::uint64_t seed, const TransitionSystem& system,
           const std::vector<std::optional<std::uint64_t>>& distances);
  [[nodiscard]] bool full() const;

  struct Disagreement {
    std::uint64_t seed;
    TransitionSystem system;
    std::string text;
  };
  /// Asks about all that was collected, and forgets it.
  std::optional<Disagreement> ask(OutsideTally& tally);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// What is wrong with ABC's verdicts on one system.
std::optional<std::string> abc_disagreement(const TransitionSystem& system);

/// What is wrong with what SPIN and Rumur count of a system; nothing if they agree, are not
/// installed, or the system has no initial state.
std::optional<std::string> counting_disagreement(const TransitionSystem& system,
                                                 const NaiveResult& truth, OutsideTally& tally);

}  // namespace airlock::test
