// Headers that are part of the program: `#include <airlock/svm.h>` needs no file at run time.
#pragma once

#include <string_view>

namespace airlock {

/// The text of specs/include/`name` ("airlock/svm.h"); empty if there is none. CMake generates the
/// definition from the files.
std::string_view embedded_header(std::string_view name);

}  // namespace airlock
