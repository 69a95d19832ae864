// From a kernel's own text and a lens to the C that is checked: the slice.
//
// The slice is C for the front end in model/software. Every kept statement stands on the line of
// the tree that it comes from, in a file of the same path; declarations that the tree's headers
// would give stand in one synthesised file before all others. docs/kernel.md has the rules, and why
// what holds of the slice holds of the tree.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "model/kernel/lens.hpp"
#include "model/software/program.hpp"

namespace airlock::kernel {

/// One line of the receipt: something that the verdicts rest on.
struct Fact {
  enum class Kind {
    assumed,     ///< believed: the lens' [assume], by its reason
    opaque,      ///< believed: a function of the tree that is not entered
    outside,     ///< believed: a function outside the files read, which can reach nothing tracked
    harmless,    ///< believed: a function outside them, which could, and which the lens excuses
    configured,  ///< believed: a CONFIG_ value that the lens gives
    excused,     ///< believed: a writer of a machine register that is no actor
    bound,       ///< the C half's function stands for this one
    resolved,    ///< a call through a pointer, and what it may call
    untracked,   ///< a condition or value that became a free choice
    havoc,       ///< a local that something unknown may write
    decided,     ///< a condition that the above decide, and lines that never run for it
    cut,         ///< recursion, replaced by assert(false)
    dropped,     ///< something not entered for another reason
    checked,     ///< what was checked instead of believed
  };
  Kind kind;
  std::string what;    ///< the name or the text
  std::string reason;  ///< the lens', or the slicer's
  std::string place;   ///< "arch/x86/kvm/x86.c:10602"; empty for facts of the whole tree
};
/// "assumed", "opaque", ...
std::string_view name_of(Fact::Kind kind);
/// Whether a verdict rests on it unchecked.
bool is_believed(Fact::Kind kind);

struct KeptFunction {
  std::string name;
  std::string place;  ///< "arch/x86/kvm/svm/svm.c:4354"
  unsigned statements = 0;
  unsigned reached = 0;  ///< statements there, by the tree
};

struct Receipt {
  std::string tree;                              ///< as the user named it; filled by the caller
  std::string lens;                              ///< the lens' directory
  std::string tree_hash, lens_hash, slice_hash;  ///< FNV-1a, 16 hex digits
  unsigned files = 0, functions = 0, reached_functions = 0, reached_statements = 0;
  unsigned kept_statements = 0;
  /// Of the functions kept: conditions in the slice, those always the same, values chosen freely.
  unsigned conditions = 0, decided = 0, untracked = 0;
  std::vector<KeptFunction> kept;
  std::vector<Fact> facts;
};
std::string receipt_text(const Receipt& receipt);
std::string receipt_json(const Receipt& receipt);

/// A line of the printout that is not the tree's, and the rewritings that made it.
struct Rewriting {
  std::string file;
  unsigned line = 0;
  unsigned lines = 1;  ///< how many, from `line`
  std::string rule;    ///< "untracked", "vendor op", "table", "dropped", ...
};

struct Slice {
  /// In the order in which they are to be read: the synthesised declarations, the lens' C half, the
  /// tree's files, the generated dispatchers and entry points.
  std::vector<SourceFile> files;
  Receipt receipt;
  std::vector<Rewriting> rewritings;
};

/// `files`: the tree's, by their paths in it, those that match lens.files. Throws InputError for
/// what the lens names and the tree lacks, and for what cannot be sliced soundly.
Slice slice(std::span<const SourceFile> files, const Lens& lens);

/// The second check: every line of the printout is the tree's, verbatim but for blanks, or has a
/// rewriting. Returns what is wrong, one a line; empty if nothing is.
std::vector<std::string> verify(const Slice& slice, std::span<const SourceFile> files);

}  // namespace airlock::kernel
