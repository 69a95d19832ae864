// Files that are part of the program: `#include <airlock/svm.h>`, the lenses and the stock
// properties need no file at run time.
#pragma once

#include <string_view>

namespace airlock {

/// The text of specs/include/`name` ("airlock/svm.h"); empty if there is none. CMake generates the
/// definition from the files.
std::string_view embedded_header(std::string_view name);

/// The text of a lens' or a stock property's file under specs/: "lens/kvm-svm/lens.toml",
/// "properties/guarantees.c"; empty if there is none.
std::string_view embedded_spec(std::string_view name);

}  // namespace airlock
