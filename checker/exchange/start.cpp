#include "checker/exchange/start.hpp"

#include <fmt/format.h>
#include <set>

#include "checker/exchange/names.hpp"
#include "model/system/interpreter.hpp"

namespace airlock::exchange {

void for_each_combination(const TransitionSystem& system, const std::vector<InputId>& inputs,
                          unsigned max_bits, const std::string& what,
                          const std::function<void(const std::vector<std::uint64_t>&)>& use) {
  unsigned bits = 0;
  for (const InputId id : inputs) {
    bits += system.inputs[id].sort.width();
  }
  if (bits > max_bits) {
    throw NotExportable(fmt::format("{}: {} bits of choices, and the format has them written out",
                                    one_line(what), bits));
  }
  for (std::uint64_t word = 0; word < std::uint64_t{1} << bits; ++word) {
    std::vector<std::uint64_t> values(inputs.size());
    std::uint64_t rest = word;
    for (std::size_t i = inputs.size(); i-- > 0;) {
      const Sort sort = system.inputs[inputs[i]].sort;
      values[i] = rest & sort.mask();
      rest >>= sort.width();
    }
    use(values);
  }
}

std::vector<State> initial_states(const TransitionSystem& system) {
  constexpr unsigned max_bits = 16;
  std::set<State> states;
  for_each_combination(system, system.initial_inputs, max_bits, "the initial states",
                       [&](const std::vector<std::uint64_t>& values) {
                         if (auto state = initial_state(system, values)) {
                           states.insert(std::move(*state));
                         }
                       });
  if (states.empty()) {
    throw NotExportable("there is no initial state");
  }
  return {states.begin(), states.end()};
}

}  // namespace airlock::exchange
