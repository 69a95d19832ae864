// Traces that other tools found in an exported circuit, brought back.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "checker/exchange/exchange.hpp"

namespace airlock {

/// What is wrong with a witness, and where.
class BadWitness : public std::runtime_error {
 public:
  BadWitness(unsigned line_number, std::string line_text, const std::string& problem,
             std::string what_was_expected)
      : std::runtime_error(problem),
        line(line_number),
        text(std::move(line_text)),
        expected(std::move(what_was_expected)) {}
  unsigned line;     ///< counted from 1; 0: the witness as a whole
  std::string text;  ///< of that line
  std::string expected;
};

/// The path that a witness for write_aiger(input) takes, in AIGER 1.9's format or ABC's, up to the
/// first state of the target that the witness names. Every step is taken by the reference
/// interpreter; cycles in which nothing happens are left out. Throws BadWitness for text that is
/// not a witness, is cut short, is of another circuit, or does not reach its target.
Path read_aiger_witness(std::string_view text, const ExportInput& input);

}  // namespace airlock
