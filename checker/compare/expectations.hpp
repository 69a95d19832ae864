// What a matrix is expected to say: a file beside the model, written by --write-expect, with which
// CI is green on violations that are known, and red on what got worse *and* on what got better
// without the file saying so.
//
//   { "rows": { "merged": { "always_a": { "verdict": "holds", "assumes": ["dr6-read-back"] },
//                           "always_b": { "verdict": "violated" } } } }
//
// Lengths, engines and times are not in it: they change without anything getting worse. Symptoms
// are, so that a bug which comes back is seen.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "checker/compare/matrix.hpp"

namespace airlock {

struct ExpectedVerdict {
  Verdict verdict = Verdict::unknown;
  std::set<std::string> assumes;  ///< choices that a "holds" needs
  friend bool operator==(const ExpectedVerdict&, const ExpectedVerdict&) = default;
};

/// Row -> property -> verdict.
using Expectations = std::map<std::string, std::map<std::string, ExpectedVerdict>>;

Expectations expectations_of(const Matrix& matrix);

/// The file's text, ending with a newline.
std::string to_text(const Expectations& expectations);

/// Throws InputError, with `path` and the place, for what is no such file.
Expectations parse_expectations(const std::string& path, const std::string& text);

/// One cell that is not as expected.
struct Unexpected {
  enum class Kind {
    worse,     ///< violated, undecided, or under more choices of the manual
    better,    ///< the file is out of date
    new_cell,  ///< the file does not know it
    missing,   ///< the file knows it, and it was asked about no more
  };
  Kind kind;
  std::string row;
  std::string property;
  std::string text;  ///< "was holds, is violated"
};

/// "worse", "better", "new", "missing".
const char* to_string(Unexpected::Kind kind);

/// In the matrix' order, what is missing last. `only`: properties that were asked about; of others
/// nothing is missing. Empty: all were.
std::vector<Unexpected> unexpected(const Matrix& matrix, const Expectations& expected,
                                   const std::vector<std::string>& only);

}  // namespace airlock
