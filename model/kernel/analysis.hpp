// What is known of a tree under a lens: which code can run, what it may touch, what its values are.
//
// The steps, each a fixpoint over all functions that can be reached from the entries:
//   reach     conditions that the configuration and the lens decide are decided, constants followed
//             through locals, parameters and results; what cannot run is gone (rule 1)
//   effects   which functions may write tracked state, access the machine, or do what is not known
//             (rules 2 and 5)
//   values    which locals, parameters and results say anything about tracked state (rule 4)
#pragma once

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "model/kernel/cfg.hpp"
#include "model/kernel/index.hpp"
#include "model/kernel/lens.hpp"
#include "model/kernel/slice.hpp"

namespace airlock::kernel {

/// A constant of C: the value, sign-extended to 64 bits if its type is signed.
struct Constant {
  std::uint64_t value = 0;
  unsigned bits = 32;
  bool is_signed = true;
  friend bool operator==(const Constant&, const Constant&) = default;
};

/// What an expression can be, seen over all runs.
struct Abstract {
  enum class Kind { none, constant, any } kind = Kind::none;
  Constant constant;
  static Abstract any() { return {Kind::any, {}}; }
  static Abstract of(Constant c) { return {Kind::constant, c}; }
  static Abstract of(std::uint64_t v) { return {Kind::constant, {v, 32, true}}; }
  [[nodiscard]] bool is_constant() const { return kind == Kind::constant; }
  [[nodiscard]] bool is_any() const { return kind == Kind::any; }
  [[nodiscard]] bool is_zero() const { return is_constant() && constant.value == 0; }
  [[nodiscard]] bool is_true() const { return is_constant() && constant.value != 0; }
};

/// What a call may call.
struct Callees {
  enum class How {
    direct,
    operation,
    table,
    pointer,
    outside,
    absent,
    transparent,
    nothing,
    assumed,
    machine
  };
  How how = How::direct;
  std::string name;  ///< as the receipt shows it
  std::vector<const FunctionText*> targets;
  const Table* table = nullptr;
  std::vector<std::pair<std::uint64_t, const FunctionText*>> by_index;  ///< of a table
};

/// What running a piece of code may do.
struct Effects {
  bool strong = false;                     ///< writes tracked state or accesses the machine
  bool tightens = false, loosens = false;  ///< interrupts or preemption off; on
  std::set<std::string>
      frame;  ///< fields of objects on stacks that it writes: "struct msr_data.data"
  std::set<unsigned> through;  ///< parameters through which it writes scalars
  std::string why;             ///< of strong: the first reason, for the receipt
  bool operator==(const Effects&) const = default;
};

/// Where a pointer may point.
struct Pointees {
  std::vector<const Node*> places;  ///< lvalues of the function that names the pointer
  std::set<unsigned> parameters;    ///< where these of its parameters point
  bool unknown = false;             ///< elsewhere, too
  std::set<std::string> seen;       ///< locals that were followed
};

/// The calls of a point, in the order of the text.
struct PointCalls {
  std::vector<const Node*> calls;
  bool certain = true;  ///< none may be passed by
};

struct FunctionState {
  const FunctionText* text = nullptr;
  Cfg cfg;
  bool reached = false;
  std::vector<bool> live;             ///< by point
  std::map<std::string, Type> types;  ///< locals and parameters
  std::map<std::string, Abstract> values;
  std::set<std::string> address_taken;
  std::set<std::string> by_assembly;  ///< locals and parameters that assembly may write
  Abstract result;
  Effects effects;
  bool entered_off = false;  ///< may be called with interrupts off
  /// How interrupts may be when it ends: bit 0 on, bit 1 off; by how they were, on or off.
  std::array<unsigned, 2> leaves = {0, 0};
  std::vector<PointCalls> calls;  ///< by point; see calls_of()
  std::set<const FunctionText*> callees;
  // values
  std::map<std::string, int> telling;  ///< of locals and parameters: see rank()
  int telling_result = 0;
  std::set<const FunctionText*> callers;
  /// Local pointers that only ever hold one address: "sd" is not among them, "control" is.
};

class Analysis {
 public:
  Analysis(Index& index, const Lens& lens, Receipt& receipt);
  void run();

  [[nodiscard]] FunctionState& state(const FunctionText* function) { return states_[function->id]; }
  [[nodiscard]] const std::vector<const FunctionText*>& reached() const { return order_; }

  // Types
  Type type_of(const Node* node, const FunctionState& in);
  /// "struct vmcb_save_area.dbgctl", "?.dbgctl" with an unknown base of a tracked name, "" for what
  /// is no field.
  std::string field_key(const Node* field, const FunctionState& in);
  [[nodiscard]] bool tracked(const std::string& key) const { return tracked_.contains(key); }
  [[nodiscard]] bool framed(const std::string& key) const { return frame_.contains(key); }
  [[nodiscard]] const std::string& mask_of(const std::string& key) const {
    return tracked_.at(key);
  }
  [[nodiscard]] bool hot(const Type& type) const;
  [[nodiscard]] const Singleton* singleton(const Type& type) const;
  [[nodiscard]] bool tracked_struct(const std::string& name) const { return hot_.contains(name); }
  /// Whether the field lives in an object of the C half: mask_of() is then "=object".
  [[nodiscard]] bool is_ghost(const std::string& key) const {
    return tracked_.at(key).starts_with("=");
  }
  /// Whether only the bits of mask_of() are tracked.
  [[nodiscard]] bool has_mask(const std::string& key) const {
    return !tracked_.at(key).empty() && !is_ghost(key);
  }
  const std::map<std::string, std::string>& tracked_fields() const { return tracked_; }
  const std::set<std::string>& hot_structs() const { return hot_; }
  const std::set<std::string>& lens_globals() const { return lens_globals_; }
  const std::set<std::string>& machine_functions() const { return machine_functions_; }

  // Values
  Abstract value(const Node* node, FunctionState& in);
  /// What the tree says of a constant that the machine's header defines, too.
  const Node* only_expression(const Node* block, const FunctionState& in);
  Abstract tree_value(const std::string& name);
  Abstract constant_named(const std::string& name);
  /// The assumption that speaks about the expression, if any.
  const Assumption* assumed(const Node* node, const FunctionState& in);
  /// What is assumed, as an expression; null for "any".
  const Node* assumed_value(const Assumption& assumption) const {
    return assumed_values_.at(assumption.what.names[0]);
  }
  /// The live successors of a point.
  std::vector<unsigned> successors(unsigned point, FunctionState& in);
  std::optional<std::set<std::uint64_t>> possible(const Node* node, FunctionState& in,
                                                  unsigned depth = 0);

  // Calls
  const Callees& callees(const Node* call, const FunctionState& in);
  /// What a macro call or name became; null if it is none.
  const Node* expansion(const Node* node, const FunctionState& in);
  /// Without parentheses, and with macros that are one expression as that.
  const Node* core(const Node* node, const FunctionState& in);
  /// walk(), into what macros became, too.
  template <class Visit>
  void walk_through(const Node* node, const FunctionState& in, const Visit& visit,
                    unsigned depth = 0) {
    if (node == nullptr || depth > 400) {
      return;
    }
    visit(node);
    if (node->is == Is::call || node->is == Is::name) {
      if (const Node* body = expansion(node, in)) {
        walk_through(body, in, visit, depth + 20);
        return;
      }
    }
    for (const Node* kid : node->kids) {
      walk_through(kid, in, visit, depth + 1);
    }
  }
  std::set<const FunctionText*> pointed(const Node* node, const FunctionState& in, unsigned depth);
  /// Every parameter position through which a function pointer comes: function -> candidates.

  Pointees pointees(const Node* pointer, const FunctionState& in);
  [[nodiscard]] bool leaks() const { return !leaked_.empty(); }
  /// What a write to an lvalue does, without what its evaluation does.
  Effects write_effects(const Node* target, FunctionState& in) {
    Effects all;
    add_write(all, target, in);
    return all;
  }
  std::string tracked_scalar(const Node* place, const FunctionState& in);

  // Effects
  Effects effects_of(const Node* node, FunctionState& in);
  bool may_be(const Node* call, const GuardedAccess& access, FunctionState& in);
  bool counts(const Node* call, const std::string& name, FunctionState& in);
  bool telling(const Node* node, FunctionState& in);
  int rank(const Node* node, FunctionState& in);
  int rank_or_few(const Node* node, FunctionState& in);
  bool masked(const Node* field, const Node* mask, FunctionState& in);
  const Node* narrowed(const Node* node, FunctionState& in);
  std::uint64_t mask_value(const std::string& key);
  Constant converted(Constant c, const Type& type);

  Index& index() { return index_; }
  const Lens& lens() const { return lens_; }
  void fact(Fact::Kind kind, const std::string& what, const std::string& reason,
            const std::string& place = {});
  std::string place(const Node* node) const;
  [[noreturn]] void fail(const Node* node, const std::string& message,
                         const std::string& expected = {}) const;
  [[noreturn]] void fail(const Named& named, const std::string& message,
                         const std::string& expected = {}) const;
  const Named* in_list(const std::vector<Named>& list, const std::string& name) const;
  const FunctionText* entry_function(const Named& named) const;
  std::set<const Named*> used;  ///< of opaque and harmless
  void check_used() const;
  void check_writers();
  std::vector<std::string> problems;  ///< unknown callees with tracked arguments

 private:
  friend class ReachPass;
  std::string register_written(const Node* call);
  std::set<const FunctionText*> actors_writers();
  void check_lens();
  void collect_tracked();
  void collect_candidates();
  void reach();
  void run_effects();
  void run_values();
  bool visit(FunctionState& in);
  bool visit_expression(const Node* node, FunctionState& in);
  bool assign(const Node* target, const Abstract& value, FunctionState& in);
  bool join(Abstract& into, const Abstract& from, const Type& type);
  void enter(const FunctionText* function);
  const Macro* macro_used(const Node* node, const std::string& name);
  void collect_assembly(FunctionState& in);
  void add_assembly(const Node* assembly, FunctionState& in);
  bool pass(const Node* call, const Callees& callees, FunctionState& in);
  Abstract binary(const std::string& op, const Abstract& a, const Abstract& b);
  Abstract number(const std::string& text);
  void add_call(Effects& all, const Node* call, FunctionState& in);
  void add_write(Effects& all, const Node* target, FunctionState& in);
  void add_write_through(Effects& all, const Node* pointer, FunctionState& in);
  void follow(const Node* node, const FunctionState& in, Pointees& into, unsigned depth);
  std::map<std::string, std::vector<const Node*>>& assigned_values(const FunctionState& in);
  void collect_leaks();
  const std::vector<PointCalls>& calls_of(FunctionState& in);
  bool is_switch(const Node* call, FunctionState& in);
  bool loosens_whatever(const Node* call, FunctionState& in);
  bool enter_entries();
  bool enter_callees(FunctionState& in);
  bool follow_interrupts(FunctionState& in, unsigned from);
  bool opens_window(FunctionState& in);
  bool is_unbalanced(FunctionState& in, bool preemption);

  Index& index_;
  const Lens& lens_;
  Receipt& receipt_;
  std::vector<FunctionState> states_;
  std::vector<const FunctionText*> order_;
  std::map<std::string, std::string> tracked_;  ///< key -> mask
  std::set<std::string> frame_;                 ///< tracked fields of types without singleton
  std::set<std::string> tracked_names_;         ///< field names
  std::set<std::string> hot_;                   ///< structs with tracked state in them
  std::map<std::string, Abstract> frame_values_;
  std::set<std::string> lens_globals_;
  std::set<std::string> machine_functions_;
  std::map<std::string, std::set<const FunctionText*>> by_field_;  ///< field name -> functions
  std::map<std::pair<unsigned, unsigned>, std::set<const FunctionText*>> by_parameter_;
  std::map<std::string, const Assumption*> assumed_calls_, assumed_fields_, assumed_names_;
  std::map<std::string, const Node*> assumed_values_;
  std::map<std::string, Abstract> constants_;
  std::map<std::string, std::uint64_t> guard_values_;
  std::set<std::string> evaluating_;
  std::set<std::string> seen_facts_;
  std::map<const Node*, Callees> call_cache_;
  std::unordered_map<const Node*, const Macro*> macros_used_;  ///< null: none, see macro_used()
  std::map<const FunctionText*, std::map<std::string, std::vector<const Node*>>> assigned_values_;
  std::map<std::pair<const Node*, const FunctionState*>, Pointees> pointees_;
  std::set<std::string> leaked_;  ///< tracked scalars that any pointer may point to
  bool changed_ = false;
  bool raise_ = false;
  unsigned depth_ = 0;
};

}  // namespace airlock::kernel
