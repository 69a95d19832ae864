// The names that mean something to the world.
#pragma once

#include <string>

#include "model/software/program.hpp"
#include "model/world/entries.hpp"

namespace airlock {

/// Throws InputError, with the place, where the program uses such a name for something that the
/// world would not see: a parameter of the world that is no const global, an entry point or a
/// property without a body, a definition or a macro in the place of one of the machine's operations
/// or objects. Entry points by their names in docs/language.md, where `entries` are by name: a
/// kernel has functions of such names that are something else.
void check_words(const Program& program, const Entries& entries, const Platform& platform);

/// Throws InputError at the first place in `function`, its callees included, that does more than
/// look at the state: it assumes, chooses, certainly writes a global (a write through a pointer
/// that may point to a local is not certain), or calls what acts on the machine. `what` it is, for
/// the message.
void check_only_reads(const Program& program, const std::string& function, const std::string& what);

}  // namespace airlock
