// What software runs on, as far as the front end needs to know: objects that live in the machine
// and intrinsics that act on it. The world implements this; the front end knows no hardware.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/system/step.hpp"

namespace airlock {

/// A scalar of an `extern` object ("cpu.debugctl", "vmcb.save.dr6"), bound to a variable, a Bool or
/// a bit vector that need not be as wide as the C type: reading a narrower one extends it with
/// zeros, writing to it drops the bits that it does not have. Make it wide enough for what C may
/// store.
struct ObjectLeaf {
  VarId variable;
  bool shared = false;    ///< another actor may read or write it: an access is a step of its own
  bool writable = false;  ///< by assignment in C
};

struct IntrinsicTraits {
  bool shared = false;     ///< a call is an access of its own (see "step" in DESIGN.md)
  bool ends_step = false;  ///< nothing more happens in the step after it (vmrun)
};

/// A call of a function that is declared but not defined, with its arguments by value, already
/// converted to the parameter types of its prototype (bool is Bool, the rest its C width). A
/// pointer is 64 bits: 0 for NULL, otherwise a constant that differs between objects.
struct IntrinsicCall {
  std::string name;
  std::vector<Expr> arguments;
  std::optional<Sort> result;  ///< the prototype's; empty for void
  SourceLocation location;
  std::string key;  ///< distinguishes dynamic calls within one step; for Step::choose
};

class Platform {
 public:
  virtual ~Platform() = default;
  /// The leaf of an extern object, by its C path; nothing if there is none of that name.
  [[nodiscard]] virtual std::optional<ObjectLeaf> object(const std::string& path) const = 0;
  /// Nothing: a function of that name is unknown, and calling it is an error unless it is defined.
  [[nodiscard]] virtual std::optional<IntrinsicTraits> intrinsic(const std::string& name) const = 0;
  /// Runs it: the steps that may follow (forks included), each with the result (invalid for void).
  [[nodiscard]] virtual std::vector<std::pair<Step, Expr>> call(const IntrinsicCall& call,
                                                                Step step) const = 0;
  /// The value of a bit or register constant by the manual's or Linux's name ("LBR", "BTF",
  /// "DEBUGCTLMSR_LBR"), as a mask.
  [[nodiscard]] virtual std::optional<std::uint64_t> bit_name(const std::string& name) const = 0;
  /// Called when execution enters and leaves a defined function (also the entry point). They may
  /// read and set variables, but neither narrow the step nor choose.
  virtual void entered(Step& /*step*/, const std::string& /*function*/) const {}
  virtual void left(Step& /*step*/, const std::string& /*function*/) const {}
};

}  // namespace airlock
