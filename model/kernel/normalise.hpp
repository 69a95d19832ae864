// Kernel C made readable to a parser of plain C, without moving a byte: every token that is left
// stands in the line and column where the tree has it.
//
// Nothing is preprocessed; a kernel is not built. What a parser cannot read is blanked or rewritten
// in place, by rules that need no headers:
//   - comments, directives and the branches that the configuration rules out become blanks;
//   - a #define is kept as a macro in a list of its own;
//   - attribute words become blanks; macros that declare at file scope, too;
//   - a macro that is the head of a loop reads `while`, one that guards a block reads `if`;
//   - the `...` of a GNU case range reads `|| `: `case a || b:` parses, and no C of a kernel has
//   it;
//   - a type among a call's arguments reads as a name: `min_t(unsigned int, a, b)` as
//     `min_t(unsigned_int, a, b)`, `container_of(p, struct s, m)` as `container_of(p,        s,
//     m)`;
//   - bit-fields without a name become blanks, and macros that declare members, too;
//   - assembly with macros among its operands reads `asm("")`: its operands are then in a note
//   only;
//   - DECLARE_BITMAP(name, n) reads `unsigned long name[n]`.
// Everything that a reader of the result could take for something else is a note with its place.
//
// A condition of an #if that cannot be decided is a note as well, never a guess: *both* branches
// are left in the text, if their braces balance, so that whoever looks for effects sees them all;
// whoever wants to know what a function does must refuse one that such a note overlaps.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/kernel/config.hpp"
#include "model/kernel/words.hpp"
#include "model/software/program.hpp"

namespace airlock::kernel {

/// A #define of a branch that is, or may be, compiled.
struct Macro {
  std::string name;
  std::optional<std::vector<std::string>> parameters;  ///< nothing: an object-like macro
  std::string body;                                    ///< without comments, lines joined, trimmed
  std::string file;
  unsigned line = 0;
  bool maybe = false;  ///< in a branch that is undecided
};

enum class NoteKind {
  Undecided,     ///< an #if whose branches are all left in the text (`text`: its condition)
  UndecidedCut,  ///< the same, but only its first possible branch is left: braces do not balance
  NotCompiled,   ///< a branch that the configuration rules out (`text`: the conditional's #if):
                 ///< blanked
  Attribute,     ///< blanked
  Declarer,      ///< blanked at file scope, or among the members of a struct
  BitField,      ///< one without a name: blanked
  Assembly,      ///< its parentheses hold `""` now: what it reads and writes is not in the text
  Iterator,      ///< reads `while`
  Guard,         ///< reads `if`
  CaseRange,     ///< the `...` that reads `|| `
  Bitmap,        ///< reads as an array
  TypeArgument,  ///< a type among arguments that reads as a name
  Replaced,      ///< by the words' replacement
};

struct Note {
  NoteKind kind;
  unsigned line;       ///< from 1
  unsigned column;     ///< from 1, in bytes
  unsigned end_line;   ///< the last line that it covers
  std::string text;    ///< what the tree has there
  bool listed = true;  ///< a declarer: whether the words list it, or only its looks gave it away
};

struct Include {
  std::string path;
  bool system;  ///< in angle brackets
  unsigned line;
};

struct Normalised {
  std::string text;  ///< as long as the file's text, with its newlines
  std::vector<Macro> macros;
  std::vector<Note> notes;  ///< in the order of the text
  std::vector<Include> includes;
};

/// Makes `macros` known to later calls, as the macros of headers are to a file that includes them.
/// One that is defined in different ways is defined, with an unknown body; one that only may be
/// defined stays unknown. What `config.defines` says already stays.
void learn(Config& config, const std::vector<Macro>& macros);

/// Throws InputError, with its place, for an unterminated comment, for conditionals that do not
/// nest, and for text with NUL in it. `config.defines` come before those of `words`.
[[nodiscard]] Normalised normalise(const SourceFile& file, const Config& config,
                                   const Words& words);

}  // namespace airlock::kernel
