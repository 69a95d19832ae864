#include "checker/prove/invariant.hpp"

#include "checker/prove/prove.hpp"

namespace airlock {
namespace {

/// A balanced tree, so that nothing that walks it needs a deep stack.
Expr tree(Op op, std::vector<Expr> terms, Expr if_empty) {
  if (terms.empty()) {
    return if_empty;
  }
  while (terms.size() > 1) {
    std::vector<Expr> half;
    for (std::size_t i = 0; i + 1 < terms.size(); i += 2) {
      half.push_back(op == Op::and_ ? terms[i] & terms[i + 1] : terms[i] | terms[i + 1]);
    }
    if (terms.size() % 2 == 1) {
      half.push_back(terms.back());
    }
    terms = std::move(half);
  }
  return terms.front();
}

class Builder {
 public:
  explicit Builder(const TransitionSystem& system) : system_(system), pool_(*system.pool) {}

  Expr all(std::vector<Expr> terms) {
    return tree(Op::and_, std::move(terms), pool_.boolean(true));
  }
  Expr any(std::vector<Expr> terms) {
    return tree(Op::or_, std::move(terms), pool_.boolean(false));
  }

  Expr fixed(const FixedBits& bits) {
    const Expr variable = system_.variable(bits.variable);
    if (bits.mask == variable.sort().mask()) {
      return eq(variable, same_sort(variable, bits.value));
    }
    std::vector<Expr> pieces;
    for (unsigned lo = 0; lo < variable.width();) {
      if ((bits.mask >> lo & 1U) == 0) {
        ++lo;
        continue;
      }
      unsigned hi = lo;
      while (hi + 1 < variable.width() && (bits.mask >> (hi + 1) & 1U) != 0) {
        ++hi;
      }
      const Expr piece = extract(variable, hi, lo);
      pieces.push_back(eq(piece, same_sort(piece, bits.value >> lo)));
      lo = hi + 1;
    }
    return all(std::move(pieces));
  }

  Expr at(const Invariant::Place& place) {
    std::vector<Expr> terms;
    for (const FixedBits& bits : place.at) {
      terms.push_back(fixed(bits));
    }
    return all(std::move(terms));
  }

  Expr clause(const Invariant::Clause& clause) {
    std::vector<Expr> terms;
    for (const Invariant::Literal& literal : clause) {
      const Expr variable = system_.variable(literal.variable);
      const Expr value = variable.is_bool() ? variable : bit(variable, literal.bit);
      terms.push_back(literal.value ? value : !value);
    }
    return any(std::move(terms));
  }

 private:
  const TransitionSystem& system_;
  ExprPool& pool_;
};

}  // namespace

std::vector<Expr> conjuncts_of(const TransitionSystem& system, const Invariant& invariant) {
  Builder build(system);
  std::vector<Expr> conjuncts;
  std::vector<Expr> places;
  for (const Invariant::Place& place : invariant.places) {
    places.push_back(build.at(place));
  }
  conjuncts.push_back(build.any(places));
  for (std::size_t i = 0; i < places.size(); ++i) {
    for (const Invariant::Clause& clause : invariant.places[i].clauses) {
      conjuncts.push_back(implies(places[i], build.clause(clause)));
    }
  }
  for (const FixedBits& bits : invariant.constants) {
    conjuncts.push_back(build.fixed(bits));
  }
  return conjuncts;
}

Expr expression_of(const TransitionSystem& system, const Invariant& invariant) {
  Builder build(system);
  std::vector<Expr> alternatives;
  for (const Invariant::Place& place : invariant.places) {
    std::vector<Expr> here{build.at(place)};
    for (const Invariant::Clause& clause : place.clauses) {
      here.push_back(build.clause(clause));
    }
    alternatives.push_back(build.all(std::move(here)));
  }
  std::vector<Expr> everywhere{build.any(std::move(alternatives))};
  for (const FixedBits& bits : invariant.constants) {
    everywhere.push_back(build.fixed(bits));
  }
  return build.all(std::move(everywhere));
}

}  // namespace airlock
