// The fixed parts of a certificate's text. Internal to checker/certificate.
#pragma once

#include <string>
#include <string_view>

namespace airlock::certificate {

inline constexpr const char* first_line = "; Airlock certificate 1: an inductive invariant";
/// The heading's last line: a SHA-1 name of all that comes from the model. It tells certificates
/// apart; what protects against forgery is `airlock certify`, which builds the model anew.
inline constexpr const char* fingerprint_name = "fingerprint";
inline constexpr const char* how_to_check =
    ";\n"
    "; Three queries: initial states satisfy the invariant; every step keeps it; no state of it "
    "is\n"
    "; a violation. Any SMT-LIB 2 solver checks them (cvc5 FILE, z3 FILE): it answers unsat three\n"
    "; times. That the rules are the model's: airlock certify FILE.\n";
inline constexpr const char* first_section = "\n; ==== 1. Initiation\n";
inline constexpr const char* second_section = "\n; ==== 2. Consecution\n(reset)\n";
inline constexpr const char* third_section = "\n; ==== 3. Safety\n(reset)\n";
inline constexpr const char* body_begins = "  (and true\n";
inline constexpr const char* body_ends = "  ))\n";

/// `text` with control characters replaced: it cannot end a comment.
inline std::string one_line(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    result += byte < 0x20 || byte == 0x7F ? ' ' : c;
  }
  return result;
}

}  // namespace airlock::certificate
