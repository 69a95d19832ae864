// Mutants that are chosen at run time: what mutate_machine.py writes into the sources, so that one
// build holds them all. The environment's AIRLOCK_MUTANT says which one is awake.
#pragma once

#include <cstdlib>

#include "model/system/expr.hpp"

namespace mutant {

inline bool is(int number) {
  static const char* const text = std::getenv("AIRLOCK_MUTANT");
  static const int awake = text == nullptr ? -1 : std::atoi(text);
  return number == awake;
}

/// Prefix operators: `!x` is `Not{7} % x`.
struct Not {
  int number;
  airlock::Expr operator%(airlock::Expr e) const { return is(number) ? e : !e; }
  bool operator%(bool b) const { return is(number) == b; }
};
struct Complement {
  int number;
  airlock::Expr operator%(airlock::Expr e) const { return is(number) ? e : ~e; }
  std::uint64_t operator%(std::uint64_t v) const { return is(number) ? v : ~v; }
};

/// Binary operators: `a && b` is `a && And{7} && b`, whose first half is a `Half`.
template <typename Tag, typename A>
struct Half {
  int number;
  const A& left;
};
inline airlock::Expr both(airlock::Expr a, airlock::Expr b) {
  return a & b;
}
inline airlock::Expr either(airlock::Expr a, airlock::Expr b) {
  return a | b;
}
inline bool both(bool a, bool b) {
  return a && b;
}
inline bool either(bool a, bool b) {
  return a || b;
}
/// What `&&` takes for true or false, of which overload resolution knows nothing: an optional.
inline airlock::Expr truth(airlock::Expr e) {
  return e;
}
template <typename A>
bool truth(const A& a) {
  return static_cast<bool>(a);
}

struct And {
  int number;
};
template <typename A>
Half<And, A> operator&&(const A& a, And tag) {
  return {tag.number, a};
}
template <typename A, typename B>
B operator&&(Half<And, A> h, const B& b) {
  return is(h.number) ? either(truth(h.left), b) : both(truth(h.left), b);
}
struct Or {
  int number;
};
template <typename A>
Half<Or, A> operator||(const A& a, Or tag) {
  return {tag.number, a};
}
template <typename A, typename B>
B operator||(Half<Or, A> h, const B& b) {
  return is(h.number) ? both(truth(h.left), b) : either(truth(h.left), b);
}
struct Equal {
  int number;
};
template <typename A>
Half<Equal, A> operator==(const A& a, Equal tag) {
  return {tag.number, a};
}
template <typename A, typename B>
bool operator==(Half<Equal, A> h, const B& b) {
  return is(h.number) != (h.left == b);
}
struct Differ {
  int number;
};
template <typename A>
Half<Differ, A> operator!=(const A& a, Differ tag) {
  return {tag.number, a};
}
template <typename A, typename B>
bool operator!=(Half<Differ, A> h, const B& b) {
  return is(h.number) == (h.left == b);
}

/// `ite`'s condition, and Boolean constants.
inline airlock::Expr flip(int number, airlock::Expr e) {
  return is(number) ? !e : e;
}
inline bool flip(int number, bool b) {
  return is(number) != b;
}

}  // namespace mutant
