// Directives: which branches of #if are compiled, which macros are defined, what is included.
#pragma once

#include "model/kernel/lexer.hpp"
#include "model/kernel/normalise.hpp"

namespace airlock::kernel {

/// Blanks the directives of `text`, and the branches that are not compiled; fills the macros, the
/// includes and the notes of `result`. Throws InputError for conditionals that do not nest.
void resolve_directives(WithoutComments& text, const SourceFile& file, const Config& config,
                        const Words& words, Normalised& result);

}  // namespace airlock::kernel
