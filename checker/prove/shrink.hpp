// Fewest facts: which of many facts that support one another can be done without. Internal to
// checker/prove.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

namespace airlock::prove {

/// Whether obligation `which` is met when only the `enabled` facts may be used. If so, `support`
/// (empty when called) becomes the facts that were used.
using Meets = std::function<bool(std::size_t which, const std::vector<bool>& enabled,
                                 std::vector<std::size_t>& support)>;

/// Obligation i < `facts` says that fact i is kept by every step; the `goals` further ones must be
/// met in any case. Returns facts that keep themselves and meet the goals, such that no proper
/// subset of them does. Facts with small numbers are the first to be tried without. Throws
/// std::logic_error if a goal is not met with all facts, or a fact that it needs is not kept.
std::vector<bool> fewest_facts(std::size_t facts, std::size_t goals, const Meets& meets);

}  // namespace airlock::prove
