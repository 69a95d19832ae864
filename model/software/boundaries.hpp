// What mutation and relaxation ask of a syntax tree.
#pragma once

#include <string>

#include "model/software/tree_sitter.hpp"

namespace airlock::c {

/// The name of a `function_definition`; empty if it cannot be told.
[[nodiscard]] std::string name_of_function(const ParseTree& tree, TSNode definition);

/// "f" for the statement `f(…);`, else empty.
[[nodiscard]] std::string callee_of(const ParseTree& tree, TSNode statement);

}  // namespace airlock::c
