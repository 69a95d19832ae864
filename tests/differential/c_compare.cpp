#include "tests/differential/c_compare.hpp"

#include <fmt/format.h>

#include "tests/differential/c_outcomes.hpp"

namespace airlock::test {
namespace {

constexpr std::size_t batch = 200;  // programs per call of the compiler
constexpr std::size_t inputs_each = 8;
constexpr unsigned shrink_attempts = 400;

struct Case {
  std::uint64_t seed = 0;
  std::vector<std::uint32_t> decisions;
  CProgram native;
  std::vector<CValues> inputs;
};

Case make_case(Decisions decisions, std::uint64_t seed, std::size_t position) {
  Case one;
  one.seed = seed;
  one.native = random_c_program(decisions, native_prefix(position));
  one.decisions = decisions.made();
  one.inputs = c_inputs(one.native, seed, inputs_each);
  return one;
}

CProgram plain(const Case& one) {
  Decisions again(one.decisions);
  return random_c_program(again);
}

std::string shown(const COutcome& outcome) {
  if (!outcome) {
    return "undefined";
  }
  std::string text;
  for (const std::uint64_t value : *outcome) {
    text += fmt::format("{}{:#x}", text.empty() ? "" : " ", value);
  }
  return text;
}

/// Where the front end and the machine differ; nothing if they do not.
std::optional<std::string> difference(const Case& one, const std::vector<COutcome>& native,
                                      bool threaded, CTally* tally) {
  const CProgram program = plain(one);
  std::string refusal;
  std::optional<std::vector<COutcome>> ours;
  try {
    ours = threaded ? run_threaded(program, one.inputs, refusal)
                    : run_atomic(program, one.inputs, refusal);
  } catch (const std::exception& error) {
    return std::string(error.what()) + "\n" + program.text;
  }
  if (!ours) {
    if (tally != nullptr) {
      ++tally->refused;
    }
    return std::nullopt;
  }
  for (std::size_t i = 0; i < one.inputs.size(); ++i) {
    if (tally != nullptr) {
      ++tally->runs;
      tally->undefined += native[i] || threaded ? 0U : 1U;
    }
    if (ours->at(i) != native[i]) {
      return fmt::format("seed {}, {}\n  from      {}\n  compiled  {}\n  front end {}\n{}",
                         one.seed, threaded ? "as a thread" : "as one step", shown(one.inputs[i]),
                         shown(native[i]), shown(ours->at(i)), program.text);
    }
  }
  return std::nullopt;
}

std::optional<std::string> difference_alone(const std::vector<std::uint32_t>& decisions,
                                            std::uint64_t seed, bool threaded) {
  const Case one = make_case(Decisions(decisions), seed, 0);
  return difference(one, run_native({one.native}, {one.inputs}).at(0), threaded, nullptr);
}

std::string smallest(const Case& one, bool threaded, const std::string& found) {
  std::string last = found;
  shrink(one.decisions, shrink_attempts, [&](const std::vector<std::uint32_t>& decisions) {
    const auto still = difference_alone(decisions, one.seed, threaded);
    if (still) {
      last = *still;
    }
    return still.has_value();
  });
  return last;
}

}  // namespace

CTally compare_c_programs(std::uint64_t first, std::uint64_t count, unsigned threaded_every) {
  CTally tally;
  for (std::uint64_t done = 0; done < count;) {
    std::vector<Case> cases;
    std::vector<CProgram> programs;
    std::vector<std::vector<CValues>> inputs;
    for (; done < count && cases.size() < batch; ++done) {
      cases.push_back(make_case(Decisions(first + done), first + done, cases.size()));
      programs.push_back(cases.back().native);
      inputs.push_back(cases.back().inputs);
    }
    const auto native = run_native(programs, inputs);
    for (std::size_t i = 0; i < cases.size(); ++i) {
      ++tally.programs;
      for (const bool threaded : {false, true}) {
        if (threaded && cases[i].seed % threaded_every != 0) {
          continue;
        }
        tally.threaded += threaded ? 1U : 0U;
        if (const auto found = difference(cases[i], native[i], threaded, &tally)) {
          tally.disagreement = smallest(cases[i], threaded, *found);
          return tally;
        }
      }
    }
  }
  return tally;
}

}  // namespace airlock::test
