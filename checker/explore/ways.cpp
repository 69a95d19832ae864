#include "checker/explore/ways.hpp"

#include <algorithm>
#include <cassert>
#include <unordered_map>
#include <utility>

#include "checker/explore/choices.hpp"

namespace airlock::explicit_state {
namespace {

/// What remains of a rule: the guard and the updates' values, in their order.
using Remainder = std::vector<Expr>;

struct RemainderHash {
  std::size_t operator()(const Remainder& remainder) const {
    std::size_t hash = 0;
    for (const Expr e : remainder) {
      hash = hash * 0x9e3779b97f4a7c15U + e.id();
    }
    return hash;
  }
};

/// One of the ways that are open so far.
struct Open {
  Remainder remainder;
  std::vector<std::uint64_t> asked;   // per input: the bits that the remainder mentions
  std::vector<std::uint64_t> inputs;  // per input: its value so far
  std::uint64_t values = 1;
};

std::uint64_t saturating_sum(std::uint64_t a, std::uint64_t b) {
  return a + b < a ? ~std::uint64_t{0} : a + b;
}

class Ways {
 public:
  Ways(ExprPool& pool, const TransitionSystem& system, std::span<const InputId> listed,
       std::size_t most)
      : pool_(pool), system_(system), listed_(listed), most_(most) {}

  bool settle(Remainder rule) {
    std::vector<std::uint64_t> asked = asked_by(rule);
    open_.push_back(
        {std::move(rule), std::move(asked), std::vector<std::uint64_t>(listed_.size(), 0), 1});
    for (std::size_t i = 0; i < listed_.size(); ++i) {
      for (unsigned bit = system_.inputs[listed_[i]].sort.width(); bit-- > 0;) {
        if (!settle_bit(i, bit)) {
          return false;
        }
      }
    }
    return true;
  }

  [[nodiscard]] std::vector<Open> take() && { return std::move(open_); }

 private:
  bool settle_bit(std::size_t input, unsigned bit) {
    std::vector<Open> now;
    std::unordered_map<Remainder, std::size_t, RemainderHash> known;
    const auto add = [&](Open way) {
      if (way.remainder[0].is_false()) {
        return;
      }
      const auto [at, is_new] = known.emplace(way.remainder, now.size());
      if (is_new) {
        now.push_back(std::move(way));
        return;
      }
      Open& same = now[at->second];
      same.inputs = std::min(same.inputs, way.inputs);
      same.values = saturating_sum(same.values, way.values);
    };
    for (Open& way : open_) {
      if ((way.asked[input] >> bit & 1U) == 0) {
        way.values = saturating_sum(way.values, way.values);
        add(std::move(way));
        continue;
      }
      for (const bool value : {false, true}) {
        Open half = way;
        half.inputs[input] |= std::uint64_t{value} << bit;
        half.remainder = with_bit_settled(way.remainder, listed_[input], bit, value);
        half.asked = asked_by(half.remainder);
        add(std::move(half));
      }
    }
    open_ = std::move(now);
    return open_.size() <= most_;
  }

  std::vector<std::uint64_t> asked_by(const Remainder& roots) const {
    std::vector<std::uint64_t> result(listed_.size(), 0);
    for (const auto& [input, bits] : mentioned_input_bits(roots)) {
      const auto at = std::find(listed_.begin(), listed_.end(), input);
      assert(at != listed_.end());
      result[static_cast<std::size_t>(at - listed_.begin())] = bits;
    }
    return result;
  }

  Remainder with_bit_settled(const Remainder& remainder, InputId id, unsigned bit, bool value) {
    Rewriter settle(pool_, [&](Expr leaf) {
      return leaf.op() == Op::input && leaf.index() == id ? with_bit(leaf, bit, value) : leaf;
    });
    Remainder result;
    for (const Expr e : remainder) {
      result.push_back(settle(e));
    }
    return result;
  }

  Expr with_bit(Expr leaf, unsigned bit, bool value) {
    return leaf.is_bool() ? pool_.boolean(value)
                          : airlock::with_bit(leaf, bit, pool_.boolean(value));
  }

  ExprPool& pool_;
  const TransitionSystem& system_;
  std::span<const InputId> listed_;
  std::size_t most_;
  std::vector<Open> open_;
};

}  // namespace

std::optional<std::vector<Way>> ways_of(ExprPool& pool, const TransitionSystem& system, Expr guard,
                                        std::span<const Update> updates,
                                        std::span<const InputId> listed, std::size_t most) {
  Remainder rule{guard};
  for (const Update& update : updates) {
    rule.push_back(update.value);
  }
  Ways ways(pool, system, listed, most);
  if (!ways.settle(std::move(rule))) {
    return std::nullopt;
  }
  std::vector<Way> result;
  for (Open& open : std::move(ways).take()) {
    Way& way = result.emplace_back();
    way.guard = open.remainder[0];
    for (std::size_t i = 0; i < updates.size(); ++i) {
      way.updates.push_back({updates[i].variable, open.remainder[i + 1]});
    }
    way.inputs = std::move(open.inputs);
    way.values = open.values;
  }
  return result;
}

}  // namespace airlock::explicit_state
