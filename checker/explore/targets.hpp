// Looking for target states among those of a level, in columns.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "checker/explore/choices.hpp"
#include "checker/explore/packing.hpp"
#include "checker/explore/program.hpp"
#include "checker/explore/sequence.hpp"

namespace airlock::explicit_state {

/// All targets as one program.
class TargetProgram {
 public:
  TargetProgram(const Layout& layout, std::span<const Expr> targets);
  [[nodiscard]] const Program& program() const { return program_; }

 private:
  Program program_;
};

/// The smallest state found for each target; empty where there is none.
using Hits = std::vector<std::vector<Word>>;

/// Notes in `hits` the states `begin`..`end` that are in a target. `hits` has an entry per target.
void find_targets(const Layout& layout, const TargetProgram& targets, const StateSequence& states,
                  std::size_t begin, std::size_t end, Hits& hits);

/// Calls found(target, number of the state) for the states `begin`..`end` that are in a target, of
/// the first `count` ones.
void for_each_hit(const Layout& layout, const TargetProgram& targets, std::size_t count,
                  const StateSequence& states, std::size_t begin, std::size_t end,
                  const std::function<void(std::size_t, std::size_t)>& found);

/// The smaller of each two.
void merge_hits(Hits& into, const Hits& from);

}  // namespace airlock::explicit_state
