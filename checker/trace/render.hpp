// Traces as people and programs read them.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "checker/trace/text.hpp"
#include "checker/trace/trace.hpp"
#include "checker/trace/untracked.hpp"

namespace airlock {

/// The trace as a story: a heading, the start, then per step who acted, by which C line or event of
/// the hardware, and what changed; at the end one sentence about what was seen.
std::string render_text(const Trace& trace, const TraceHeading& heading, const TextStyle& style);

/// {"model", "fix", "property", "verdict", "steps", "parameters", "actors", "choices", "initial",
///  "trace": [{"step", "actor", "rule", "causes", "choices", "changes", "untracked"}], "sentence"};
/// "untracked" only where there is something that a slice does not follow.
/// Raw values are strings of the form "0x1f", since JSON's numbers end at 2^53.
nlohmann::ordered_json render_json(const Trace& trace, const TraceHeading& heading);

/// A Value Change Dump (IEEE 1364, with GTKWave's strings): state k at time k, a scope per group of
/// variables, enumerations as strings.
std::string render_vcd(const Trace& trace, const TraceHeading& heading);

/// A sequence diagram: a self-contained SVG 1.1 picture without scripts, legible on light and on
/// dark pages.
std::string render_svg(const Trace& trace, const TraceHeading& heading);

/// "violated", or "holds" for a witness of a reachable_ property.
std::string trace_verdict(const Trace& trace);

/// Readings by name: "both (pinned)", or what the run took ("any" if `state` is null).
std::vector<std::pair<std::string, std::string>> shown_choices(const TransitionSystem& system,
                                                               const Pins& pins,
                                                               const State* state = nullptr);

/// `value` as JSON's string of hexadecimal digits, "0x0" for zero.
std::string hex(std::uint64_t value);

/// Indented JSON text with a newline at the end; bytes that are not UTF-8 are replaced.
std::string dump(const nlohmann::ordered_json& json);

}  // namespace airlock
