// Files that the command writes.
#pragma once

#include <string>

namespace airlock {

/// Writes `text` so that at `path` there is, at any moment, either what was there before or all of
/// it: into a temporary file of the same folder, which then takes the name. `option` is who asked
/// for it, for the error: throws InputError if the folder does not exist, is not writable, or is
/// full.
void write_atomically(const std::string& option, const std::string& path, const std::string& text);

}  // namespace airlock
