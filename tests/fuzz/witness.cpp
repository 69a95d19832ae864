// Witnesses: bytes as what another model checker says it found in our circuit, for `airlock trace
// --witness`. Whatever is accepted must lead to the target that it names, in the system itself.
#include "checker/exchange/witness.hpp"

#include <cstdlib>
#include <stdexcept>

#include "model/system/input_error.hpp"
#include "model/system/interpreter.hpp"
#include "model/system/printable.hpp"
#include "tests/fuzz/target.hpp"

namespace airlock {
namespace {

/// Two counters, with everything that a witness has a part in: initial inputs, of which some are
/// forbidden, inputs in rules, rules that share a code and rules that do not, two targets.
struct Counters {
  TransitionSystem system;
  std::vector<ExportTarget> targets;

  Counters() {
    const Sort sort = Sort::bits(3);
    const InputId first = system.add_input("first", sort, "any start");
    system.initial_inputs = {first};
    const VarId a = system.add_variable("a", sort, system.input(first));
    const VarId b = system.add_variable("b", sort, system.pool->bits(3, 0));
    const Expr va = system.variable(a);
    const Expr vb = system.variable(b);
    system.initial_constraint = ult(va, same_sort(va, 3));
    const InputId by = system.add_input("by", Sort::bits(2), "any number");
    system.rules.push_back({"up",
                            "first",
                            ult(va, same_sort(va, 7)),
                            {{a, va + zero_extend(system.input(by), 3)}},
                            {by},
                            {}});
    system.rules.push_back(
        {"down", "first", eq(va, same_sort(va, 7)), {{a, same_sort(va, 0)}}, {}, {}});
    system.rules.push_back({"follow", "second", ult(vb, va), {{b, vb + same_sort(vb, 1)}}, {}, {}});
    targets.push_back({"never_seven", eq(vb, same_sort(vb, 7)) & eq(va, same_sort(va, 0))});
    targets.push_back({"never_apart", ult(va + same_sort(va, 2), vb)});
    validate(system);
  }
};

void read(const Counters& counters, const std::string& text) {
  const ExportInput input{counters.system, counters.targets, {}};
  Path path;
  try {
    path = read_aiger_witness(text, input);
  } catch (const BadWitness& bad) {  // as the command says it
    throw InputError({"witness", bad.line, bad.line == 0 ? 0U : 1U}, bad.what(),
                     printable(bad.text), bad.expected);
  }
  const State end = replay(counters.system, path).back();
  bool arrived = false;
  for (const ExportTarget& target : counters.targets) {
    arrived = arrived || evaluate(target.states, end) != 0;
  }
  if (!arrived) {
    throw std::logic_error("a witness is accepted that leads to no target");
  }
}

}  // namespace
}  // namespace airlock

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const airlock::Counters counters;
  airlock::fuzz::expect_answer(
      [&] { airlock::read(counters, airlock::fuzz::text_of(data, size)); });
  return 0;
}

#ifdef AIRLOCK_LIBFUZZER

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

/// Half of the time whole lines are changed.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned seed) {
  static const std::vector<std::string_view> vocabulary{
      "1\nb0\n",    "1\nb1\n", "0\n", "2\n", "b2\n",   "000000\n", "000100\n",
      "00000000\n", "x",       ".\n", ".",   "# DONE", "# DONE\n", "c a comment\n",
      "\r\n",       "\n",      "0",   "1",   "c"};
  if (seed % 2 == 0) {
    return LLVMFuzzerMutate(data, size, max_size);
  }
  const std::string changed =
      airlock::fuzz::mutate_words(airlock::fuzz::text_of(data, size), max_size, seed, vocabulary);
  std::copy(changed.begin(), changed.end(), data);
  return changed.size();
}

#endif
