#include "checker/explore/choices.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <unordered_set>

namespace airlock::explicit_state {
namespace {

std::uint64_t ones(unsigned width) {
  return Field{0, 0, width}.mask();
}

}  // namespace

std::unordered_map<InputId, std::uint64_t> mentioned_input_bits(std::span<const Expr> roots) {
  std::unordered_map<InputId, std::uint64_t> result;
  std::unordered_set<std::uint32_t> seen;
  std::vector<Expr> stack(roots.begin(), roots.end());
  while (!stack.empty()) {
    const Expr e = stack.back();
    stack.pop_back();
    if (!seen.insert(e.id()).second) {
      continue;
    }
    if (e.op() == Op::input) {
      result[e.index()] |= e.sort().mask();
    } else if (e.op() == Op::extract && e.arg(0).op() == Op::input) {
      result[e.arg(0).index()] |= ones(e.width()) << e.lo();
    } else {
      for (unsigned i = 0; i < e.arity(); ++i) {
        stack.push_back(e.arg(i));
      }
    }
  }
  return result;
}

InputLayout::InputLayout(const TransitionSystem& system, std::span<const InputId> listed,
                         std::span<const Expr> roots) {
  const auto bits_of = mentioned_input_bits(roots);
  for (const InputId id : listed) {
    const auto found = bits_of.find(id);
    entries_.push_back({id, found == bits_of.end() ? 0 : found->second, 0, 0});
  }
  for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) {
    const auto used = static_cast<unsigned>(std::popcount(entry->mask));
    entry->shift = bits_;
    bits_ += used;
    ignored_ += system.inputs[entry->id].sort.width() - used;
  }
}

InputLayout::InputLayout(std::span<const InputId> listed, std::span<const std::uint64_t> values) {
  assert(listed.size() == values.size());
  for (std::size_t i = 0; i < listed.size(); ++i) {
    entries_.push_back({listed[i], 0, 0, values[i]});
  }
}

Field InputLayout::field(InputId id, unsigned hi, unsigned lo) const {
  const auto entry =
      std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.id == id; });
  assert(entry != entries_.end());
  const unsigned width = hi - lo + 1;
  assert(((entry->mask >> lo) & ones(width)) == ones(width));
  const std::uint64_t below = lo == 0 ? 0 : entry->mask & ones(lo);
  return Field{0, entry->shift + static_cast<unsigned>(std::popcount(below)), width};
}

std::vector<std::uint64_t> InputLayout::values(std::uint64_t index) const {
  assert(bits_ < 64);
  std::vector<std::uint64_t> result;
  for (const Entry& entry : entries_) {
    std::uint64_t value = entry.fixed;
    unsigned from = entry.shift;
    for (unsigned bit = 0; bit < 64; ++bit) {
      if (((entry.mask >> bit) & 1U) != 0) {
        value |= ((index >> from++) & 1U) << bit;
      }
    }
    result.push_back(value);
  }
  return result;
}

}  // namespace airlock::explicit_state
