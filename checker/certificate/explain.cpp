// From clauses over bits to sentences over registers.
//
// PDR's clauses are about single bits, and registers are copied, so what people would say in one
// sentence ("DEBUGCTL equals the VMCB's") comes as two clauses per bit: if the one is set, so is
// the other, and back. So a clause is read as a fact with exceptions: two literals of opposite
// value on one bit (of the same name) of two registers say that the bit of the one is set only
// where the other's is; without such a pair, one literal says that a bit is set or clear; the
// literals that are left are the exceptions ("or LBR virtualisation is off"). Facts with the same
// exceptions are joined over bits, and two implications in both directions become an agreement.
// Joining is exact: the conjunction of (E or A) and (E or B) is E or (A and B).
//
// What is true at several places is said once, with the list of the places.
#include "checker/certificate/explain.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>
#include <set>
#include <tuple>

#include "checker/certificate/places.hpp"

namespace airlock {
namespace {

using Literal = Invariant::Literal;

enum class Relation : std::uint8_t { agree, implies, set, clear };

/// (variable, bit, value): literals that can be compared.
using Exception = std::tuple<VarId, unsigned, bool>;

struct FactKey {
  Relation relation = Relation::set;
  VarId subject = 0;  ///< implies: whose bits are set only where `other`'s are
  VarId other = 0;
  std::vector<Exception> exceptions;
  friend bool operator<(const FactKey& a, const FactKey& b) {
    return std::tie(a.relation, a.subject, a.other, a.exceptions) <
           std::tie(b.relation, b.subject, b.other, b.exceptions);
  }
};

using Facts = std::map<FactKey, std::uint64_t>;  // with the bits that they are about

/// A bit's name, or "bit 3".
std::string name(const Variable& variable, unsigned bit) {
  if (variable.display.kind == Display::Kind::flags) {
    for (const Display::Name& each : variable.display.names) {
      if (each.value == bit) {
        return each.name;
      }
    }
  }
  return fmt::format("bit {}", bit);
}

class Words {
 public:
  explicit Words(const TransitionSystem& system) : system_(system) {}

  [[nodiscard]] std::string sentence(const FactKey& key, std::uint64_t bits) const {
    std::string out = fact(key, bits);
    for (const auto& [variable, bit, value] : key.exceptions) {
      out += ", or " + bit_of(variable, bit) + (value ? " is set" : " is clear");
    }
    return out;
  }

  [[nodiscard]] std::string constant(const FixedBits& bits) const {
    const Variable& variable = system_.variables[bits.variable];
    if (bits.mask == variable.sort.mask()) {
      return fmt::format("{} is {}", variable.name, format_value(variable, bits.value));
    }
    const std::uint64_t clear = bits.mask & ~bits.value;
    std::string out = variable.name + ":";
    out += clear != 0 ? " " + ranges(clear) + " 0" : "";
    out += bits.value != 0 ? fmt::format("{} {} 1", clear != 0 ? "," : "", ranges(bits.value)) : "";
    return out;
  }

 private:
  [[nodiscard]] std::string fact(const FactKey& key, std::uint64_t bits) const {
    const std::string& subject = system_.variables[key.subject].name;
    const std::string& other = system_.variables[key.other].name;
    const bool one = (bits & (bits - 1)) == 0;
    switch (key.relation) {
      case Relation::agree:
        return bits == system_.variables[key.subject].sort.mask()
                   ? fmt::format("{} equals {}", subject, other)
                   : fmt::format("{} and {} agree in {}", subject, other, names(key.subject, bits));
      case Relation::implies:
        return fmt::format("{} of {} {} set only if {} in {}", names(key.subject, bits), subject,
                           one ? "is" : "are", one ? "it is" : "they are", other);
      case Relation::set:
      case Relation::clear: break;
    }
    const char* state = key.relation == Relation::set ? "set" : "clear";
    if (system_.variables[key.subject].sort.is_bool()) {
      return fmt::format("{} is {}", subject, key.relation == Relation::set ? "true" : "false");
    }
    return one ? fmt::format("{} is {}", bit_of(key.subject, lowest(bits)), state)
               : fmt::format("{} of {} are {}", names(key.subject, bits), subject, state);
  }

  static unsigned lowest(std::uint64_t bits) {
    unsigned i = 0;
    while ((bits >> i & 1U) == 0) {
      ++i;
    }
    return i;
  }

  [[nodiscard]] std::string bit_of(VarId id, unsigned bit) const {
    const Variable& variable = system_.variables[id];
    return variable.sort.is_bool() ? variable.name : variable.name + "." + name(variable, bit);
  }

  [[nodiscard]] std::string names(VarId id, std::uint64_t bits) const {
    std::vector<std::string> all;
    for (unsigned i = 0; i < 64; ++i) {
      if ((bits >> i & 1U) != 0) {
        all.push_back(name(system_.variables[id], i));
      }
    }
    if (all.size() == 1) {
      return all[0];
    }
    const std::string last = all.back();
    all.pop_back();
    return fmt::format("{} and {}", fmt::join(all, ", "), last);
  }

  /// "bits 3..10 and 12..63 are", "bit 3 is".
  static std::string ranges(std::uint64_t bits) {
    std::vector<std::string> all;
    bool many = false;
    for (unsigned lo = 0; lo < 64; ++lo) {
      if ((bits >> lo & 1U) == 0) {
        continue;
      }
      unsigned hi = lo;
      while (hi < 63 && (bits >> (hi + 1) & 1U) != 0) {
        ++hi;
      }
      many = many || hi > lo || !all.empty();
      all.push_back(hi > lo ? fmt::format("{}..{}", lo, hi) : std::to_string(lo));
      lo = hi;
    }
    return fmt::format("{} {} {}", many ? "bits" : "bit", fmt::join(all, " and "),
                       many ? "are" : "is");
  }

  const TransitionSystem& system_;
};

/// A clause as a fact with exceptions, put to the others of its place.
void add(const TransitionSystem& system, const Invariant::Clause& clause, Facts& facts) {
  const auto pair_of = [&](const Literal& a, const Literal& b) {
    const Variable& to = system.variables[a.variable];
    const Variable& from = system.variables[b.variable];
    return a.variable != b.variable && a.bit == b.bit && a.value && !b.value &&
           !to.sort.is_bool() && !from.sort.is_bool() && name(to, a.bit) == name(from, b.bit);
  };
  FactKey key;
  const Literal* first = &clause.back();
  const Literal* second = nullptr;
  for (const Literal& a : clause) {
    for (const Literal& b : clause) {
      if (second == nullptr && pair_of(a, b)) {
        first = &a;
        second = &b;
      }
    }
  }
  if (second != nullptr) {
    key.relation = Relation::implies;
    key.subject = second->variable;
    key.other = first->variable;
  } else {
    key.relation = first->value ? Relation::set : Relation::clear;
    key.subject = first->variable;
  }
  for (const Literal& literal : clause) {
    if (&literal != first && &literal != second) {
      key.exceptions.emplace_back(literal.variable, literal.bit, literal.value);
    }
  }
  std::sort(key.exceptions.begin(), key.exceptions.end());
  facts[key] |= std::uint64_t{1} << first->bit;
}

/// Implications in both directions become agreements.
Facts joined(Facts facts) {
  for (auto at = facts.begin(); at != facts.end(); ++at) {
    if (at->first.relation != Relation::implies) {
      continue;
    }
    FactKey back = at->first;
    std::swap(back.subject, back.other);
    const auto other = facts.find(back);
    const std::uint64_t both = other == facts.end() ? 0 : at->second & other->second;
    if (both != 0) {
      at->second &= ~both;
      other->second &= ~both;
      FactKey agree = at->first;
      agree.relation = Relation::agree;
      if (agree.other < agree.subject) {
        std::swap(agree.subject, agree.other);
      }
      facts[agree] |= both;
    }
  }
  return facts;
}

bool shorter(const std::string& a, const std::string& b) {
  return std::make_pair(a.size(), a) < std::make_pair(b.size(), b);
}

}  // namespace

Explanation explain(const TransitionSystem& system, const Invariant& invariant) {
  const Words words(system);
  const PlaceNames names(system);
  std::map<std::string, std::vector<std::size_t>> where;  // by sentence
  for (std::size_t i = 0; i < invariant.places.size(); ++i) {
    Facts facts;
    for (const Invariant::Clause& clause : invariant.places[i].clauses) {
      add(system, clause, facts);
    }
    for (const auto& [key, bits] : joined(std::move(facts))) {
      if (bits != 0) {
        where[words.sentence(key, bits)].push_back(i);
      }
    }
  }
  std::map<std::vector<std::size_t>, std::vector<std::string>> groups;
  for (const auto& [sentence, places] : where) {
    groups[places].push_back(sentence);
  }
  Explanation result;
  for (auto& [places, sentences] : groups) {
    ExplainedGroup& group = result.groups.emplace_back();
    for (const std::size_t place : places) {
      const std::string name = names.of(invariant.places[place]);
      if (std::find(group.places.begin(), group.places.end(), name) == group.places.end()) {
        group.places.push_back(name);
      }
    }
    std::sort(sentences.begin(), sentences.end(), shorter);
    group.sentences = std::move(sentences);
  }
  std::stable_sort(result.groups.begin(), result.groups.end(),
                   [](const ExplainedGroup& a, const ExplainedGroup& b) {
                     return shorter(a.sentences.front(), b.sentences.front());
                   });
  for (const FixedBits& bits : invariant.constants) {
    result.everywhere.push_back(words.constant(bits));
  }
  return result;
}

}  // namespace airlock
