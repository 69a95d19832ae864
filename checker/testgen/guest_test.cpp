#include "checker/testgen/guest_test.hpp"

#include <algorithm>
#include <iterator>

namespace airlock {

std::vector<Seen> as_far_as_predicted(const GuestTest& test, const std::vector<Seen>& seen) {
  const std::size_t last = instructions(test.program);
  const auto beyond = [&](const Seen& each) {
    return (each.kind == Seen::Kind::db && each.after >= last) || each.after > last;
  };
  const bool predicts_it = std::any_of(test.predicted.begin(), test.predicted.end(), beyond);
  std::vector<Seen> result;
  std::copy_if(seen.begin(), seen.end(), std::back_inserter(result),
               [&](const Seen& each) { return predicts_it || !beyond(each); });
  return result;
}

}  // namespace airlock
