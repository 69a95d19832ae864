// What --guest names.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "checker/cli/options.hpp"
#include "model/world/guest_source.hpp"

namespace airlock {

/// The programs that a value of --guest names: all of a file's, or one by FILE.c:NAME, where NAME
/// may leave out "guest_". Throws InputError.
std::vector<GuestSource> guests_named(const std::string& value);

/// The one program that the guest of the command's world runs; nothing: it is free, or the command
/// asks about programs by itself. Throws InputError where --guest names several.
std::optional<GuestSource> guest_of_world(const Options& options);

}  // namespace airlock
