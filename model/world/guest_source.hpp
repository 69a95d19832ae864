// A file with guests' programs: which there are, and what is expected of each.
#pragma once

#include <string>
#include <vector>

#include "model/software/program.hpp"

namespace airlock {

/// One line of an `Expect:` comment.
struct GuestExpectation {
  enum class Kind : std::uint8_t {
    forall,  ///< true of every outcome
    exists,  ///< true of some outcome
    never,   ///< true of no outcome
  };
  Kind kind = Kind::forall;
  /// Fixes by name, or "bare-metal"; empty: every row that no other line of the program's names.
  std::vector<std::string> rows;
  std::string condition;    ///< C, over the program's globals
  SourceLocation location;  ///< of the condition
};

/// "forall", "exists", "never".
std::string to_string(GuestExpectation::Kind kind);

/// What the guest runs: one program of a file.
struct GuestSource {
  SourceFile file;
  std::string entry;    ///< "guest", or "guest_NAME"
  bool handles_db;      ///< the file has a db_handler()
  std::string comment;  ///< the one right above the program, without its stars
  std::vector<GuestExpectation> expectations;
};

/// The row of the guest alone on the machine, in `Expect:` comments.
inline constexpr const char* bare_metal_row = "bare-metal";

/// The programs of a file: its functions `guest` and `guest_NAME`, in order. An `Expect:` comment
/// belongs to the program that follows it, or else to the last. Throws InputError for what is wrong
/// in the text, and for a file without a program.
std::vector<GuestSource> guests_of(const SourceFile& file);
/// The same of the file at `path`.
std::vector<GuestSource> read_guests(const std::string& path);

/// How the line goes on: all rows that some expectation names.
std::vector<std::string> rows_named(const GuestSource& source);

/// Whether the expectation is about the row of that name.
bool is_about(const GuestSource& source, const GuestExpectation& expectation,
              const std::string& row);

}  // namespace airlock
