// What a property's parts are.
#pragma once

#include <string>
#include <vector>

#include "checker/coverage/coverage.hpp"

namespace airlock {

/// The checks that `property` calls for; their outcomes are still unknown. `operands`: of all
/// properties. Builds expressions in the system's pool.
PropertyCheck clauses_of(const TransitionSystem& system, const Property& property,
                         const std::vector<PropertyOperand>& operands);

/// "svm.c:42:2".
std::string short_place(const SourceLocation& at);

/// `e` in C's notation with the system's variable names, cut to about `limit` characters.
std::string in_words(const TransitionSystem& system, Expr e, std::size_t limit = 100);

}  // namespace airlock
