#include "checker/explore/targets.hpp"

#include <algorithm>

#include "checker/explore/compile.hpp"
#include "checker/explore/space.hpp"

namespace airlock::explicit_state {

TargetProgram::TargetProgram(const Layout& layout, std::span<const Expr> targets) {
  const InputLayout no_inputs;
  Compiler compiler(layout, no_inputs);
  for (const Expr target : targets) {
    compiler.output(target);
  }
  program_ = compiler.finish();
}

namespace {
void note(std::vector<Word>& hit, const Word* state, std::size_t words) {
  if (hit.empty() || less_state(state, hit.data(), words)) {
    hit.assign(state, state + words);
  }
}
}  // namespace

void for_each_hit(const Layout& layout, const TargetProgram& targets, std::size_t targets_count,
                  const StateSequence& states, std::size_t begin, std::size_t end,
                  const std::function<void(std::size_t, std::size_t)>& found) {
  const Program& program = targets.program();
  const std::size_t words = layout.words();
  Frame frame;
  frame.prepare(program);
  for (std::size_t at = begin; at < end;) {
    const std::size_t count = std::min(lanes, states.run_end(at, end) - at);
    const Word* const rows = states[at];
    for (Register w = 0; w < words; ++w) {
      Word* const column = frame.column(w);
      for (std::size_t i = 0; i < count; ++i) {
        column[i] = rows[i * words + w];
      }
    }
    frame.run(program.state_code, count);
    for (std::size_t t = 0; t < targets_count; ++t) {
      const Operand& output = program.outputs[t];
      for (std::size_t i = 0; i < count; ++i) {
        if (output.is_constant ? output.value != 0 : frame.column(output.reg)[i] != 0) {
          found(t, at + i);
        }
      }
    }
    at += count;
  }
}

void find_targets(const Layout& layout, const TargetProgram& targets, const StateSequence& states,
                  std::size_t begin, std::size_t end, Hits& hits) {
  for_each_hit(layout, targets, hits.size(), states, begin, end,
               [&](std::size_t t, std::size_t i) { note(hits[t], states[i], layout.words()); });
}

void merge_hits(Hits& into, const Hits& from) {
  for (std::size_t t = 0; t < into.size(); ++t) {
    if (!from[t].empty()) {
      note(into[t], from[t].data(), from[t].size());
    }
  }
}

}  // namespace airlock::explicit_state
