// Counting states and transitions by program location while a search goes on.
//
// The state graph of a world is too large to keep, but its quotient by the control variables is a
// few hundred edges: it is counted as the search meets them, so that any system that can be
// explored can be drawn.
#pragma once

#include <map>
#include <unordered_map>
#include <vector>

#include "checker/explore/expand.hpp"
#include "checker/explore/explore.hpp"

namespace airlock::explicit_state {

/// One per thread.
class QuotientCounter {
 public:
  /// Whether the control variables' values fit a word, as they must.
  static bool can_count(const TransitionSystem& system);
  /// `layout` is borrowed.
  QuotientCounter(const TransitionSystem& system, const Layout& layout);

  void add(const Successors& successors);
  void add_state(const Word* state, bool initial);
  /// What several threads have counted, in the order of the locations' values, initial ones first.
  static ControlQuotient sum(const TransitionSystem& system,
                             const std::vector<QuotientCounter>& counters);

 private:
  struct Edge {
    Word from;
    Word to;
    std::uint32_t rule;
    friend auto operator<=>(const Edge&, const Edge&) = default;
  };
  struct Hash {
    std::size_t operator()(const Edge& edge) const;
  };
  struct Location {
    std::uint64_t states = 0;
    bool initial = false;
  };
  /// The control variables' values side by side; `word_of` gives the word that a field is in.
  template <class WordOf>
  [[nodiscard]] Word pack(WordOf word_of) const {
    Word result = 0;
    for (const Field& f : fields_) {
      const Word value = (word_of(f) >> f.shift) & f.mask();
      result = f.width == 64 ? value : (result << f.width) | value;
    }
    return result;
  }
  [[nodiscard]] Word location(std::span<const Word* const> columns, std::size_t lane) const;

  std::vector<Field> fields_;  // of the control variables
  std::unordered_map<Edge, std::uint64_t, Hash> edges_;
  std::unordered_map<Word, Location> locations_;
};

}  // namespace airlock::explicit_state
