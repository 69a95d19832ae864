// What specs run on: svm.h's objects and functions, bound to the machine.
#pragma once

#include <functional>

#include "model/software/platform.hpp"
#include "model/world/layout.hpp"
#include "model/world/operations.hpp"

namespace airlock {

/// The machine under the real software.
class MachinePlatform : public Platform {
 public:
  /// `layout` is borrowed.
  explicit MachinePlatform(const Layout& layout) : layout_(layout) {}

  [[nodiscard]] std::optional<ObjectLeaf> object(const std::string& path) const override;
  [[nodiscard]] std::optional<IntrinsicTraits> intrinsic(const std::string& name) const override;
  [[nodiscard]] std::vector<std::pair<Step, Expr>> call(const IntrinsicCall& call,
                                                        Step step) const override;
  [[nodiscard]] std::optional<std::uint64_t> bit_name(const std::string& name) const override;

  /// The DR6 that software would give the guest, evaluated at a VMRUN; may return an invalid Expr.
  std::function<Expr(const Step&)> software_dr6;
  /// Undefined behaviour found by an intrinsic: completes the step and ends it (Step::end).
  std::function<void(Step&, const std::string& reason)> undefined;
  /// Whether a VMRUN looks at what it is to inject: needed where software writes other values to
  /// EVENTINJ than 0 and the #DB event.
  bool judges_events = false;

  [[nodiscard]] const Layout& layout() const { return layout_; }
  /// Reads and writes DebugCtl: the physical register here, the reference's in the second run.
  [[nodiscard]] virtual Expr read_debugctl(Step& step) const;
  virtual void write_debugctl(Step& step, Expr value) const;
  /// Likewise DR6. Throws InputError at `location` where there is no such register to read.
  [[nodiscard]] virtual Expr read_dr6(Step& step, const SourceLocation& location) const;
  virtual void write_dr6(Step& step, Expr value) const;

 private:
  const Layout& layout_;
};

/// vcpu_run's platform: counts DebugCtl accesses where the layout has the counters.
class VcpuPlatform : public MachinePlatform {
 public:
  /// `measured`: the function from whose start to whose end a stretch is measured.
  VcpuPlatform(const Layout& layout, std::string measured)
      : MachinePlatform(layout), measured_(std::move(measured)) {}
  void entered(Step& step, const std::string& function) const override;
  void left(Step& step, const std::string& function) const override;
  [[nodiscard]] std::vector<std::pair<Step, Expr>> call(const IntrinsicCall& call,
                                                        Step step) const override;

 protected:
  [[nodiscard]] Expr read_debugctl(Step& step) const override;
  void write_debugctl(Step& step, Expr value) const override;

 private:
  std::string measured_;
};

/// vcpu_load() at the end of a task switch: host software that comes at any moment, so that what
/// belongs to one place of the vCPU's thread (entering the guest, completing its instruction) is an
/// error in it.
class SwitchedInPlatform : public MachinePlatform {
 public:
  explicit SwitchedInPlatform(const Layout& layout) : MachinePlatform(layout) {}
  [[nodiscard]] std::vector<std::pair<Step, Expr>> call(const IntrinsicCall& call,
                                                        Step step) const override;
};

/// The second run of boot() and of the actors, on the reference host: DebugCtl is the reference's,
/// and so is DR6 with the feature host_dr6 (without, reading it is an error and writing it does
/// nothing); everything else about the machine is as it was and stays so.
class ReferenceHostPlatform : public MachinePlatform {
 public:
  explicit ReferenceHostPlatform(const Layout& layout) : MachinePlatform(layout) {}
  [[nodiscard]] std::optional<ObjectLeaf> object(const std::string& path) const override;
  [[nodiscard]] std::vector<std::pair<Step, Expr>> call(const IntrinsicCall& call,
                                                        Step step) const override;

 protected:
  [[nodiscard]] Expr read_debugctl(Step& step) const override;
  void write_debugctl(Step& step, Expr value) const override;
  [[nodiscard]] Expr read_dr6(Step& step, const SourceLocation& location) const override;
  void write_dr6(Step& step, Expr value) const override;
};

}  // namespace airlock
