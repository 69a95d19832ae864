// What a matrix's "holds" need, for `airlock compare`.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "checker/cli/needs_input.hpp"
#include "checker/cli/session.hpp"
#include "checker/compare/matrix.hpp"
#include "checker/trace/text.hpp"

namespace airlock {

/// By row and cell.
using AllNeeds = std::map<std::pair<std::size_t, std::size_t>, ShownNeeds>;

/// Whether `compare` says what proofs need: in JSON unless --no-explain, in text if --explain.
/// Throws InputError if --explain asks for it in a format that has no place for it.
bool says_needs(const Options& options);

/// Of every cell that says "holds" about a property that the files state. `fixes` are the rows'.
AllNeeds needs_of_matrix(const Session& session, const std::vector<Fix>& fixes,
                         const Matrix& matrix, const NeedsProgress& progress);

/// Lines for below the matrix; empty if nothing holds.
std::string render_text(const AllNeeds& needs, const Matrix& matrix, const TextStyle& style);

/// Puts "needs" into the verdicts of a rendered matrix: null, with "needs_reason", for what holds
/// and is not asked because it is about every line; nothing for what does not hold, is undecided or
/// is about two runs.
void add_needs(nlohmann::ordered_json& json, const Matrix& matrix, const AllNeeds& needs);

}  // namespace airlock
