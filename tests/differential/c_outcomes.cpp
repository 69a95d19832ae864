#include "tests/differential/c_outcomes.hpp"

#include <fmt/format.h>
#include <random>
#include <sstream>

#include "tests/cli/command.hpp"
#include "tests/model/software/fake_platform.hpp"

namespace airlock::test {
namespace {

constexpr std::uint64_t undefined_pc = 999;
constexpr unsigned most_steps = 5000;

std::uint64_t mask(unsigned width) {
  return width == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << width) - 1;
}

/// The program over the fake machine; nothing where a limit is passed.
template <typename Run>
std::optional<std::vector<COutcome>> with_world(const CProgram& program, std::string& refusal,
                                                const Run& run) {
  try {
    testing::World world(program.text);
    return run(world);
  } catch (const InputError& error) {
    refusal = error.what();
    return std::nullopt;
  }
}

/// Is the refusal one that docs/language.md announces for programs that are C?
bool is_limit(const std::string& refusal) {
  for (const char* known : {"ways through one step", "instructions", "reads as a cast"}) {
    if (refusal.find(known) != std::string::npos) {
      return true;
    }
  }
  return false;
}

std::optional<std::vector<COutcome>> expect_limit(std::optional<std::vector<COutcome>> outcomes,
                                                  const std::string& refusal,
                                                  const CProgram& program) {
  if (!outcomes && !is_limit(refusal)) {
    throw std::runtime_error("the front end refuses a program:\n" + refusal + "\n" + program.text);
  }
  return outcomes;
}

State state_of(const testing::World& world, const CProgram& program, const CValues& values) {
  State state = world.initial();
  for (std::size_t i = 0; i < values.size(); ++i) {
    state[world.globals.at(program.scalars[i].path)] = values[i];
  }
  return state;
}

CValues values_of(const testing::World& world, const CProgram& program, const State& state) {
  CValues values;
  for (const CScalar& scalar : program.scalars) {
    values.push_back(state[world.globals.at(scalar.path)]);
  }
  return values;
}

/// The only rule that can fire; throws if there are several or none.
State next_state(const testing::World& world, const State& state) {
  std::optional<State> next;
  for (std::uint32_t rule = 0; rule < world.system.rules.size(); ++rule) {
    if (auto successor = airlock::successor(world.system, state, {rule, {}})) {
      if (next) {
        throw std::runtime_error("two rules of one thread fire in one state");
      }
      next = std::move(successor);
    }
  }
  if (!next) {
    throw std::runtime_error("no rule of a thread fires");
  }
  return *next;
}

COutcome run_thread(const testing::World& world, const CProgram& program, State state) {
  const std::uint64_t start = world.locations.at(0).pc;
  for (unsigned steps = 0; steps < most_steps; ++steps) {
    state = next_state(world, state);
    if (state[world.pc] == undefined_pc) {
      return std::nullopt;
    }
    if (state[world.pc] == start) {
      return values_of(world, program, state);
    }
  }
  throw std::runtime_error("a thread does not come to its end");
}

const char* const prelude = R"(#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
typedef unsigned char u8; typedef unsigned short u16; typedef unsigned int u32;
typedef unsigned long long u64; typedef signed char s8; typedef short s16; typedef long long s64;
/* No constant expression: compilers fold those without a look at what is undefined in them. */
#define K(x) ({ __typeof__(x) value_ = (x); value_; })
/* What is shifted right by, if it is too much, as a number that Clang 14 sees is too much: of 64 bits
   it looks at the lower 32 only where what is shifted has 32. */
#define S(x) ({ __typeof__(x) by_ = (x); by_ < 0 || by_ > 63 ? 64 : (int)by_; })
static sigjmp_buf back;
static void trapped(int signal) { (void)signal; siglongjmp(back, 1); }
)";

std::string native_text(const std::vector<CProgram>& programs,
                        const std::vector<std::vector<CValues>>& inputs) {
  std::string text = prelude;
  for (std::size_t i = 0; i < programs.size(); ++i) {
    const CProgram& program = programs[i];
    const std::string prefix = native_prefix(i);
    text += program.text;
    text +=
        "static const u64 " + prefix + "in[][" + std::to_string(program.scalars.size()) + "] = {\n";
    for (const CValues& values : inputs[i]) {
      text += "{";
      for (const std::uint64_t value : values) {
        text += std::to_string(value) + "ULL,";
      }
      text += "},\n";
    }
    text += "};\nstatic void " + prefix + "run(void)\n{\n\tfor (unsigned v = 0; v < " +
            std::to_string(inputs[i].size()) + "; v++) {\n";
    for (std::size_t s = 0; s < program.scalars.size(); ++s) {
      text += fmt::format("\t\t{}{} = {}in[v][{}];\n", prefix, program.scalars[s].path, prefix, s);
    }
    text += "\t\tif (sigsetjmp(back, 1)) { puts(\"U\"); continue; }\n\t\t" + prefix + "f();\n";
    for (const CScalar& scalar : program.scalars) {
      text += fmt::format("\t\tprintf(\"%llu \", (u64){}{} & {}ULL);\n", prefix, scalar.path,
                          mask(scalar.width));
    }
    text += "\t\tputs(\"\");\n\t}\n}\n";
  }
  text +=
      "int main(void)\n{\n\tsignal(SIGILL, trapped);\n\tsignal(SIGFPE, trapped);\n"
      "\tsignal(SIGSEGV, trapped);\n";
  for (std::size_t i = 0; i < programs.size(); ++i) {
    text += "\t" + native_prefix(i) + "run();\n";
  }
  return text + "\treturn 0;\n}\n";
}

}  // namespace

std::vector<CValues> c_inputs(const CProgram& program, std::uint64_t seed, std::size_t count) {
  static constexpr std::array<std::uint64_t, 8> corners{
      0, 1, ~std::uint64_t{0}, 0x7fffffff, 0x80000000, 0x7fffffffffffffff, 0x8000000000000000, 2};
  std::mt19937_64 random(seed);
  std::vector<CValues> inputs;
  for (std::size_t i = 0; i < count; ++i) {
    CValues values;
    for (const CScalar& scalar : program.scalars) {
      const std::uint64_t pick = random();
      const std::uint64_t value = pick % 3 == 0   ? random()
                                  : pick % 3 == 1 ? random() % 8
                                                  : corners.at(random() % corners.size());
      values.push_back(value & mask(scalar.width));
    }
    inputs.push_back(std::move(values));
  }
  return inputs;
}

std::optional<std::vector<COutcome>> run_atomic(const CProgram& program,
                                                const std::vector<CValues>& inputs,
                                                std::string& refusal) {
  auto outcomes = with_world(program, refusal, [&](testing::World& world) {
    const std::vector<AtomicPath> paths = world.run("f");
    std::vector<COutcome> result;
    for (const CValues& values : inputs) {
      const State from = state_of(world, program, values);
      const AtomicPath* taken = nullptr;
      for (const AtomicPath& path : paths) {
        if (evaluate(path.step.guard(), from) != 0) {
          if (taken != nullptr) {
            throw std::runtime_error("two paths from one state");
          }
          taken = &path;
        }
      }
      if (taken == nullptr) {
        throw std::runtime_error("no path from a state");
      }
      State to = from;
      for (VarId id = 0; id < to.size(); ++id) {
        to[id] = evaluate(taken->step.get(id), from);
      }
      result.push_back(taken->undefined ? COutcome{} : COutcome{values_of(world, program, to)});
    }
    return result;
  });
  return expect_limit(std::move(outcomes), refusal, program);
}

std::optional<std::vector<COutcome>> run_threaded(const CProgram& program,
                                                  const std::vector<CValues>& inputs,
                                                  std::string& refusal) {
  auto outcomes = with_world(program, refusal, [&](testing::World& world) {
    for (const CScalar& scalar : program.scalars) {
      world.shared.insert(scalar.path);
    }
    world.thread("f");
    std::vector<COutcome> result;
    for (const CValues& values : inputs) {
      State from = state_of(world, program, values);
      from[world.pc] = world.locations.at(0).pc;
      result.push_back(run_thread(world, program, std::move(from)));
    }
    return result;
  });
  return expect_limit(std::move(outcomes), refusal, program);
}

std::string native_prefix(std::size_t i) {
  return "p" + std::to_string(i) + "_";
}

std::vector<std::vector<COutcome>> run_native(const std::vector<CProgram>& programs,
                                              const std::vector<std::vector<CValues>>& inputs) {
  const Scratch scratch;
  scratch.write("programs.c", native_text(programs, inputs));
  const std::string binary = scratch.path("programs");
  // Clang, since GCC's shortening of `u16 *= u16` forgets that the product of the promoted ints
  // overflows, and so misses undefined behaviour.
  const Result compiled = shell(
      "clang-14 -std=gnu17 -O0 -w -mcmodel=large -fsanitize=undefined -fsanitize-trap=undefined "
      "-o " +
      shell_quote(binary) + " " + shell_quote(scratch.path("programs.c")));
  if (compiled.status != 0) {
    throw std::runtime_error("the C compiler refuses:\n" + compiled.err);
  }
  const Result ran = shell("exec " + shell_quote(binary));
  if (ran.status != 0) {
    throw std::runtime_error("the compiled programs end with status " + std::to_string(ran.status));
  }
  std::istringstream lines(ran.out);
  std::vector<std::vector<COutcome>> outcomes(programs.size());
  for (std::size_t i = 0; i < programs.size(); ++i) {
    for (std::size_t v = 0; v < inputs[i].size(); ++v) {
      std::string line;
      if (!std::getline(lines, line)) {
        throw std::runtime_error("the compiled programs say too little");
      }
      if (line == "U") {
        outcomes[i].push_back(std::nullopt);
        continue;
      }
      std::istringstream words(line);
      CValues values(programs[i].scalars.size());
      for (std::uint64_t& value : values) {
        words >> value;
      }
      outcomes[i].emplace_back(std::move(values));
    }
  }
  return outcomes;
}

}  // namespace airlock::test
