// Text files inside the program (cmake/Embed.cmake).
#pragma once

#include <string_view>

namespace airlock {

/// The file of that name in checker/reproduce/guest; empty if there is none.
std::string_view guest_source(std::string_view name);

}  // namespace airlock
