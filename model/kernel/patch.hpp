// Patches as kernel developers exchange them: unified diffs, with git's extended headers or
// without, in a file of their own or in mails (git format-patch, an mbox with a whole series).
//
// Strict where a mistake would go unnoticed: a hunk fits only if each of its old lines is there
// (as `patch -F0`); it may lie elsewhere in the file than it says, which is reported.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/software/program.hpp"

namespace airlock::kernel {

struct HunkLine {
  char kind;         ///< ' ' context, '-' old, '+' new
  std::string text;  ///< with its newline, unless the file has none there
  unsigned line;     ///< of the patch file
};

struct Hunk {
  unsigned line;       ///< of the patch file
  unsigned old_start;  ///< from 1; of an empty old side the line behind which it goes
  std::vector<HunkLine> lines;
};

struct FilePatch {
  std::optional<std::string> old_path;  ///< nothing: the file is created
  std::optional<std::string> new_path;  ///< nothing: it is deleted
  bool copy = false;                    ///< the old file stays
  bool binary = false;
  unsigned line = 0;      ///< of the patch file: where the changes to this file begin
  std::string line_text;  ///< that line
  std::vector<Hunk> hunks;
};

struct Patch {
  std::string path;         ///< the patch file
  std::string name;         ///< its last component, for rows and reports
  std::string digest = {};  ///< SHA-256 of the patch file
  std::vector<FilePatch> files = {};
};

/// Reads a diff or mails with diffs in them, in order. Throws InputError, at its line, for a diff
/// that is cut off or malformed, a path that leads out of a tree, and a file without any diff.
[[nodiscard]] Patch read_patch(const SourceFile& file);

struct PatchedText {
  std::string text;
  std::set<unsigned> lines;  ///< the lines, from 1, that this patch or one before it brought
  std::vector<std::string> notices;
};

/// Applies the hunks of `file`, one of `patch`, to a text whose `lines` come from patches before.
/// Throws InputError at the hunk that does not fit.
[[nodiscard]] PatchedText apply(const Patch& patch, const FilePatch& file, const std::string& text,
                                const std::set<unsigned>& lines);

/// The lines of a patch file, mails decoded (headers gone, quoted-printable and base64 bodies as
/// text), each with the number of the line of the file that it begins in.
struct DecodedLine {
  std::string text;  ///< without its newline
  unsigned line;
};
[[nodiscard]] std::vector<DecodedLine> decode_mails(const SourceFile& file);

}  // namespace airlock::kernel
