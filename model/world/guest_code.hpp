// A guest that runs a program. The free guest (guest.cpp) may execute any instruction at any time;
// this one executes the instruction that its program has next, with the program's operands, and
// nothing else. Everything around it stays: interrupts, exits, how a #DB gets to it.
//
// A program is read once, into *calls* (an instruction that is next wherever the call's guard
// holds) with the *ways* in which the program goes on once the instruction has completed. A call
// that exits is still next: the guest comes back to it. So a program's step ends when its
// instruction completes, on the processor or in software, and in no other way.
//
// A #DB puts the guest into db_handler(), from wherever it is, and what the handler returns to is
// the image that the #DB pushed. A program without one has a handler that reads DR6 and clears TF
// in the image.
//
// What the program never does is an outcome of its own rather than a run left out: see GuestPlace.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/software/lower.hpp"
#include "model/world/guest_platform.hpp"
#include "model/world/guest_source.hpp"
#include "model/world/layout.hpp"

namespace airlock {

/// Places that are none of the program's. Those of the program begin at `first`.
enum class GuestPlace : std::uint16_t {
  running,            ///< of a system without a program
  took_gp,            ///< a #GP; the program has no handler
  db_in_handler,      ///< a #DB in db_handler(); it would need a second frame
  too_many_dbs,       ///< one #DB more than are told apart
  undefined,          ///< undefined behaviour or a failed assert() in the program
  other_instruction,  ///< software completed an instruction that the program does not have there
  first = 16,
};

/// Where and how a program has come to its end, and what it has seen by then.
struct GuestOutcome {
  Expr ended;  ///< Bool over the state: nothing more happens that the program sees
  VarId place = 0;
  std::vector<VarId> observed;  ///< the program's globals, in the order of the text
  VarId dbs = 0;
  std::vector<GuestVariables::Db> log;
  std::vector<Expr> expectations;  ///< Bool over the state; parallel to GuestSource's
};

/// The program of a guest, in a system. Variables are added as it is made; the rules are
/// guest.cpp's.
class GuestCode {
 public:
  /// Throws InputError for what is wrong in the program.
  GuestCode(TransitionSystem& system, const GuestSource& source);

  /// One way in which the program goes on: where `guard` holds (over the program's variables and
  /// the result), these variables change.
  struct Way {
    Expr guard;
    std::vector<Update> updates;
  };
  /// An instruction of the program.
  struct Call : GuestCall {
    std::string text;  ///< the line, trimmed
    std::vector<Way> ways;
  };
  /// A step of the program's without an instruction: it comes round to a loop's beginning.
  struct Silent : Way {
    SourceLocation location;
    std::string text;
  };
  [[nodiscard]] const std::vector<Call>& calls() const { return calls_; }
  [[nodiscard]] const std::vector<Silent>& silent() const { return silent_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  /// The guest is where `call` comes next; from there on its place is a constant.
  void come_to(Step& step, const Call& call) const;

  /// The instruction completes; `read` is what it returned, where it returns something.
  void complete(Step& step, machine::Instruction instruction, Expr read) const;
  /// A #DB is delivered; rFLAGS.TF and CPL are the interrupted code's.
  void take_db(Step& step, Expr tf, Expr cpl) const;
  void take_gp(Step& step) const;
  /// What the program's next instruction, one of this kind, writes; `otherwise` where that is none.
  [[nodiscard]] Expr written(const Step& step, machine::Instruction instruction,
                             Expr otherwise) const;

  /// `in_guest_mode`: the guest can execute an instruction, so that no exit is between it and its
  /// program's end.
  [[nodiscard]] GuestOutcome outcome(Expr in_guest_mode) const;

 private:
  void read(const GuestSource& source, const Program& program);
  void lower(const Program& program, const std::string& function, std::uint64_t first);
  void sort_out(std::size_t first_rule);
  void read_expectations(const GuestSource& source, const Program& program);
  [[nodiscard]] Expr is_at(const Step& step, GuestPlace place) const;
  void go(Step& step, Expr condition, GuestPlace place) const;

  TransitionSystem& system_;
  GuestPlatform platform_;
  GlobalBindings globals_;
  std::string name_;
  std::vector<VarId> observed_;
  std::vector<Call> calls_;
  std::vector<Silent> silent_;
  std::vector<Expr> ends_;
  std::vector<Expr> expectations_;
  std::uint64_t handler_ = 0;
  Display places_;
};

}  // namespace airlock
