// Successors on their way into the visited set.
//
// Each thread sorts the successors that it makes by segment, into a tray per segment. A full tray
// goes into the set at once if the segment is the thread's own, else to the owner's outbox, which
// the owner empties between two rounds. So the set is probed for thousands of states of one segment
// at a time (visited.hpp says why), and threads hand each other long runs of states, not single
// ones. Trays are small while the set is, so that small searches stay small.
#pragma once

#include <cstddef>
#include <vector>

#include "checker/explore/expand.hpp"
#include "checker/explore/memory.hpp"
#include "checker/explore/space.hpp"
#include "checker/explore/visited.hpp"

namespace airlock::explicit_state {

class Exchange {
 public:
  /// All are borrowed. There is one shard per thread.
  Exchange(const Layout& layout, VisitedSet& visited, const Shards& shards, MemoryBudget* budget);

  /// Thread `i` takes in successors. A state that leads to itself is none that could be new, except
  /// among the `initial` ones, which come from no state at all.
  void collect(std::size_t i, const Successors& successors, bool initial);
  /// Words that thread `i` has for others.
  [[nodiscard]] std::size_t foreign_words(std::size_t i) const { return threads_[i].foreign; }
  /// Thread `i` takes in what all threads have for it; where `all`, what is in trays too. To be
  /// called when no thread collects, by all threads.
  void deliver(std::size_t i, bool all);
  /// After everything has been delivered: makes trays fit for a set of so many states.
  void fit(std::size_t states);
  /// Adds one state, from no state at all: for resuming, on one thread.
  void restore(const Word* state);
  /// deliver() for all threads, on one.
  void deliver_all();
  /// Gives the memory back.
  void clear();

 private:
  struct Tray {
    Word* begin = nullptr;
    Word* at = nullptr;
    Word* end = nullptr;
  };
  struct Run {
    std::size_t segment;
    std::size_t count;  // states
  };
  struct Outbox {
    std::vector<Run> runs;
    std::vector<Word> words;
  };
  struct alignas(64) Thread {
    ZeroedBytes memory;
    std::vector<Tray> trays;       // per segment
    std::vector<Outbox> outboxes;  // per thread
    std::size_t foreign = 0;       // words in outboxes
  };
  [[nodiscard]] std::size_t owner(std::size_t segment) const { return segment % shards_.size(); }
  void collect_one_word(std::size_t i, const Successors& s);
  void collect_general(std::size_t i, const Successors& s, bool initial);
  void empty(std::size_t i, std::size_t segment);
  void deliver_trays(std::size_t i, Thread& from);
  void deliver_tray(std::size_t i, std::size_t segment, Thread& from);

  std::size_t words_;
  VisitedSet& visited_;
  const Shards& shards_;
  MemoryBudget* budget_;
  std::size_t tray_states_ = 0;
  std::vector<Thread> threads_;
};

}  // namespace airlock::explicit_state
