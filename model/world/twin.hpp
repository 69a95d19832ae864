// Two transition systems side by side in one: the product on which a statement about two runs (no
// host bit leaks into the guest; a mutant does what the original does) becomes one about states.
//
// Knows nothing of machines: variables are copied, rules move one copy or both, and whoever builds
// a twin says which and when.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "model/system/system.hpp"

namespace airlock {

class Twin {
 public:
  /// `a` and `b` are borrowed and must outlive the twin; their pools are only read. A variable that
  /// `shared` accepts exists once: both systems must have it, by name, with one sort. Readings are
  /// always shared. Every other variable exists as "A.name" and "B.name". Throws std::logic_error
  /// where a shared variable is not in both.
  Twin(const TransitionSystem& a, const TransitionSystem& b,
       const std::function<bool(const Variable&)>& shared);
  Twin(const Twin&) = delete;
  Twin& operator=(const Twin&) = delete;

  /// What has been built so far: no properties, the control variables of both copies.
  [[nodiscard]] TransitionSystem& system() { return system_; }
  [[nodiscard]] const TransitionSystem& original(Copy copy) const {
    return copy == Copy::a ? a_ : b_;
  }
  /// The copy's variable in the twin.
  [[nodiscard]] VarId variable(Copy copy, VarId id) const;
  /// An expression over the copy's variables in terms of the twin's.
  Expr of(Copy copy, Expr e);

  /// The copy takes `rule` (in its system's pool) and the other stays, where `condition` (over the
  /// twin) holds. Adds no rule if that is never.
  void alone(Copy copy, const Rule& rule, Expr condition);
  /// Both move in one step, where `condition` holds. Their inputs are the same: the k-th of a kind
  /// in `a` is the k-th of that kind in `b`; a kind is a sort and a name, up to the place in a file
  /// unless both copies are of one system.
  /// What one copy chooses more than the other it chooses freely. Variables that are shared are
  /// written by A.
  void together(const Rule& a, const Rule& b, Expr condition);
  /// Sets the Bool `flag` where `condition` holds and the copy could take `rule` with inputs for
  /// which the other copy could take none of `others`.
  void unmatched(Copy copy, const Rule& rule, std::span<const Rule* const> others, Expr condition,
                 VarId flag);

 private:
  struct Half {
    const TransitionSystem* from;
    std::vector<VarId> variables;      ///< of the twin, by the copy's VarId
    std::map<InputId, InputId> fixed;  ///< inputs that have their counterpart for good
  };
  Half& half(Copy copy) { return copy == Copy::a ? half_a_ : half_b_; }
  void add_variables(Copy copy, const std::function<bool(const Variable&)>& shared);
  void add_choices();
  InputId import_input(const Input& input);
  class JointInputs;
  Expr joint(Copy copy, const Rule& rule, JointInputs& inputs, Expr e);

  const TransitionSystem& a_;
  const TransitionSystem& b_;
  TransitionSystem system_;
  Half half_a_;
  Half half_b_;
};

/// An input's name without the place at its end: "any_bool() svm.c:3:7" and its copy in an edited
/// file are of one kind.
std::string kind_of_input(const Input& input);

}  // namespace airlock
