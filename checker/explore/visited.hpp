// The set of states seen.
//
// Exact: an open-addressing table that holds whole states, not hashes of them. Bitstate hashing and
// hash compaction (Holzmann, "An Analysis of Bitstate Hashing", 1998; Stern and Dill, "Improved
// Probabilistic Verification by Hash Compaction", 1995; SPIN and Murphi offer both) trade memory
// for a chance of missing states; a verdict here is a proof, so there is no such trade. Narrowed
// states are one or two words, hardly larger than a good hash of them anyway.
//
// Linear probing after Laarman, van de Pol and Weber ("Boosting Multi-Core Reachability Performance
// with Shared Hash Tables", FMCAD 2010), who show that walking the cache line is what counts. Two
// things differ. Their table is shared and its slots are claimed by compare-and-swap; here each
// thread owns the states whose hash falls to it (as in Stern and Dill's parallel Murphi, 1997), so
// that a set is a plain sequential structure and states may have any number of words. And since
// states arrive in batches, the slots of the next two dozen are being fetched while one is
// compared, so that the misses overlap instead of adding up. (A small cache of recent states before
// the table was measured and is not worth it: it saves no more misses than its own lookups cost.)
//
// The slot is the *top* of the hash. Growing therefore keeps the order of the slots: one sequential
// pass over both tables, no random access. The empty slot is all zeros; the one state that looks
// like it is remembered beside the table.
#pragma once

#include <cstddef>
#include <cstdint>

#include "checker/explore/memory.hpp"
#include "checker/explore/packing.hpp"
#include "checker/explore/sequence.hpp"

namespace airlock::explicit_state {

/// A mixing of all bits of a packed state into all bits of the result.
inline std::uint64_t hash_step(std::uint64_t h) {
  h ^= h >> 32U;
  h *= 0xD6E8FEB86659FD93ULL;
  h ^= h >> 32U;
  h *= 0xD6E8FEB86659FD93ULL;
  return h ^ (h >> 32U);
}
inline std::uint64_t hash_state(const Word* state, std::size_t words) {
  std::uint64_t h = hash_step(state[0]);
  for (std::size_t w = 1; w < words; ++w) {
    h = hash_step(h * 0x9E3779B97F4A7C15ULL + state[w]);
  }
  return h;
}

class VisitedSet {
 public:
  explicit VisitedSet(std::size_t words);
  /// Adds `count` packed states, stored one after the other; those that were not in the set are
  /// appended to `fresh`, once each. Throws std::bad_alloc when the table cannot grow.
  void insert(const Word* states, std::size_t count, StateSequence& fresh);
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  template <std::size_t Words>
  void insert_chunk(const Word* states, std::size_t count, StateSequence& fresh);
  template <std::size_t Words>
  bool insert_one(const Word* state, std::size_t slot);
  template <std::size_t Words>
  void grow();
  template <std::size_t Words>
  void insert_all(const Word* states, std::size_t count, StateSequence& fresh);

  std::size_t words_;
  std::size_t size_ = 0;
  unsigned log_slots_;
  bool has_zero_ = false;
  ZeroedWords table_;
};

}  // namespace airlock::explicit_state
