// What people call the places of an invariant.
#pragma once

#include <string>

#include "checker/engine.hpp"
#include "model/system/system.hpp"

namespace airlock {

/// Names places by the line of C that is next there, "svm.c:17 vmrun".
class PlaceNames {
 public:
  /// `system` is borrowed; expressions are added to its pool.
  explicit PlaceNames(const TransitionSystem& system) : system_(system) {}
  [[nodiscard]] std::string of(const Invariant::Place& place) const;

 private:
  const TransitionSystem& system_;
};

}  // namespace airlock
