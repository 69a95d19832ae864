// A project: what the command line's MODEL… names, opened and checked, from which worlds are built.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "model/software/mutate.hpp"
#include "model/software/relax.hpp"
#include "model/system/marker.hpp"
#include "model/system/system.hpp"
#include "model/world/entries.hpp"
#include "model/world/guest_code.hpp"
#include "model/world/manifest.hpp"
#include "model/world/noninterference.hpp"

namespace airlock {

/// What the user asked for beside MODEL and --fix. Names are checked by Project::open.
struct Settings {
  std::map<std::string, std::string> parameters;  ///< --set NAME=VALUE, unparsed
  std::vector<std::string> add_actors;            ///< --actor NAME
  std::vector<std::string> remove_actors;         ///< --no-actor NAME
  std::vector<std::string> add_features = {};     ///< --feature NAME
  std::vector<std::string> remove_features = {};  ///< --no-feature NAME
  std::vector<std::string> guest_without = {};    ///< --guest-without, instructions by word
  bool guarantees = false;  ///< --guarantees: the stock properties belong to the model
  std::optional<GuestSource> guest = {};  ///< --guest: what the guest runs, in build() alone
};

struct Fix {
  std::string name;                ///< "merged"; "none" for the base alone; "a+b" for a stack
  std::vector<std::string> files;  ///< applied in order
  std::string summary;             ///< first sentence of the first file's opening comment
  std::string row = {};            ///< the Variant on which `files` go; empty: the one base
};

/// A row of a model that is given as a value: a version of everything that is not a property.
struct Variant {
  std::string name;  ///< unique; not empty
  std::string summary;
  std::vector<SourceFile> files;    ///< translation units, in order
  std::vector<SourceFile> headers;  ///< all that `#include "x.h"` finds, by path
  std::optional<Entries> entries;   ///< else the model's
};

/// A model as a value: what the kernel's trees, patches and revisions become.
struct ModelSources {
  std::string name;
  std::vector<Variant> rows;           ///< at least one; what the others are compared with first
  std::vector<SourceFile> properties;  ///< belong to each row
  std::optional<Entries> entries;      ///< else by name (entries_by_name)
  std::map<std::string, bool> actors;  ///< defaults; an actor that is not named is on
  std::vector<std::pair<std::string, std::string>> parameters;  ///< as --set takes them
  std::map<std::string, std::vector<std::string>> values;       ///< as in a manifest
  std::vector<Unreached> unreached;
};

struct FeatureSwitch {
  std::string name;
  bool enabled;
  std::string text;
};

struct Parameter {
  std::string name;
  std::uint64_t value;
  std::string shown;  ///< by bit names where the value was given by name ("LBR|BTF"), else decimal
  std::string text;   ///< the comment at its declaration
};

struct Actor {
  std::string name;
  bool enabled;
  std::string text;  ///< the comment at its definition
};

/// One world: the transition system with all choices free and the default pins beside it
/// (Choice::default_option).
struct World {
  Fix fix;
  TransitionSystem system;
};

/// A world whose guest runs a program; or that guest alone on the machine.
struct GuestWorld {
  TransitionSystem system;
  GuestOutcome outcome;
};

/// How the costs of a row are measured: a system with counters. In every reachable state where
/// `complete` is true, the counters hold the DebugCtl MSR accesses of one measured stretch.
struct CostWorld {
  TransitionSystem system;
  Expr entry_complete;     ///< a vcpu_enter_guest with exactly one VMRUN has just ended
  Expr fastpath_complete;  ///< a further VMRUN of the inner loop has just been reached
  VarId rdmsr;             ///< valid where one of the two is true; saturates at 15
  VarId wrmsr;
};

/// A world that remembers whether its guest has run and exited.
struct RememberingWorld {
  TransitionSystem system;
  Expr guest_has_run;
};

/// What a world need not keep to: it can do all that the world without this can.
struct Relaxation {
  std::set<std::size_t> elements;  ///< of Project::elements
  std::set<std::string> actors;    ///< run too
};

/// A value that a parameter may have instead of the one in force.
struct OtherValue {
  std::string parameter;
  std::string text;   ///< as --set takes it
  std::string shown;  ///< as Parameter::shown
};

/// A world as it would be with another value of a parameter. What is the same in both has the same
/// name and, for places and reasons of undefined behaviour, the same number.
struct OtherWorld {
  OtherValue value;
  /// Throws InputError. To be called while the project lives, by one thread at a time.
  std::function<TransitionSystem()> build;
};

/// A world with markers, what its C code consists of, and what other values make of it.
struct CoverageWorld {
  Fix fix;
  TransitionSystem system;
  std::vector<CodePoint> code;
  std::vector<PropertyOperand> operands;  ///< of the system's properties
  std::vector<OtherWorld> others;
  std::vector<Parameter> single;  ///< parameters for which [values] names no other value
};

class Project {
 public:
  /// `models`: directories with an airlock.toml, or C files, in any mixture. Throws InputError.
  static Project open(const std::vector<std::string>& models, const Settings& settings);
  /// A model from memory. Each row is a fix without files of its own: fixes() are the rows.
  /// Nothing is read from disk but what fix() is asked to put on top of a row. Throws InputError.
  static Project of(ModelSources model, const Settings& settings);
  ~Project();
  Project(Project&&) noexcept;
  Project& operator=(Project&&) noexcept;

  [[nodiscard]] const std::string& name() const;  ///< the MODEL arguments, joined with a space
  /// The fixes of the manifest, "none" first; or the rows.
  [[nodiscard]] const std::vector<Fix>& fixes() const;
  /// A fix by --fix's value: a name of the manifest or of a row, a path, or several joined with
  /// '+' (of rows, at most one).
  [[nodiscard]] Fix fix(const std::string& spec) const;
  [[nodiscard]] const std::vector<Parameter>& parameters() const;
  /// Those that the fix brings are among them.
  [[nodiscard]] std::vector<Parameter> parameters(const Fix& fix) const;
  [[nodiscard]] const std::vector<Actor>& actors() const;
  /// All that there are.
  [[nodiscard]] std::vector<FeatureSwitch> features() const;
  /// Of the base, in the order of its worlds: its own, then the two that every world has.
  [[nodiscard]] const std::vector<std::string>& property_names() const;
  /// All source files with their contents, base first: for hashes and listings. What a row says
  /// otherwise than the first goes by "path (row)".
  [[nodiscard]] std::map<std::string, std::string> sources() const;

  /// Composes the world. Throws InputError for what is wrong in the files. Thread-safe.
  [[nodiscard]] World build(const Fix& fix) const;
  /// The world in which the guest runs this program.
  [[nodiscard]] GuestWorld build_with_guest(const Fix& fix, const GuestSource& guest) const;
  /// The program on bare metal, on a CPU as the guest's virtual one is under this fix.
  [[nodiscard]] GuestWorld build_guest_alone(const Fix& fix, const GuestSource& guest) const;
  [[nodiscard]] CostWorld build_for_cost(const Fix& fix) const;
  [[nodiscard]] CoverageWorld build_for_coverage(const Fix& fix) const;
  /// Whether a directory with an airlock.toml is among the models, which could name what may stay
  /// unreached.
  [[nodiscard]] bool has_manifest() const;
  /// What may stay unreached: the manifests' [unreached].
  [[nodiscard]] const std::vector<Unreached>& unreached() const;
  /// The products of noninterference.hpp, of the fix's world with itself.
  [[nodiscard]] TwinSystem build_host_to_guest(const Fix& fix) const;
  [[nodiscard]] TwinSystem build_guest_to_host(const Fix& fix) const;
  /// The product of this project's world and `changed`'s, of one fix: see equivalence().
  [[nodiscard]] TransitionSystem build_equivalence(const Project& changed, const Fix& fix) const;
  /// See silence_ends().
  [[nodiscard]] TransitionSystem build_silence(const Fix& fix) const;
  [[nodiscard]] RememberingWorld build_with_memory(const Fix& fix) const;
  /// The same project with another text in the file at `path`, which is a base file (of every row
  /// that has it) or a fix's.
  [[nodiscard]] Project with_text(const std::string& path, const std::string& text) const;
  /// Every small change of the fix: of its files, and of where the base calls its functions. Of a
  /// row without files: of the functions that it has otherwise than the first row. Those that no
  /// front end would accept are among them.
  [[nodiscard]] std::vector<Mutant> mutants(const Fix& fix) const;

  /// What the fix says, piece by piece: its functions (but for properties and guest_dr6(), which
  /// are evaluated and not run), and where the base's calls of them stand to interrupt boundaries.
  /// Of a row without files: the functions that it has otherwise than the first row.
  [[nodiscard]] std::vector<Element> elements(const Fix& fix) const;
  /// Without always_can_continue: stating it would take as long as all the rest.
  [[nodiscard]] World build_relaxed(const Fix& fix, const Relaxation& relaxation) const;
  /// The same project with another value of a parameter, as --set takes it.
  [[nodiscard]] Project with_parameter(const std::string& name, const std::string& value) const;
  /// The values that the manifests' [values] name for the fix's parameters and that are not in
  /// force, each once, in the order of parameters(fix) and of the manifest.
  [[nodiscard]] std::vector<OtherValue> other_values(const Fix& fix) const;

 private:
  struct Impl;
  explicit Project(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace airlock
