// "Did you mean …?"
#pragma once

#include <string>
#include <vector>

namespace airlock {

/// What to say was expected in place of the unknown `name`: the known names close to it, else all.
std::string suggestion(const std::string& name, const std::vector<std::string>& known);

}  // namespace airlock
