// Random C programs in the subset that spec files are written in.
#pragma once

#include <string>
#include <vector>

#include "tests/differential/decisions.hpp"

namespace airlock::test {

/// A scalar of a global, as C names it without the prefix: "g0", "s.x", "a[2]".
struct CScalar {
  std::string path;
  unsigned width = 32;  ///< bits; 1 for bool
};

struct CProgram {
  std::string text;  ///< globals, helpers and `void f(void)`, which reads and writes the globals
  std::vector<CScalar> scalars;
};

/// Every name at file scope begins with `prefix`, so that many programs can be compiled together;
/// with a prefix, literals are wrapped in a macro K(). No construct whose meaning C leaves open
/// other than undefined behaviour; locals have values.
CProgram random_c_program(Decisions& decisions, const std::string& prefix = {});

}  // namespace airlock::test
