// A test's program as C, for frameworks that run guests or are one: the straight line as an
// assembly function, and what the #DB handler does as a function of C.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "checker/testgen/guest_test.hpp"

namespace airlock {

/// The program cannot be written so: what() says why.
class NotInC : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A test or one of its controls.
struct CVariant {
  std::string name;      ///< in C: "test", "control_2"
  std::string says;      ///< one line for people
  std::string program;   ///< " * 1. MOV from DR6\n": lines of a comment
  std::string line;      ///< the assembly function NAME_line(), and NAME_ends[]
  std::string handler;   ///< the function NAME_handler(): what the #DB handler does
  std::string expected;  ///< the array NAME_expected[]: a row for each instruction
  std::size_t instructions = 0;
  std::size_t handler_after = 0;  ///< the instruction after which the handler goes on; 0: none
  std::size_t strays = 0;         ///< #DBs behind the line
};

/// The controls, then the test itself. Throws NotInC if that cannot be written; controls that
/// cannot are left out, and `left_out` says which and why.
std::vector<CVariant> c_variants(const GuestTest& test, std::vector<std::string>& left_out);

/// What every variant is made of: the functions that the handler calls, the #DB handler itself for
/// a framework's `struct ex_regs`, and run(), which runs a variant and says where it differs.
std::string c_common(const GuestTest& test);

/// A file in the manner of the kernel's KVM selftests (tools/testing/selftests/kvm). It is one
/// program: a guest that asserts, and what runs it. Throws NotInC.
std::string write_selftest(const GuestTest& test, std::vector<std::string>& left_out);

/// A file in the manner of kvm-unit-tests' x86 tests. Throws NotInC.
std::string write_kvm_unit_test(const GuestTest& test, std::vector<std::string>& left_out);

}  // namespace airlock
