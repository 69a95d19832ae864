// A transition system as a sequential circuit. Internal to checker/exchange.
#pragma once

#include <string>
#include <vector>

#include "checker/circuit/aig.hpp"
#include "checker/exchange/exchange.hpp"
#include "checker/exchange/scheduler.hpp"

namespace airlock::exchange {

using circuit::Aig;
using circuit::BitBlaster;
using circuit::lit_false;
using circuit::lit_true;
using circuit::Literal;
using circuit::negated;
using circuit::Word;

/// Inputs: the scheduler's code, then its word of inputs, then the initial inputs. Every latch
/// starts at 0.
struct Circuit {
  struct Latch {
    Literal current = lit_false;
    Literal next = lit_false;
    std::string name;
  };
  struct Input {
    Literal literal = lit_false;
    std::string name;
  };
  Aig aig;
  Scheduler scheduler;
  std::vector<Input> inputs;
  std::vector<Latch> latches;
  std::vector<Literal> bad;  ///< parallel to the targets
};

Circuit circuit_of(const ExportInput& input);

}  // namespace airlock::exchange
