// Other people's model checkers, run on what Airlock exports.
#pragma once

#include <fmt/format.h>
#include <regex>
#include <stdexcept>
#include <string>
#include <vector>

#include "checker/exchange/exchange.hpp"
#include "tests/cli/command.hpp"

namespace airlock::test {

/// What a program that visits every state says of an exported system.
struct Counts {
  std::uint64_t states = 0;
  std::uint64_t transitions = 0;
  bool target_found = false;
  friend bool operator==(const Counts&, const Counts&) = default;
};

inline std::string to_string(const Counts& counts) {
  return fmt::format("{} states, {} transitions{}", counts.states, counts.transitions,
                     counts.target_found ? ", a target" : "");
}

inline bool installed(const std::string& program) {
  return shell("command -v " + shell_quote(program)).status == 0;
}

/// The number that `pattern` finds. Throws std::runtime_error with the whole text if it finds none.
inline std::uint64_t number_in(const std::string& text, const std::string& pattern) {
  std::smatch match;
  if (!std::regex_search(text, match, std::regex(pattern))) {
    throw std::runtime_error("no " + pattern + " in:\n" + text);
  }
  return std::stoull(match[1]);
}

/// Runs one ABC over many AIGER files, each with the commands of `engine`: per file, what it says.
inline std::vector<std::string> ask_abc(const std::vector<std::string>& files,
                                        const std::string& engine) {
  const Scratch scratch;
  std::string script;
  for (std::size_t i = 0; i < files.size(); ++i) {
    script += fmt::format("echo question-{}\nread_aiger {}\n{}\n", i, files[i], engine);
  }
  const Result run =
      shell("berkeley-abc -q " + shell_quote("source " + scratch.write("script", script)));
  std::vector<std::string> answers(files.size());
  std::size_t from = 0;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const std::string mark = fmt::format("question-{} \n", i);
    from = run.out.find(mark, from);
    if (from == std::string::npos) {
      throw std::runtime_error("berkeley-abc says nothing of " + files[i] + ":\n" + run.err);
    }
    from += mark.size();
    answers[i] = run.out.substr(from, run.out.find("question-", from) - from);
  }
  return answers;
}

inline bool abc_says_reachable(const std::string& answer) {
  return answer.find("was asserted in frame") != std::string::npos;
}

inline bool abc_says_unreachable(const std::string& answer) {
  return answer.find("Property proved") != std::string::npos;
}

/// Compiles and runs SPIN's verifier of a Promela text. Its own initial state, and the steps from
/// it to the model's `initial_states`, are taken off.
inline Counts ask_spin(const std::string& model, std::uint64_t initial_states) {
  const Scratch scratch;
  scratch.write("model.pml", model);
  const Result run =
      shell("cd " + shell_quote(scratch.path("")) +
            " && spin -a model.pml && cc -w -O1 -DSAFETY -DNOREDUCE -DMEMLIM=2000 -o pan pan.c && "
            "./pan -E -c0 -m1000000 -w20");
  if (run.status != 0) {
    throw std::runtime_error("spin fails:\n" + run.err + run.out);
  }
  return {number_in(run.out, "(\\d+) states, stored") - 1,
          number_in(run.out, "(\\d+) transitions") - initial_states - 1,
          number_in(run.out, "errors: (\\d+)") != 0};
}

/// The same of Rumur and a Murphi text.
inline Counts ask_rumur(const std::string& model) {
  const Scratch scratch;
  scratch.write("model.m", model);
  const Result run = shell(
      "cd " + shell_quote(scratch.path("")) +
      " && rumur --deadlock-detection off --threads 1 --max-errors 1000000 --output model.c model.m"
      " && cc -w -O1 -mcx16 -o model model.c -lpthread && ./model >counts; cat counts");
  return {number_in(run.out + run.err, "(\\d+) states,"), number_in(run.out, "(\\d+) rules fired"),
          run.out.find("No error found") == std::string::npos};
}

}  // namespace airlock::test
