// Interrupts and preemption where nothing else of a function is kept (rule 6).
//
// A function that does nothing but switch them is left out if it can let nobody in who was kept
// out: it only tightens, and loosens what it has tightened. preempt_enable() and
// local_irq_restore() give back what was; local_irq_enable() does not ask: called with interrupts
// off, a pair around nothing opens a window. So it is followed which functions may be called with
// interrupts off.
#include <algorithm>

#include "model/kernel/analysis.hpp"

namespace airlock::kernel {
namespace {

const Node* work_of(const Point& point) {
  switch (point.kind) {
    case Point::Kind::branch:
    case Point::Kind::select:
    case Point::Kind::returns: return point.value;
    case Point::Kind::simple:
    case Point::Kind::variable: return point.node;
    default: return nullptr;
  }
}

/// Whether a switch is one of preemption; the others are of interrupts.
bool is_of_preemption(const std::string& name) {
  return name.find("preempt") != std::string::npos || name.ends_with("_cpu");
}

bool may_be_passed_by(const Node* node) {
  return node->is == Is::if_ || node->is == Is::while_ || node->is == Is::for_ ||
         node->is == Is::switch_ || node->is == Is::conditional || node->is == Is::goto_ ||
         (node->is == Is::binary && (node->text == "&&" || node->text == "||"));
}

}  // namespace

/// The calls of each point, macros looked through.
const std::vector<PointCalls>& Analysis::calls_of(FunctionState& in) {
  if (in.calls.empty()) {
    in.calls.resize(in.cfg.points.size());
    for (unsigned id = 0; id < in.cfg.points.size(); ++id) {
      PointCalls& here = in.calls[id];
      walk_through(work_of(in.cfg.points[id]), in, [&](const Node* each) {
        here.certain = here.certain && !may_be_passed_by(each);
        if (each->is == Is::call && expansion(each, in) == nullptr) {
          here.calls.push_back(each);
        }
      });
    }
  }
  return in.calls;
}

/// Whether a call switches interrupts or preemption.
bool Analysis::is_switch(const Node* call, FunctionState& in) {
  const Callees& found = callees(call, in);
  return found.how == Callees::How::machine && (in_list(lens_.tighten, found.name) != nullptr ||
                                                in_list(lens_.loosen, found.name) != nullptr);
}

/// Whether a call that loosens does so whatever was before.
bool Analysis::loosens_whatever(const Node* call, FunctionState& in) {
  const std::string name = callees(call, in).name;
  return in_list(lens_.loosen, name) != nullptr && !is_of_preemption(name) &&
         name.find("restore") == std::string::npos;
}

/// Marks the entries that may be called with interrupts off: an actor always, the thread's once one
/// of its entries may end with them off, for the next begins where the last has ended. Whether any
/// is new.
bool Analysis::enter_entries() {
  const auto is_threads = [](const Entry& entry) {
    return entry.name == "vcpu_run" || entry.name == "vcpu_create" || entry.name == "boot";
  };
  const auto each = [&](const auto& look) {
    for (const Entry& entry : lens_.entries) {
      for (const Named& named : entry.functions) {
        if (const FunctionText* function = entry_function(named)) {
          look(is_threads(entry), state(function));
        }
      }
    }
  };
  bool ends_off = false;
  each([&](bool threads, const FunctionState& in) {
    ends_off =
        ends_off || (threads && ((in.leaves[0] | (in.entered_off ? in.leaves[1] : 0U)) & 2U) != 0);
  });
  bool more = false;
  each([&](bool threads, FunctionState& in) {
    if ((!threads || ends_off) && !in.entered_off) {
      in.entered_off = true;
      more = true;
    }
  });
  return more;
}

/// Marks the functions that this one may call with interrupts off, and how it leaves them itself;
/// whether anything is new.
bool Analysis::enter_callees(FunctionState& in) {
  bool more = follow_interrupts(in, 0);
  return (in.entered_off && follow_interrupts(in, 1)) || more;
}

/// The same for interrupts on (0) or off (1) at the beginning. What is followed are pairs: how
/// interrupts are, and how they were when the function saved them.
bool Analysis::follow_interrupts(FunctionState& in, unsigned from) {
  using Pairs = unsigned;  // bit 2 * now + saved, 1 being off
  constexpr Pairs off = 0b1100;
  const auto mapped = [](Pairs pairs, const auto& to) {
    Pairs result = 0;
    for (unsigned i = 0; i < 4; ++i) {
      if ((pairs >> i & 1U) != 0) {
        result |= to(i >> 1U, i & 1U);
      }
    }
    return result;
  };
  const auto pair = [](unsigned now, unsigned saved) { return 1U << (2 * now + saved); };
  unsigned saves = 0;
  for (const PointCalls& point : calls_of(in)) {
    for (const Node* call : point.calls) {
      saves += is_switch(call, in) && callees(call, in).name.find("save") != std::string::npos;
    }
  }
  const auto switched = [&](Pairs pairs, const std::string& name, bool tightens, bool whatever) {
    return mapped(pairs, [&](unsigned now, unsigned saved) {
      if (tightens) {
        return pair(1, name.find("save") != std::string::npos ? now : saved);
      }
      // Of several that were saved it is not known which comes back.
      return whatever ? pair(0, saved) : saves == 1 ? pair(saved, saved) : 0b1111U;
    });
  };
  std::vector<Pairs> before(in.cfg.points.size(), 0);
  before[Cfg::entry] = pair(from, from);
  std::vector<unsigned> work = {Cfg::entry};
  bool more = false;
  while (!work.empty()) {
    const unsigned id = work.back();
    work.pop_back();
    Pairs here = before[id];
    Pairs within = here;
    // In the order of the text; what may be passed by may have happened or not.
    for (const Node* call : calls_of(in)[id].calls) {
      const Callees& found = callees(call, in);
      if (is_switch(call, in)) {
        if (!is_of_preemption(found.name)) {
          here = switched(here, found.name, in_list(lens_.tighten, found.name) != nullptr,
                          loosens_whatever(call, in));
        }
      } else if (!found.targets.empty()) {
        Pairs after = 0;
        for (const FunctionText* target : found.targets) {
          FunctionState& to = state(target);
          if ((within & off) != 0 && !to.entered_off) {
            to.entered_off = true;
            more = true;
          }
          after |= mapped(here, [&](unsigned now, unsigned saved) {
            return ((to.leaves[now] & 1U) != 0 ? pair(0, saved) : 0U) |
                   ((to.leaves[now] & 2U) != 0 ? pair(1, saved) : 0U);
          });
        }
        here = after;
      }
      within |= here;
    }
    here = calls_of(in)[id].certain ? here : within;
    for (const unsigned next : successors(id, in)) {
      if ((here & ~before[next]) != 0) {
        before[next] |= here;
        work.push_back(next);
      }
    }
  }
  const Pairs end = before[Cfg::exit];
  const unsigned now = ((end & ~off) != 0 ? 1U : 0U) | ((end & off) != 0 ? 2U : 0U);
  if (now != in.leaves[from]) {
    in.leaves[from] = now;
    more = true;
  }
  return more;
}

/// Whether a function that only switches interrupts and preemption may let one in, or may come back
/// with them otherwise than it was called: by one of its ways, whatever the others do.
bool Analysis::opens_window(FunctionState& in) {
  return is_unbalanced(in, false) || is_unbalanced(in, true);
}

/// The same of preemption alone, or of interrupts alone: one does not make up for the other.
bool Analysis::is_unbalanced(FunctionState& in, bool preemption) {
  using Depths = unsigned;  // bit d: a way that has tightened d times more than loosened
  constexpr Depths deepest = 1U << 8U;  // that often or more
  std::vector<Depths> depths(in.cfg.points.size(), 0);
  depths[Cfg::entry] = 1;
  std::vector<unsigned> work = {Cfg::entry};
  while (!work.empty()) {
    const unsigned id = work.back();
    work.pop_back();
    Depths here = depths[id];
    for (const Node* call : calls_of(in)[id].calls) {
      if (!is_switch(call, in) || is_of_preemption(callees(call, in).name) != preemption) {
        continue;
      }
      if (!calls_of(in)[id].certain || (in.entered_off && loosens_whatever(call, in))) {
        return true;
      }
      if (in_list(lens_.tighten, callees(call, in).name) != nullptr) {
        here = ((here << 1U) & (2 * deepest - 1)) | (here & deepest);
      } else if ((here & 1U) != 0) {
        return true;
      } else {
        here = (here >> 1U) | (here & deepest);
      }
    }
    if (id == Cfg::exit && here != 1) {
      return true;
    }
    for (const unsigned next : successors(id, in)) {
      if ((here & ~depths[next]) != 0) {
        depths[next] |= here;
        work.push_back(next);
      }
    }
  }
  return false;
}

}  // namespace airlock::kernel
