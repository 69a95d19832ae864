// --expect and --write-expect: the known state of a model, as CI wants it.
#pragma once

#include <optional>
#include <string>

#include "checker/cli/options.hpp"
#include "checker/compare/expectations.hpp"
#include "checker/compare/render.hpp"

namespace airlock {

/// What --expect names; nothing without it. Throws InputError.
std::optional<Expectations> read_expectations(const Options& options);

/// Writes --write-expect's file, if there is one. Throws CannotWrite.
void write_expectations(const Options& options, const Matrix& matrix);

/// How the matrix compares with what was expected.
struct Compared {
  std::string file;
  std::vector<Unexpected> changes;
  /// A "holds" lacks its second opinion or its certificate.
  bool unchecked = false;
  [[nodiscard]] Verdict verdict() const;
  /// Why the verdict is not "holds", in a few words; empty if it is.
  [[nodiscard]] std::string why_not() const;
};

Compared compared(const Options& options, const Matrix& matrix, const Expectations& expected);

std::string render_text(const Compared& compared);
nlohmann::ordered_json render_json(const Compared& compared);

}  // namespace airlock
