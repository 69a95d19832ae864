// Which rule fires, as an input: what AIGER, BTOR2 and the reader of witnesses agree upon. Internal
// to checker/exchange.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/system/interpreter.hpp"
#include "model/system/system.hpp"

namespace airlock::exchange {

/// In each cycle an environment picks a code and the bits of inputs. A rule fires if its code is
/// picked and its guard holds; if none does, the system stays as it is. Rules that exclude each
/// other share codes, so at most one fires, and the code has few bits.
struct Scheduler {
  std::vector<std::uint64_t> code;  ///< by rule
  unsigned code_bits = 0;
  std::vector<unsigned> input_bit;  ///< by InputId: where it begins in the word of rules' inputs
  unsigned input_bits = 0;
  std::vector<unsigned> initial_bit;  ///< parallel to initial_inputs, in a word of their own
  unsigned initial_bits = 0;
};

Scheduler schedule(const TransitionSystem& system);

/// What an environment picked in one cycle, bit by bit.
struct Cycle {
  std::vector<bool> code;
  std::vector<bool> inputs;
  std::vector<bool> initial;
};

/// The values of the initial inputs.
std::vector<std::uint64_t> initial_inputs_in(const TransitionSystem& system,
                                             const Scheduler& scheduler, const Cycle& cycle);
/// The step that the environment's picks amount to in `state`; nothing if no rule fires.
std::optional<PathStep> step_in(const TransitionSystem& system, const Scheduler& scheduler,
                                const State& state, const Cycle& cycle);

}  // namespace airlock::exchange
