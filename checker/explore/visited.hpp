// The set of states seen.
//
// Exact. Bitstate hashing and hash compaction (Holzmann, "An Analysis of Bitstate Hashing", 1998;
// Stern and Dill, "Improved Probabilistic Verification by Hash Compaction", 1995; SPIN and Murphi
// offer both) trade memory for a chance of missing states; a verdict here is a proof, so there is
// no such trade.
//
// What was considered:
//
//   Rumur's set (its documentation: an array of pointers to states, compare-and-swap, cooperative
//   migration to a larger array): a state costs a pointer, an allocation and two cache misses.
//   Murphi's and LTSmin's plain tables, whole states in open addressing with linear probing
//   (Laarman, van de Pol, Weber, "Boosting Multi-Core Reachability Performance with Shared Hash
//   Tables", FMCAD 2010): one miss. That is what was here first, with prefetching.
//   Maier, Sanders, Dementiev, "Concurrent Hash Tables: Fast and General?(!)" (PPoPP 2016): how to
//   grow such a table while others use it. Not needed where tables are not shared.
//   LTSmin's tree compression (Laarman, van de Pol, Weber, "Parallel Recursive State Compression
//   for Free", SPIN 2011): wide states as a tree of pairs in one table, eight bytes a state and
//   less. It pays from some twenty bytes a state on, at a logarithmic number of probes; narrowed
//   states are five to twelve. Cleary's quotienting, and van der Vegt and Laarman, "A Parallel
//   Compact Hash Table" (MEMICS 2011): what the slot's number says of a key need not be stored. It
//   compresses small states by half and more, with the same single miss.
//
// Chosen: quotienting with linear probing (segment.hpp), because what bounds the search is memory:
// two thirds of its time were spent waiting for the table. The table is cut into segments by the
// upper bits of the mixed state (mixer.hpp), for three reasons. Successors are sorted by segment
// before they are looked up (exchange.hpp): a few thousand probes at a time then go to the same few
// hundred kilobytes, within reach of the TLB and largely of the second-level cache, which is the
// idea of the radix join (Manegold, Boncz, Kersten, "Optimizing Main-Memory Join on Modern
// Hardware", 2002) and of delayed duplicate detection (Korf, "Best-First Frontier Search with
// Delayed Duplicate Detection", AAAI 2004). A segment has one owner among the threads, as in Stern
// and Dill's "Parallelizing the Murphi Verifier" (CAV 1997), so that nothing is locked. And each
// grows on its own, so that old and new tables are never both there at once in full.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "checker/explore/mixer.hpp"
#include "checker/explore/packing.hpp"
#include "checker/explore/segment.hpp"
#include "checker/explore/sequence.hpp"

namespace airlock::explicit_state {

class VisitedSet {
 public:
  /// `budget`, if given, is borrowed.
  explicit VisitedSet(const Layout& layout, MemoryBudget* budget = nullptr);
  VisitedSet(const VisitedSet&) = delete;
  VisitedSet& operator=(const VisitedSet&) = delete;

  [[nodiscard]] const Mixer& mixer() const { return mixer_; }
  [[nodiscard]] std::size_t segments() const { return segments_.size(); }
  /// Where a state belongs, by its mixed first word.
  [[nodiscard]] std::size_t segment_of(Word mixed) const {
    return static_cast<std::size_t>(mixed >> shape_.bits);
  }
  /// Adds `count` states of one segment, stored one after the other with the first word mixed;
  /// those that were not in the set are appended to `fresh`, once each and unmixed. Different
  /// segments may be inserted into at the same time. Throws std::bad_alloc when the segment cannot
  /// grow.
  void insert(std::size_t segment, const Word* states, std::size_t count, StateSequence& fresh);
  /// Bytes of memory that segment takes.
  [[nodiscard]] std::size_t bytes() const;
  /// Forgets all states and gives their memory back.
  void clear();

 private:
  std::size_t words_;
  Mixer mixer_;
  SegmentShape shape_;
  MemoryBudget* budget_;
  std::vector<Segment> segments_;
};

}  // namespace airlock::explicit_state
