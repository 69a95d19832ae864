// The matrix as people and programs read it.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "checker/compare/matrix.hpp"
#include "checker/trace/text.hpp"

namespace airlock {

/// What a matrix does not know about itself.
struct MatrixHeading {
  std::string model;
  std::vector<std::pair<std::string, std::string>> parameters;
  std::vector<std::string> actors;  ///< those that are on
  /// The command that prints the trace of a cell.
  std::function<std::string(const std::string& fix, const std::string& property)> trace_command;
  bool stats = false;  ///< also say where the time went
};

/// At most 100 columns wide, commands to copy excepted. The same input gives the same text, unless
/// `stats` is on.
std::string render_text(const Matrix& matrix, const MatrixHeading& heading, const TextStyle& style);

/// DESIGN.md, "The command", with some further fields.
nlohmann::ordered_json render_json(const Matrix& matrix, const MatrixHeading& heading);

/// True for the properties that the matrix is about, false for the guards against vacuity.
bool in_matrix(const Property& property);

/// The verdict of everything together: violated if anything is, else unknown if anything is.
Verdict overall(const Matrix& matrix);

/// Sentences under which every "holds" is meant: the systems' assumptions, each once.
std::vector<std::string> assumptions_of(const Matrix& matrix);

}  // namespace airlock
