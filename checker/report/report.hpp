// The report: one HTML file to look at, to print and to send around.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "checker/compare/matrix.hpp"
#include "checker/compare/render.hpp"
#include "checker/trace/trace.hpp"

namespace airlock {

/// A file that the answer depends on.
struct InputFile {
  std::string name;  ///< as the traces call it
  std::string text;
};

/// Where the evidence for a "holds" is to be had.
struct ProofLink {
  std::string certificate;  ///< a path, relative to the report; may be empty
  std::string invariant;    ///< for people; may be empty
};

/// What a matrix or a trace does not know about itself.
struct ReportHeading {
  std::string command;                                        ///< as typed, quoted for a shell
  std::vector<std::pair<std::string, std::string>> versions;  ///< "airlock", "0.1.0"
  std::vector<InputFile> inputs;
  /// May be empty, and may answer with nothing.
  std::function<std::optional<ProofLink>(const std::string& fix, const std::string& property)>
      proof;
};

/// One HTML document, complete in itself: no request leaves it. Everything in it can be read
/// without JavaScript; with it every trace can be stepped through. Says nothing about the time of
/// day or how long anything took: the same input gives the same report.
std::string render_report(const Matrix& matrix, const MatrixHeading& heading,
                          const ReportHeading& report);
std::string render_report(const Trace& trace, const TraceHeading& heading,
                          const ReportHeading& report);

}  // namespace airlock
