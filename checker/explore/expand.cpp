#include "checker/explore/expand.hpp"

#include <algorithm>
#include <cassert>

#include "checker/explore/select_lanes.hpp"

namespace airlock::explicit_state {
namespace {

constexpr unsigned max_direct_bits = 16;  // keys with so few bits are numbered by a plain table
constexpr std::uint32_t unnumbered = ~std::uint32_t{0};
/// Most successors of one rule per batch (more only where a single state has more).
constexpr std::size_t max_successors = std::size_t{1} << 18U;

std::uint64_t saturating_add(std::uint64_t a, std::uint64_t b) {
  return a + b < a ? ~std::uint64_t{0} : a + b;
}
std::uint64_t saturating_mul(std::uint64_t a, std::uint64_t b) {
  return b != 0 && a > ~std::uint64_t{0} / b ? ~std::uint64_t{0} : a * b;
}

}  // namespace

void ExpansionCounts::add(const ExpansionCounts& other) {
  transitions = saturating_add(transitions, other.transitions);
  deadlocks += other.deadlocks;
  too_wide_rule = std::min(too_wide_rule, other.too_wide_rule);
}

Expander::Expander(RuleTable& table, const Layout& layout, StopSignal& stop)
    : rules_fired(table.rule_count(), 0),
      table_(table),
      layout_(layout),
      stop_(stop),
      batch_(layout.words() * lanes),
      from_(layout.words()),
      to_(layout.words()) {
  if (table.key_bits() <= max_direct_bits) {
    direct_.assign(std::size_t{1} << table.key_bits(), unnumbered);
  }
}

void Expander::start(const StateSequence& states, std::size_t begin, std::size_t end) {
  states_ = &states;
  next_ = begin;
  end_ = end;
  work_.clear();
}

bool Expander::step(const SuccessorSink& sink) {
  if (stop_.check()) {
    return false;
  }
  if (work_.empty()) {
    if (next_ == end_) {
      return false;
    }
    group_run();
  }
  Work& work = work_.back();
  const std::size_t limit = std::max<std::size_t>(1, max_successors >> work.group->input_bits);
  const std::size_t count = std::min({lanes, limit, work.end - work.begin});
  load(work, count);
  const RuleGroup& group = *work.group;
  work.begin += count;
  if (work.begin == work.end) {
    work_.pop_back();
  }
  expand(group, count, sink);
  return true;
}

std::uint32_t Expander::dense_number(std::uint64_t key) {
  std::uint32_t& number =
      direct_.empty() ? sparse_.emplace(key, unnumbered).first->second : direct_[key];
  if (number == unnumbered) {
    number = static_cast<std::uint32_t>(keys_.size());
    keys_.push_back(key);
  }
  return number;
}

/// Takes the next run of states and sorts it by group (a counting sort).
void Expander::group_run() {
  assert(next_ < end_ && work_.empty());
  run_begin_ = next_;
  next_ = states_->run_end(next_, end_);
  const std::size_t count = next_ - run_begin_;
  const std::size_t words = layout_.words();
  const Word* state = (*states_)[run_begin_];
  numbers_.resize(count);
  for (std::size_t i = 0; i < count; ++i, state += words) {
    numbers_[i] = dense_number(table_.control_key(state));
  }
  std::vector<std::uint32_t> sizes(keys_.size(), 0);
  for (const std::uint32_t number : numbers_) {
    ++sizes[number];
  }
  // The combinations that have no group of their own share the general one's piece.
  std::vector<std::size_t> piece(keys_.size(), 0);
  std::size_t general = work_.size();
  bool has_general = false;
  for (std::size_t number = 0; number < keys_.size(); ++number) {
    if (sizes[number] == 0) {
      continue;
    }
    const RuleGroup* group = &table_.group(keys_[number], sizes[number]);
    const bool is_general = group == &table_.general();
    if (!is_general || !has_general) {
      if (is_general) {
        general = work_.size();
        has_general = true;
      }
      work_.push_back({group, 0, 0});
    }
    piece[number] = is_general ? general : work_.size() - 1;
    work_[piece[number]].end += sizes[number];
  }
  std::size_t at = 0;
  for (Work& work : work_) {
    const std::size_t size = work.end;
    work.begin = work.end = at;
    at += size;
  }
  order_.resize(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    order_[work_[piece[numbers_[i]]].end++] = i;
  }
}

/// Turns the rows of the next `count` states into columns.
void Expander::load(const Work& work, std::size_t count) {
  const std::size_t words = layout_.words();
  const Word* const base = (*states_)[run_begin_];
  for (std::size_t w = 0; w < words; ++w) {
    Word* const column = &batch_[w * lanes];
    for (std::size_t i = 0; i < count; ++i) {
      column[i] = base[order_[work.begin + i] * words + w];
    }
  }
}

void Expander::expand_zero(const RuleGroup& group, const SuccessorSink& sink) {
  std::fill(batch_.begin(), batch_.end(), Word{0});
  expand(group, 1, sink);
}

void Expander::expand(const RuleGroup& group, std::size_t count, const SuccessorSink& sink) {
  const std::size_t words = layout_.words();
  if (group.rules.empty()) {
    counts.deadlocks += count;
    return;
  }
  std::fill_n(fired_.begin(), count, std::uint8_t{0});
  guards_.prepare(group.guards);
  for (Register w = 0; w < words; ++w) {
    guards_.set_input(w, &batch_[w * lanes]);
  }
  guards_.run(group.guards.state_code, count);
  for (std::size_t r = 0; r < group.rules.size() && !stop_.stopped(); ++r) {
    const Operand& guard = group.guards.outputs[r];
    std::size_t selected = 0;
    if (guard.is_constant) {
      assert(guard.value == 1);
      for (std::uint32_t i = 0; i < count; ++i) {
        selected_[i] = i;
      }
      selected = count;
    } else {
      selected = select_lanes(guards_.column(guard.reg), count, selected_.data());
    }
    if (selected == 0) {
      continue;
    }
    if (group.rules[r].too_wide) {
      counts.too_wide_rule = std::min(counts.too_wide_rule, group.rules[r].index);
      continue;
    }
    frame_.prepare(group.rules[r].program);
    if (selected == count && group.rules[r].inputs.bits() == 0) {
      for (Register w = 0; w < words; ++w) {
        frame_.set_input(w, &batch_[w * lanes]);
      }
    } else {
      gather(selected);
    }
    run_rule(group.rules[r], selected, sink);
  }
  if (!stop_.stopped()) {
    counts.deadlocks += static_cast<std::uint64_t>(
        std::count(fired_.begin(), fired_.begin() + static_cast<std::ptrdiff_t>(count), 0));
  }
}

/// Copies the selected states into the frame's inputs, next to each other.
void Expander::gather(std::size_t count) {
  for (Register w = 0; w < layout_.words(); ++w) {
    const Word* const source = &batch_[w * lanes];
    Word* const to = frame_.own_column(w);
    for (std::size_t i = 0; i < count; ++i) {
      to[i] = source[selected_[i]];
    }
  }
}

void Expander::run_rule(const CompiledRule& rule, std::size_t count, const SuccessorSink& sink) {
  const Program& program = rule.program;
  frame_.run(program.state_code, count);
  const std::uint64_t values = std::uint64_t{1} << rule.inputs.bits();
  if (values == 1) {
    report(rule, count, count, 0, sink);
    return;
  }
  // Several input values side by side: a power of two of them, so that all rounds are alike.
  std::size_t copies = 1;
  while (copies * 2 <= values && count * copies * 2 <= lanes) {
    copies *= 2;
  }
  const auto repeat = [&](Word* column) {
    for (std::size_t have = count; have < count * copies; have *= 2) {
      std::copy(column, column + have, column + have);
    }
  };
  for (Register w = 0; w < layout_.words(); ++w) {
    repeat(frame_.column(w));
  }
  for (const Register r : program.carried) {
    if (r >= program.inputs) {
      repeat(frame_.column(r));
    }
  }
  Word* const index = frame_.column(static_cast<Register>(layout_.words()));
  for (std::uint64_t first = 0; first < values; first += copies) {
    for (std::size_t c = 0; c < copies; ++c) {
      std::fill_n(index + c * count, count, first + c);
    }
    frame_.run(program.input_code, count * copies);
    report(rule, count, count * copies, first, sink);
    if ((first / copies) % 64 == 63 && stop_.check()) {
      return;
    }
  }
}

void Expander::report(const CompiledRule& rule, std::size_t states, std::size_t count,
                      std::uint64_t first, const SuccessorSink& sink) {
  const Operand& guard = rule.program.outputs[0];
  std::uint64_t fires = count;
  const Word* holds = nullptr;
  if (guard.is_constant) {
    assert(guard.value == 1);
    for (std::size_t i = 0; i < states; ++i) {
      fired_[selected_[i]] = 1;
    }
  } else {
    holds = frame_.column(guard.reg);
    fires = 0;
    for (std::size_t i = 0; i < count; ++i) {
      fires += holds[i];
    }
    for (std::size_t c = 0; c < count; c += states) {
      for (std::size_t i = 0; i < states; ++i) {
        fired_[selected_[i]] |= static_cast<std::uint8_t>(holds[c + i]);
      }
    }
  }
  if (fires == 0) {
    return;
  }
  if (rule.index < rules_fired.size()) {  // else it makes the initial states of a system without
    rules_fired[rule.index] = 1;
  }
  counts.transitions = saturating_add(counts.transitions, saturating_mul(fires, rule.multiplicity));
  for (Register w = 0; w < layout_.words(); ++w) {
    from_[w] = frame_.column(w);
    to_[w] = frame_.column(rule.program.outputs[1 + w].reg);
  }
  sink({&rule, count, fires == count ? nullptr : holds, from_, to_, states, first});
}

}  // namespace airlock::explicit_state
