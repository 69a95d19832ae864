// Two worlds side by side (twin.hpp), with their registers by name: what the statements about two
// runs have in common.
#pragma once

#include <functional>
#include <vector>

#include "model/world/guest_code.hpp"
#include "model/world/layout.hpp"
#include "model/world/twin.hpp"

namespace airlock {

/// A world with its layout; the system's rules are as compose() makes them.
struct LaidOutWorld {
  TransitionSystem system;
  Layout layout;
  std::optional<GuestOutcome> guest = {};  ///< of a guest that runs a program
};

inline bool nothing_shared(const Variable& /*variable*/) {
  return false;
}

inline Expr equals_zero(Expr e) {
  return eq(e, same_sort(e, 0));
}

/// Adds an update to 0 (false).
inline void set_zero(std::vector<Update>& updates, const TransitionSystem& system, VarId id) {
  updates.push_back({id, system.pool->constant(system.variables[id].sort, 0)});
}

/// The references are no part of a statement about two runs; nothing that is shown depends on them.
void hide_references(TransitionSystem& system);

/// A twin of worlds: the copies' variables by their place in the layout.
class WorldTwin {
 public:
  WorldTwin(const LaidOutWorld& a, const LaidOutWorld& b,
            const std::function<bool(const Variable&)>& shared)
      : a_(a), b_(b), twin(a.system, b.system, shared) {}

  [[nodiscard]] const LaidOutWorld& world(Copy copy) const { return copy == Copy::a ? a_ : b_; }

  /// The copy's variable that `select` picks from its layout.
  template <typename Select>
  Expr get(Copy copy, Select select) {
    return twin.system().variable(twin.variable(copy, select(world(copy).layout)));
  }
  template <typename Select>
  Expr differ(Select select) {
    return ne(get(Copy::a, select), get(Copy::b, select));
  }

  /// Host mode with GIF=1.
  Expr host_runs(Copy copy) {
    return !get(copy, [](const Layout& l) { return l.machine.cpu.guest_mode; }) &&
           get(copy, [](const Layout& l) { return l.machine.cpu.gif; });
  }
  Expr hosts_differ() {
    return host_runs(Copy::a) && host_runs(Copy::b) &&
           differ([](const Layout& l) { return l.machine.cpu.debugctl; });
  }
  Expr event(Copy copy) {
    return get(copy, [](const Layout& l) { return l.observed->event; });
  }
  Expr observations_differ() {
    return differ([](const Layout& l) { return l.observed->event; }) ||
           differ([](const Layout& l) { return l.observed->dr6; }) ||
           differ([](const Layout& l) { return l.observed->debugctl; }) ||
           differ([](const Layout& l) { return l.observed->cpl; });
  }

 private:
  const LaidOutWorld& a_;
  const LaidOutWorld& b_;

 public:
  Twin twin;
};

}  // namespace airlock
