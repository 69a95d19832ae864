// Text from files, fit to be shown: names and lines that a terminal must not obey.
#pragma once

#include <string>
#include <string_view>

namespace airlock {

/// `text` on one line with '?' for control characters, direction marks and bytes that are not
/// UTF-8.
std::string printable(std::string_view text);

/// Columns that a printable string without escape sequences takes: its code points.
std::size_t columns(std::string_view text);

}  // namespace airlock
