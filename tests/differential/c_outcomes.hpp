// What a C program does to its globals, found out in two ways that share nothing: by the front end
// and the reference interpreter, and by the system's C compiler on the real processor.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/differential/c_program.hpp"

namespace airlock::test {

/// Values of CProgram::scalars, in their order.
using CValues = std::vector<std::uint64_t>;

/// The values after f(); nothing if its behaviour is undefined.
using COutcome = std::optional<CValues>;

/// Inputs for a program: corner values and random ones, the same for the same seed.
std::vector<CValues> c_inputs(const CProgram& program, std::uint64_t seed, std::size_t count);

/// f() run as one atomic step, from each of the inputs. Nothing: the front end refuses the program
/// because of a documented limit (`refusal` says which). Throws whatever else goes wrong.
std::optional<std::vector<COutcome>> run_atomic(const CProgram& program,
                                                const std::vector<CValues>& inputs,
                                                std::string& refusal);

/// The same as a thread that is cut at every access to a global.
std::optional<std::vector<COutcome>> run_threaded(const CProgram& program,
                                                  const std::vector<CValues>& inputs,
                                                  std::string& refusal);

/// Programs compiled together, natively, with traps for undefined behaviour. `programs[i]` must
/// have been made with the prefix native_prefix(i). Throws std::runtime_error if the compiler
/// refuses.
std::string native_prefix(std::size_t i);
std::vector<std::vector<COutcome>> run_native(const std::vector<CProgram>& programs,
                                              const std::vector<std::vector<CValues>>& inputs);

}  // namespace airlock::test
