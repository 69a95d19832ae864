// What a guest's program runs on: <airlock/guest.h>'s objects and functions. Calls are not carried
// out here: each is noted, with its operands, and what it returns is a variable that stands for
// whatever the machine will say (guest_code.hpp).
#pragma once

#include <vector>

#include "model/machine/instructions.hpp"
#include "model/software/platform.hpp"
#include "model/world/guest_operations.hpp"

namespace airlock {

/// #DBs that are told apart in one run; a guest that takes one more has an outcome of its own.
inline constexpr std::size_t most_dbs = 16;

/// What a guest's program needs of a system beside its own variables.
struct GuestVariables {
  VarId place;         ///< where in the program the guest is; see GuestPlace
  VarId result;        ///< stands for what an instruction returns; no rule writes it
  VarId noted;         ///< while a program is read: 1 + the call that a step makes
  VarId in_handler;    ///< in db_handler()
  VarId return_place;  ///< where that came in
  VarId frame_tf;      ///< rFLAGS.TF of the image that it returns to
  VarId frame_cpl;     ///< CPL likewise
  VarId dbs;           ///< how many #DBs were taken
  struct Db {
    VarId at;   ///< the place where it came in
    VarId dr6;  ///< what the handler first read; 0: it has not
  };
  std::vector<Db> log;  ///< by #DB
};

/// Adds them.
GuestVariables add_guest_variables(TransitionSystem& system);

/// An instruction of the program's, before it runs.
struct GuestCall {
  const GuestOperation* operation = nullptr;
  std::uint64_t place = 0;  ///< where it is
  Expr guard;  ///< over the program's variables: it is here, and this is what comes next
  machine::Operands operands;
  SourceLocation location;
};

class GuestPlatform : public Platform {
 public:
  explicit GuestPlatform(GuestVariables variables) : variables_(std::move(variables)) {}

  [[nodiscard]] std::optional<ObjectLeaf> object(const std::string& path) const override;
  [[nodiscard]] std::optional<IntrinsicTraits> intrinsic(const std::string& name) const override;
  [[nodiscard]] std::vector<std::pair<Step, Expr>> call(const IntrinsicCall& call,
                                                        Step step) const override;
  [[nodiscard]] std::optional<std::uint64_t> bit_name(const std::string& name) const override;

  [[nodiscard]] const GuestVariables& variables() const { return variables_; }
  [[nodiscard]] const std::vector<GuestCall>& calls() const { return calls_; }

 private:
  GuestVariables variables_;
  mutable std::vector<GuestCall> calls_;  // what was noted, while a program is read
};

/// A platform without a world, for checking programs.
struct GuestSkeleton {
  TransitionSystem system;
  GuestPlatform platform{add_guest_variables(system)};
};

}  // namespace airlock
