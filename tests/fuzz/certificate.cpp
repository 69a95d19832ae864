// Certificates: bytes as a certificate that somebody hands over; its heading, and its conjuncts,
// put into the certificate of a small system and given to cvc5, as `airlock certify` does.
#include "checker/certificate/certificate.hpp"

#include "checker/certificate/check.hpp"
#include "tests/fuzz/target.hpp"

namespace airlock {
namespace {

struct Counter {
  TransitionSystem system;
  Expr target;

  /// Counts to 5; 9 is not reached.
  Counter() {
    const VarId n = system.add_variable("n", Sort::bits(4), system.pool->bits(4, 0));
    const Expr value = system.variable(n);
    system.rules.push_back({"count",
                            "counter",
                            ult(value, same_sort(value, 5)),
                            {{n, value + same_sort(value, 1)}},
                            {},
                            {}});
    system.add_variable("flag", Sort::boolean(), system.pool->boolean(false));
    target = eq(value, same_sort(value, 9));
  }
};

void read(const std::string& text) {
  const Counter counter;
  const CertificateParts parts = read_certificate("input.smt2", text);
  const std::string whole =
      certificate_with(counter.system, counter.target, parts.conjuncts, parts.heading);
  (void)ask_cvc5("input.smt2", whole, 0.2);
}

}  // namespace
}  // namespace airlock

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  airlock::fuzz::expect_answer([&] { airlock::read(airlock::fuzz::text_of(data, size)); });
  return 0;
}
