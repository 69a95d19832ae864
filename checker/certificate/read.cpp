// Taking a certificate apart.
//
// Only two things are taken from the text: the heading's lines and the invariant's conjuncts. The
// conjuncts are what a forger can choose, so they are read on their own here: each must be a whole
// expression. Text that closed the invariant's definition early and went on with commands of its
// own would not be.
#include <algorithm>

#include "checker/certificate/certificate.hpp"
#include "checker/certificate/form.hpp"
#include "checker/certificate/sexpr.hpp"
#include "model/system/input_error.hpp"

namespace airlock {
namespace {

using namespace certificate;

class Reader {
 public:
  Reader(const std::string& file, const std::string& text) : file_(file), text_(text) {}

  CertificateParts run() {
    CertificateParts parts;
    if (next_line() != first_line) {
      fail("this is no certificate", first_line);
    }
    read_heading(parts);
    read_conjuncts(parts);
    return parts;
  }

 private:
  [[noreturn]] void fail(const std::string& message, const std::string& expected) const {
    throw InputError({file_, line_, 1}, message, {}, expected);
  }

  std::string next_line() {
    ++line_;
    const std::size_t end = text_.find('\n', at_);
    if (at_ >= text_.size() || end == std::string::npos) {
      fail("the certificate ends early", "a certificate as airlock prove --certificate writes it");
    }
    std::string line = text_.substr(at_, end - at_);
    at_ = end + 1;
    return line;
  }

  void read_heading(CertificateParts& parts) {
    for (std::string line = next_line(); line != ";"; line = next_line()) {
      const std::size_t colon = line.find(": ");
      if (line.compare(0, 2, "; ") != 0 || colon == std::string::npos || colon < 3) {
        fail("this line does not belong into a certificate's heading", "; name: value");
      }
      parts.heading.emplace_back(line.substr(2, colon - 2), line.substr(colon + 2));
    }
  }

  void read_conjuncts(CertificateParts& parts) {
    const std::string begin(body_begins);
    const std::string end(body_ends);
    while (next_line() + "\n" != begin) {
    }
    parts.first = line_ + 1;
    for (std::string line = next_line(); line + "\n" != end; line = next_line()) {
      require_plain(line);
      parts.conjuncts += line + "\n";
    }
    const auto first = static_cast<unsigned>(parts.first);
    if (parse_sexprs(file_, parts.conjuncts, first).empty()) {
      fail("the invariant has no conjuncts", "at least one, between '(and true' and '))'");
    }
  }

  /// What ends a line, and with it a comment, is a matter of opinion for other characters: a solver
  /// that reads on where we do not, or the other way round, reads another invariant.
  void require_plain(const std::string& line) const {
    const auto odd =
        std::find_if(line.begin(), line.end(), [](char c) { return c < ' ' || c > '~'; });
    if (odd != line.end()) {
      throw InputError({file_, line_, static_cast<unsigned>(odd - line.begin()) + 1},
                       "unexpected character in the invariant", {},
                       "printable ASCII, in comments too");
    }
  }

  const std::string& file_;
  const std::string& text_;
  std::size_t at_ = 0;
  unsigned line_ = 0;
};

}  // namespace

CertificateParts read_certificate(const std::string& file, const std::string& text) {
  return Reader(file, text).run();
}

std::string heading_value(const CertificateHeading& heading, const std::string& name) {
  for (const auto& [key, value] : heading) {
    if (key == name) {
      return value;
    }
  }
  return "";
}

}  // namespace airlock
