// Choices of a trace that are no choices in the kernel: conditions and values that a slice does not
// follow, so that any run of the trace may have guessed them wrongly.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "checker/trace/trace.hpp"

namespace airlock {

/// What the tree has there, by "FILE:LINE". Files that are not named have no untracked choices.
struct UntrackedTexts {
  std::map<std::string, std::string> by_place;
  std::vector<std::string> files;  ///< of the tree
  struct Function {
    std::string name;
    std::string free;  ///< why what it chooses can come true; empty if nobody says so
  };
  /// Of the tree: by file, then by the line where each begins.
  std::map<std::string, std::map<unsigned, Function>> functions;
};

struct UntrackedChoice {
  InputId choice;
  std::uint64_t value;  ///< as the program sees it
  std::uint64_t raw;    ///< as the path has it: bits that cannot be chosen are left out
  SourceLocation place;
  std::string text;    ///< "kvm_vcpu_exit_request(vcpu)"; empty if it is not known
  bool condition;      ///< a truth value, not bits
  std::string reason;  ///< why it can come true, if the lens says so
};

/// The function of the tree that the line is in; null if it is not known.
const UntrackedTexts::Function* function_at(const UntrackedTexts& texts, const std::string& file,
                                            unsigned line);

/// A choice that every violating run takes.
struct NeededGuess {
  std::size_t step;   ///< of the trace that was asked about
  std::size_t index;  ///< among untracked_in() of that step
  UntrackedChoice choice;
  bool to_run_a_guest;  ///< no run enters a guest without it
  [[nodiscard]] bool doubtful() const { return !to_run_a_guest && choice.reason.empty(); }
};

/// Which guesses a violation needs.
struct AlarmCheck {
  std::vector<NeededGuess> needed;  ///< in the order of the trace
  std::string unknown;              ///< why it is not known of others; empty if it is
  /// Whether the violation may be one of the slice alone.
  [[nodiscard]] bool doubtful() const;
};

/// Those of step `step` (1 is the first) whose line runs in it; none if `texts` is null.
std::vector<UntrackedChoice> untracked_in(const Trace& trace, std::size_t step,
                                          const UntrackedTexts* texts);

/// "false", "0x2000000".
std::string shown_value(const UntrackedChoice& choice);

/// "kvm_vcpu_exit_request(vcpu) is untracked: here false".
std::string sentence_of(const UntrackedChoice& choice);

}  // namespace airlock
