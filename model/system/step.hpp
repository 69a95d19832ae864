// Building rules by running: a Step is one symbolic execution of an atomic step.
//
// It starts with every variable at its value before the step; code reads and writes variables,
// picks inputs, forks on conditions and records causes; `finish` turns what happened into a rule.
// Steps are values: copy one to explore the other branch.
//
// A step that has *ended* (undefined behaviour: nothing comes after it) is closed: whoever would
// still write to it, narrow it or choose in it has made a mistake, and gets std::logic_error rather
// than a rule that goes on after the end.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "model/system/marker.hpp"
#include "model/system/system.hpp"

namespace airlock {

class Step {
 public:
  /// `system` is borrowed and must outlive the step. New inputs are added to it.
  Step(TransitionSystem& system, std::string name, std::string actor,
       AgentKind agent = AgentKind::other);

  [[nodiscard]] TransitionSystem& system() const { return *system_; }
  [[nodiscard]] ExprPool& pool() const { return *system_->pool; }

  /// The variable's value at this point of the step.
  [[nodiscard]] Expr get(VarId variable) const;
  void set(VarId variable, Expr value);

  /// A fresh value, the same for the same key within this step and all its copies (so that a
  /// reference can run with the inputs of the real thing, and ways can be joined). `sort` must
  /// agree between calls with one key. `name`: as shown; empty: the key. Where another key of this
  /// step has that name, it gets a number. `by` picks it; nothing: whose step this is.
  Expr choose(const std::string& key, Sort sort, const std::string& argument,
              const std::string& name = {}, std::optional<AgentKind> by = {});

  /// Narrows the step to states and inputs where `condition` holds here.
  void assume(Expr condition);
  [[nodiscard]] Expr guard() const { return guard_; }
  /// False when the path condition has folded to false: the path can be dropped.
  [[nodiscard]] bool feasible() const { return !guard_.is_false(); }

  void cause(Cause cause);
  /// Of the last cause. Does nothing where nothing was caused yet, or where the remark's condition
  /// has folded to false.
  void remark(Remark remark);
  /// The same step once more, from where `start` was: with the values of `start`, under what has
  /// been assumed and chosen here, and with nothing told yet.
  [[nodiscard]] Step again_from(const Step& start) const;

  /// Nothing more happens in this step, for this reason: what changes a step throws from now on.
  void end(const std::string& reason);
  /// Why the step has ended; nothing: it has not.
  [[nodiscard]] const std::optional<std::string>& ended() const { return ended_; }

  /// From now on mark() remembers such things, and so does every copy.
  void start_marking(Marking what) { marking_ = what; }
  [[nodiscard]] bool marking(Marking what) const { return marking_ == what; }
  /// Something happens here wherever `condition` and the guard so far hold. What has another `way`
  /// of getting to the place is something else.
  void mark(Happened what, const SourceLocation& location, const std::string& text, Expr condition,
            const std::string& way = {});
  /// Takes over what was marked on an arm that is joined into this path.
  void mark_all_of(const Step& arm);
  /// The way that is `yes` where the condition holds and `no` elsewhere, if there is a condition
  /// that tells them apart: one was assumed where the other assumed its opposite, and all before
  /// is the same. The causes are kept, each with where it happens. Of copies of one step.
  static std::optional<std::pair<Step, Expr>> join(const Step& yes, const Step& no);
  /// What was assumed, in order.
  [[nodiscard]] const std::vector<Expr>& assumed() const { return assumed_; }

  void rename(std::string name) { name_ = std::move(name); }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::string& actor() const { return actor_; }

  /// Appends the rule to the system, with updates for the variables that may have changed. Does
  /// nothing if the path is infeasible. Markers follow their rule.
  void finish() const;
  /// Appends the markers alone, for a step that has happened before the system's first.
  void finish_markers() const;

  struct Mark {
    SourceLocation location;
    std::string way;
    Happened what;
    std::string text;
    Expr condition;  ///< the guard at that point, and that it happened
  };
  /// By place, then by what happened.
  [[nodiscard]] std::vector<Mark> marks() const;

 private:
  void must_go_on() const;

  TransitionSystem* system_;
  std::string name_;
  std::string actor_;
  AgentKind agent_;
  Expr guard_;
  std::vector<Expr> assumed_;  // their conjunction is the guard
  std::map<VarId, Expr> values_;
  struct Inputs {
    std::map<std::string, InputId> by_key;
    std::map<std::string, unsigned> names;
  };
  std::shared_ptr<Inputs> inputs_;  // of all copies
  std::vector<Cause> causes_;
  std::map<std::tuple<std::string, unsigned, unsigned, std::string, Happened>, Mark> marks_;
  Marking marking_ = Marking::nothing;
  std::optional<std::string> ended_;
};

/// Splits a step in two: {condition holds, it does not}. Infeasible halves have feasible() false.
std::pair<Step, Step> fork(const Step& step, Expr condition);

}  // namespace airlock
