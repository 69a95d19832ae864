// What of each function is kept (rules 3, 7 and 9), and how it is written.
//
// Per function, a set of points: those that write tracked state or access the machine, those that
// give a local a value that a kept expression reads, and the conditions that decide which of these
// comes next (Danicic et al., "A unifying theory of control dependence", 2011: a set closed under
// weak control dependence). A condition both of whose sides come to the same next point is no
// choice: that is stutter removal, and the request ladder of vcpu_enter_guest() goes by it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "model/kernel/analysis.hpp"

namespace airlock::kernel {

/// What of one function is needed by whoever calls it, and what is kept of it.
struct Need {
  bool kept = false;
  bool result = false;                      ///< somebody reads what it returns
  std::set<unsigned> parameters;            ///< read by what is kept
  std::set<unsigned> out;                   ///< what it writes through them is read
  bool wraps = false;                       ///< when it ends, it begins again, and nothing between
  std::vector<bool> points;                 ///< kept
  std::vector<int> next;                    ///< the next kept point from each: -1 none, -2 several
  std::vector<std::set<std::string>> live;  ///< locals needed behind each point
  std::set<std::string> locals;             ///< named in what is kept
  std::set<const Node*> merged;             ///< ifs whose free choice the next one makes, too
};

/// What writing an expression met.
struct Met {
  std::set<std::string> locals;
  bool rewritten = false;
  std::set<std::string> rules;
  bool untracked = false;
};

class Slicer {
 public:
  Slicer(Analysis& analysis, Receipt& receipt);
  void run();
  Need& need(const FunctionText* function) { return needs_[function->id]; }
  [[nodiscard]] const std::vector<const FunctionText*>& kept() const { return kept_; }

  // Writing (render.cpp)
  std::string text(const Node* node, FunctionState& in, Met& met);
  std::string initialiser_text(const Node* node, const Type& type, FunctionState& in, Met& met);
  void must_not_matter(const Node* target, FunctionState& in);
  std::string base_text(const Node* node, FunctionState& in, Met& met);
  std::string truth(const Node* node, FunctionState& in, Met& met);
  std::string effect(const Node* node, FunctionState& in, Met& met);
  std::string label_text(const Node* node, FunctionState& in, Met& met);
  bool acts(const Node* node, FunctionState& in);
  bool enters(const Node* node, FunctionState& in);
  std::string any(const Type& type, const Node* node, FunctionState& in, Met& met);
  std::string name_of(const FunctionText* function);
  std::string type_text(const Type& type);

  /// Whether a jump or an untold return must stay.
  bool jump_stays(unsigned point, FunctionState& in);
  std::set<std::string> constants;       ///< names to define
  std::set<std::string> body_constants;  ///< the same, by the C half: the machine's own are meant
  std::set<std::string> types;           ///< to declare
  std::map<std::string, std::string> dispatchers;  ///< name -> body
  std::map<std::string, std::string> dispatcher_prototypes;
  std::set<std::string> tags;  ///< functions that a pointer may hold
  Analysis& analysis() { return analysis_; }

 private:
  friend class Printer;
  bool work(const FunctionText* function);
  void close(FunctionState& in, Need& need);
  void next_points(FunctionState& in, Need& need);
  void liveness(FunctionState& in, Need& need, const std::vector<Met>& met);
  std::vector<const FunctionText*> loops();
  void settle(const std::vector<const FunctionText*>& wrapping);
  void merge_choices();
  bool keep(const FunctionText* function);
  std::string point_text(unsigned id, FunctionState& in, Met& met);
  std::string composed(const Node* node,
                       const std::vector<std::pair<const Node*, std::string>>& kids);
  std::string call_text(const Node* node, FunctionState& in, Met& met, bool wants_result);
  void want_out(const Node* call, const FunctionText* target, FunctionState& in);
  std::string arguments(const Node* call, const FunctionText* target, FunctionState& in, Met& met);
  std::string dispatcher(const Node* node, const Callees& found, FunctionState& in, Met& met,
                         bool wants_result);
  std::string constant_text(const Constant& constant);
  std::string padded(const Node* node, std::string text);
  bool plain_constant(const Node* node, FunctionState& in);
  std::string pointer_text(const Node* node, FunctionState& in, Met& met);
  bool writes_needed_local(const Node* node, FunctionState& in);

  Analysis& analysis_;
  Receipt& receipt_;
  std::vector<Need> needs_;
  std::vector<const FunctionText*> kept_;
  std::set<std::string> frame_needed_;
  std::map<const FunctionText*, std::set<const Node*>> call_sites_;
  std::set<std::pair<const FunctionText*, const FunctionText*>> edges_, cut_;
  bool find_cycles();
  const FunctionText* now_ = nullptr;
  bool changed_ = false;
};

}  // namespace airlock::kernel
