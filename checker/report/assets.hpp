// The files of this folder that a report is made of, inside the program: page.html, report.css and
// report.js. Written by cmake/Embed.cmake.
#pragma once

#include <string_view>

namespace airlock {

/// The text of the file; empty if there is none of that name.
std::string_view report_asset(std::string_view name);

}  // namespace airlock
