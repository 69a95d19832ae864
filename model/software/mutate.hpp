// Small changes of C text, each of which a tired programmer might have made.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "model/software/machine_words.hpp"
#include "model/software/program.hpp"

namespace airlock {

struct Mutant {
  std::string file;    ///< path of the one file that is changed
  unsigned line;       ///< the first changed line, in the original
  std::string change;  ///< "statement dropped", "condition negated", …
  std::string text;    ///< the file with the change
  std::string diff;    ///< unified, without context
};

/// The functions that a file defines. A text with syntax errors has those that can be told.
std::set<std::string> functions_of(const SourceFile& file);

struct FunctionText {
  std::string text;  ///< from its type to its last brace
  unsigned first_line;
  unsigned last_line;
};
/// The same, with what they say, by name.
std::map<std::string, FunctionText> function_texts(const SourceFile& file);

/// Every small change of the functions' bodies: a statement dropped; a condition negated, weakened
/// or strengthened; two neighbouring statements swapped; a constant or a register replaced by
/// another of its kind; a statement moved across an interrupt boundary. No two give the same text.
/// In the order of the text. A change need not be one that the front end accepts.
std::vector<Mutant> mutants(const SourceFile& file, const MachineWords& words);

/// Statements that call one of `functions`, moved across the next interrupt boundary in their
/// block, up and down.
std::vector<Mutant> moved_calls(const SourceFile& file, const std::set<std::string>& functions,
                                const MachineWords& words);

}  // namespace airlock
