// What every report is made of: the page around it, and the sections that both kinds have.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "checker/report/film.hpp"
#include "checker/report/report.hpp"
#include "checker/trace/trace.hpp"

namespace airlock {

/// The whole document: the page with the style and the script of this folder.
std::string page(const std::string& title, const std::string& body, const Film& film,
                 const ReportHeading& report);

using Pairs = std::vector<std::pair<std::string, std::string>>;

/// `<section id=… aria-labelledby=…><h2>heading</h2>inside</section>`; the heading is escaped, the
/// inside is markup. Nothing where there is nothing inside.
std::string section(std::string_view id, const std::string& heading, const std::string& inside);

/// What the answer rests on: parameters, actors, hardware choices, assumptions.
std::string basis(const Pairs& parameters, const std::vector<std::string>& actors,
                  const Pairs& choices, const std::vector<std::string>& assumptions);

/// The command, the versions and the hashes of all inputs.
std::string origin(const ReportHeading& report);

/// The place where the explorer goes, for those who have JavaScript.
std::string explorer_place();

/// The trace as text, folded away unless `open`. `id` is its anchor.
std::string trace_as_text(const std::string& id, const std::string& summary, const Trace& trace,
                          const TraceHeading& heading, bool open);

}  // namespace airlock
