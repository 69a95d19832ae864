// boot() and the actors on two hosts: the machine, and the reference host, which is the same host
// had its vCPU never run (DESIGN.md). See both_hosts.cpp for what the second run is and is not.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/software/lower.hpp"
#include "model/world/compose.hpp"
#include "model/world/platform.hpp"

namespace airlock {

/// The name of the variable that says why the reference host cannot follow; 0 where it can. There
/// is none in a system in which it always can.
inline constexpr const char* lost_name = "reference_host.cannot follow";

/// The reference host's registers that there are: DebugCtl, and DR6 with the feature host_dr6.
std::vector<VarId> reference_registers(const Layout& layout);

class BothHosts {
 public:
  /// All borrowed. `globals` are the machine's, `reference_globals` the reference host's: the same
  /// paths, and the same variables where no function of the host touches them.
  BothHosts(TransitionSystem& system, const Layout& layout, const Program& program,
            const MachinePlatform& machine, const GlobalBindings& globals,
            const GlobalBindings& reference_globals, std::vector<std::string>& reasons)
      : system_(system),
        layout_(layout),
        program_(program),
        machine_(machine),
        host_(layout),
        globals_(globals),
        reference_globals_(reference_globals),
        reasons_(reasons) {}

  /// The ways of `function` on the machine, from `step`. What the reference host does in the same
  /// step is among the updates of those that do not end in undefined behaviour. Throws InputError
  /// for what a function of the host may not do.
  std::vector<AtomicPath> run(const std::string& function, const Step& step);

  /// When all rules of software are there: once the reference host is lost, it stays as it is.
  /// `machine_alone`: functions that run on the machine and never on the reference host. Throws
  /// InputError if it can get lost and software looks at it.
  void freeze(const std::vector<std::string>& machine_alone);

  [[nodiscard]] std::optional<VarId> lost() const { return lost_; }

 private:
  /// One way of the reference host beside one of the machine.
  struct Fate {
    std::vector<AtomicPath> follows;
    std::vector<AtomicPath> cannot;  ///< undefined or excluded
  };

  /// What a function does to the reference's variables, as far as it was seen on either host.
  struct Use {
    std::set<VarId> read;
    std::set<VarId> written;
  };
  /// A value of `lost`, and what is left of it if the function matters to nobody.
  struct Told {
    std::string function;
    Expr why;
    Expr undefined;
  };

  void note_use(const std::string& function, const Step& ran, const std::map<VarId, VarId>& as);
  [[nodiscard]] std::set<std::string> that_matter() const;
  void tell_only_what_matters();
  void refuse_onlookers(std::vector<std::string> software) const;
  [[nodiscard]] Fate follow(const std::string& function, const Step& start,
                            const AtomicPath& real) const;
  void add_reference(const std::string& function, const Step& start, AtomicPath& real);
  Expr settle_own_inputs(const std::string& function, const Fate& fate,
                         const std::set<InputId>& theirs, Step& real) const;
  [[nodiscard]] Sort reason_sort() const { return Sort::bits(layout_.options.wide ? 16 : 8); }
  Expr number_of(const std::string& function, const AtomicPath& end);
  [[nodiscard]] std::vector<VarId> variables() const;

  TransitionSystem& system_;
  const Layout& layout_;
  const Program& program_;
  const MachinePlatform& machine_;
  ReferenceHostPlatform host_;
  const GlobalBindings& globals_;
  const GlobalBindings& reference_globals_;
  std::vector<std::string>& reasons_;
  std::optional<VarId> lost_;
  std::map<std::string, Use> uses_;  ///< of all functions that have run
  std::vector<Told> told_;
};

}  // namespace airlock
