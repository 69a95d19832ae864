// What a guest's program can see, under each fix and on bare metal, and whether that is as its file
// expects: what `outcomes` and `test` have in common.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "checker/cli/session.hpp"
#include "checker/trace/text.hpp"
#include "model/world/guest_source.hpp"

namespace airlock {

/// One way in which a program's run can end.
struct GuestSeen {
  /// A global of the program's.
  struct Value {
    std::string name;  ///< as in C
    std::string shown;
    std::uint64_t value = 0;
    friend bool operator==(const Value& a, const Value& b) { return a.value == b.value; }
  };
  struct Db {
    std::string at;         ///< the place that it interrupted: "step.c:14 nop"
    std::uint64_t dr6 = 0;  ///< what the handler first read; 0: it has not read it
    friend bool operator==(const Db&, const Db&) = default;
  };
  std::string stopped;  ///< why the program did not come to its end: "#GP"; empty: it did
  bool ends = true;     ///< false: the run goes on for ever, and comes to no end
  std::vector<Value> values;
  std::vector<Db> dbs;
  std::uint64_t steps = 0;              ///< of a shortest run
  bool on_bare_metal = true;            ///< bare metal shows it too
  std::vector<std::uint64_t> raw = {};  ///< of the variables looked at, to find it again
  /// The same to the guest.
  [[nodiscard]] bool same(const GuestSeen& other) const {
    return stopped == other.stopped && values == other.values && dbs == other.dbs;
  }
};

struct GuestExpectationResult {
  const GuestExpectation* expectation = nullptr;
  Verdict verdict = Verdict::unknown;
};

/// A program under one fix, or alone.
struct GuestRow {
  std::string name;                 ///< the fix's, or bare_metal_row
  std::string reason;               ///< why not all outcomes are known; empty: these are all
  std::vector<GuestSeen> outcomes;  ///< none unless they are all
  std::uint64_t states = 0;
  std::vector<GuestExpectationResult> expectations;  ///< those about this row
};

/// A program with its rows, bare metal first.
struct GuestReport {
  GuestSource source;
  std::vector<GuestRow> rows;
};

/// Decides everything about one program. Throws InputError where the program is wrong, does not
/// come to its end on bare metal, or expects something of a row that there is not.
GuestReport guest_report(const Session& session, const GuestSource& source,
                         const std::vector<Fix>& fixes);

/// All expectations together: violated, else undecided (so is a row without its outcomes), else
/// holds.
Verdict verdict_of(const GuestReport& report);
Verdict verdict_of(const GuestRow& row);

std::string render_text(const GuestReport& report, const TextStyle& style);
nlohmann::ordered_json render_json(const GuestReport& report);

/// A shortest trace to an outcome of the row, by its number from 1, as `trace` prints one.
std::string outcome_trace(const Session& session, const GuestReport& report, const Fix& fix,
                          std::size_t number);

}  // namespace airlock
