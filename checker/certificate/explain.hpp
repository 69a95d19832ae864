// An invariant in words.
#pragma once

#include <string>
#include <vector>

#include "checker/engine.hpp"
#include "model/system/system.hpp"

namespace airlock {

/// What is true at some places of a program.
struct ExplainedGroup {
  std::vector<std::string> places;     ///< "svm.c:17 vmrun", in the program's order
  std::vector<std::string> sentences;  ///< each true at every one of the places; shortest first
};

struct Explanation {
  std::vector<ExplainedGroup> groups;   ///< those with the shortest sentences first
  std::vector<std::string> everywhere;  ///< bits that never change
};

/// `invariant` over the variables of `system`, to whose pool expressions are added. Nothing is left
/// out: all sentences together say what the invariant says, but for which places are reached.
Explanation explain(const TransitionSystem& system, const Invariant& invariant);

}  // namespace airlock
