// The lenses and properties that come with Airlock, inside the program, so that a tree can be
// checked wherever the program is run.
#pragma once

#include <string>
#include <string_view>

namespace airlock {

/// The text of a file under specs/: "lens/kvm-svm/lens.toml"; empty if there is none.
std::string_view embedded_spec(std::string_view name);

}  // namespace airlock
