// `make C=2 CHECK="airlock check --kbuild"`: Airlock in place of sparse.
//
// kbuild calls its checker once per C file, with the compiler's flags and the file last, and shows
// what it prints. Airlock's answer is about the whole tree. So the first call for a file that the
// lens reads decides the tree and keeps the warnings in the user's cache folder, under a hash of
// all that was read; each call prints the warnings that stand in its own file. Of calls side by
// side one decides and the others wait for it. Files that the lens does not read cost nothing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "checker/cli/exit_status.hpp"
#include "checker/cli/options.hpp"

namespace airlock {

/// A command line as kbuild gives it, taken apart.
struct KbuildCall {
  std::vector<std::string> arguments;  ///< of airlock: what stands before --kbuild, with a TREE
  std::string file;                    ///< the C file; empty if there is none
};

/// Nothing if the command is not `check ... --kbuild ...`. TREE is kbuild's $srctree, or the folder
/// that make runs in.
std::optional<KbuildCall> kbuild_call(int argc, const char* const* argv);

/// Prints the warnings in `options.kbuild_file`. A warning is no failure: "holds" even so.
ExitStatus run_kbuild(const Options& options);

}  // namespace airlock
