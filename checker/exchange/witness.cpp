// Witnesses in the format of AIGER 1.9:
//
//   1            the target was reached (0: it cannot be; 2: unknown)
//   b0           which target
//   000...       the latches at the beginning: all of ours are 0
//   0110...      one line of inputs per cycle, x standing for any value
//   .            the end
//
// ABC's `write_cex -a` writes the same without the first two lines, and "# DONE" for the end, which
// may stand on the line of the last inputs.
//
// Only the inputs are believed, and of them only what the environment picks: the state is computed
// here, by the reference interpreter on the very system that was exported, never read.
#include "checker/exchange/witness.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <optional>

#include "checker/exchange/circuit.hpp"
#include "model/system/interpreter.hpp"

namespace airlock {
namespace {

using exchange::Cycle;
using exchange::Scheduler;

constexpr std::string_view abc_end = "# DONE";

/// Lines without their ends, comments left out.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {}

  /// The next line that is no comment; nothing at the end of the text.
  std::optional<std::string_view> next() {
    while (!text_.empty()) {
      const std::size_t end = text_.find('\n');
      line_ = text_.substr(0, end);
      text_ = end == std::string_view::npos ? std::string_view{} : text_.substr(end + 1);
      ++number_;
      while (!line_.empty() && (line_.back() == '\r' || line_.back() == ' ')) {
        line_.remove_suffix(1);
      }
      if (line_.empty() || line_.front() != 'c') {
        return line_;
      }
    }
    line_ = {};
    ++number_;
    return std::nullopt;
  }

  /// Takes the next line if it is this one.
  bool skip(std::string_view wanted) {
    Lines ahead = *this;
    if (ahead.next() != wanted) {
      return false;
    }
    *this = ahead;
    return true;
  }

  [[noreturn]] void fail(const std::string& problem, const std::string& expected) const {
    throw BadWitness(number_, std::string(line_), problem, expected);
  }

 private:
  std::string_view text_;
  std::string_view line_;
  unsigned number_ = 0;
};

class Reader {
 public:
  Reader(std::string_view text, const ExportInput& input)
      : lines_(text), input_(input), scheduler_(exchange::schedule(input.system)) {}

  Path read() {
    const exchange::Circuit circuit = exchange::circuit_of(input_);
    if (!begins_as_abc_writes(circuit.latches.size())) {
      read_status();
      read_target();
    }
    read_latches(circuit.latches.size());
    while (read_cycle(circuit.inputs.size())) {
    }
    if (arrived_) {
      return std::move(path_);
    }
    throw BadWitness(0, {}, "the witness ends before its target is reached",
                     "inputs that lead to a state of " + target().name);
  }

 private:
  [[nodiscard]] const ExportTarget& target() const { return input_.targets[target_]; }

  /// With the latches' line, at once.
  [[nodiscard]] bool begins_as_abc_writes(std::size_t latches) const {
    Lines ahead = lines_;
    const auto first = ahead.next();
    const auto second = ahead.next();
    return first && first->find_first_not_of("01x") == std::string_view::npos &&
           (first->size() > 1 || latches == 1) && !(second && second->starts_with('b'));
  }

  std::string_view need_line(const std::string& expected) {
    const std::optional<std::string_view> line = lines_.next();
    if (!line) {
      lines_.fail("the witness is cut short", expected);
    }
    return *line;
  }

  void read_status() {
    const std::string expected = "1, which begins a witness of AIGER 1.9";
    const std::string_view line = need_line(expected);
    if (line == "0" || line == "2") {
      lines_.fail(line == "0" ? "it says that the target cannot be reached: there is no trace"
                              : "it says that nothing was decided: there is no trace",
                  expected);
    }
    if (line != "1") {
      lines_.fail("not a witness", expected);
    }
  }

  void read_target() {
    const std::string expected =
        input_.targets.size() == 1
            ? "b0, the only target"
            : fmt::format("b and a target's number, b0 to b{}", input_.targets.size() - 1);
    const std::string_view line = need_line(expected);
    const char* const end = line.data() + line.size();
    if (line.size() < 2 || line.front() != 'b') {
      lines_.fail("no target is named", expected);
    }
    const auto [stop, error] = std::from_chars(line.data() + 1, end, target_);
    if (error != std::errc{} || stop != end || target_ >= input_.targets.size()) {
      lines_.fail("there is no such target", expected);
    }
  }

  std::string_view need_bits(std::size_t count, const std::string& what) {
    const std::string expected = fmt::format("{}: {} characters 0, 1 or x", what, count);
    std::string_view line = need_line(expected);
    if (line.size() > abc_end.size() && line.ends_with(abc_end)) {
      ended_ = true;
      line.remove_suffix(abc_end.size());
    }
    if (line.find_first_not_of("01x") != std::string_view::npos) {
      lines_.fail("these are not bits", expected);
    }
    if (line.size() != count) {
      lines_.fail(fmt::format("{} bits: the witness is of another circuit, or of the same model "
                              "under other options",
                              line.size()),
                  expected);
    }
    return line;
  }

  void read_latches(std::size_t count) {
    const std::string_view line = need_bits(count, "the latches");
    if (line.find('1') != std::string_view::npos) {
      lines_.fail("a latch begins at 1", "0 for each latch, as the circuit has it");
    }
  }

  /// False at the end of the witness.
  bool read_cycle(std::size_t inputs) {
    if (ended_ || lines_.skip(".") || lines_.skip(abc_end)) {
      return false;
    }
    const std::string_view bits =
        need_bits(inputs, "the inputs of a cycle, or a period at the end");
    Cycle cycle;
    std::size_t at = 0;
    const auto take = [&](std::vector<bool>& word, unsigned width) {
      for (unsigned i = 0; i < width; ++i) {
        word.push_back(bits[at++] == '1');
      }
    };
    take(cycle.code, scheduler_.code_bits);
    take(cycle.inputs, scheduler_.input_bits);
    take(cycle.initial, scheduler_.initial_bits);
    run(cycle);
    return true;
  }

  void run(const Cycle& cycle) {
    if (arrived_) {
      return;
    }
    if (!state_) {
      path_.initial_inputs = initial_inputs_in(input_.system, scheduler_, cycle);
      state_ = initial_state(input_.system, path_.initial_inputs);
      if (!state_) {
        return;  // forbidden: the next cycle chooses again
      }
    }
    arrived_ = evaluate(target().states, *state_) != 0;
    if (arrived_) {
      return;
    }
    if (const auto step = step_in(input_.system, scheduler_, *state_, cycle)) {
      state_ = successor(input_.system, *state_, *step);
      path_.steps.push_back(*step);
    }
  }

  Lines lines_;
  const ExportInput& input_;
  Scheduler scheduler_;
  std::size_t target_ = 0;
  std::optional<State> state_;
  bool arrived_ = false;
  bool ended_ = false;
  Path path_;
};

}  // namespace

Path read_aiger_witness(std::string_view text, const ExportInput& input) {
  return Reader(text, input).read();
}

}  // namespace airlock
