// Checking a certificate's script with cvc5.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace airlock {

enum class Answer { unsat, sat, unknown };

struct QueryAnswer {
  Answer answer = Answer::unknown;
  std::string detail;  ///< sat: which rule leaves the invariant, if one does; unknown: why
};

/// cvc5's answers to the queries of an SMT-LIB 2 script in the subset that certificates are written
/// in. `seconds`: for each query; none: as long as it takes. Throws InputError naming `file` for
/// anything outside that subset and for terms that are ill-sorted: nothing is skipped.
std::vector<QueryAnswer> ask_cvc5(const std::string& file, const std::string& text,
                                  std::optional<double> seconds);

}  // namespace airlock
