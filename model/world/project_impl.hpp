// What a project consists of: its files, fixes, parameters and actors. Internal to model/world.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "model/software/program.hpp"
#include "model/system/input_error.hpp"
#include "model/world/compose.hpp"
#include "model/world/platform.hpp"
#include "model/world/project.hpp"

namespace airlock {

struct Project::Impl {
  std::string name;
  std::vector<SourceFile> base;    // empty where there are rows
  std::vector<Variant> rows;       // the properties' files are among each one's
  std::optional<Entries> entries;  // of rows that have none of their own; nothing: by name
  std::vector<Fix> fixes;
  std::vector<std::pair<std::string, std::string>> parameter_values;  // in order of application
  std::map<std::string, SourceLocation> places;
  std::map<std::string, bool> actor_defaults;
  std::map<std::string, bool> feature_defaults;
  machine::Features features;  ///< those that are on
  std::vector<Unreached> unreached;
  bool has_manifest = false;  ///< else C files alone
  std::map<std::string, std::vector<std::string>> values;
  Settings settings;
  std::map<std::string, std::string> changed_texts;  // of fixes' files, by path
  std::vector<Parameter> parameters;
  std::vector<Actor> actors;
  std::vector<std::string> property_names;
  bool with_can_continue = true;  // false: worlds lack always_can_continue

  void add_file(const std::string& path);

  void add_manifest(const std::string& directory);

  /// The stock guarantees and guards, but for a file whose text the model has already.
  void add_stock_properties();

  void add_stock_file(std::string_view stock);

  /// Settles which features are on, and adds their properties. Throws InputError for unknown ones.
  void add_features();

  /// The row's, or the one base.
  [[nodiscard]] const Variant* row_of(const Fix& fix) const;
  [[nodiscard]] const std::vector<SourceFile>& base_of(const Fix& fix) const;
  [[nodiscard]] Entries entries_of(const Fix& fix, const Program& program) const;
  /// The names that actors can have: those of the first row, and of rows with entries of their own.
  [[nodiscard]] std::vector<std::string> actor_names(const Program& program) const;
  void check_rows() const;

  [[nodiscard]] std::vector<SourceFile> fix_sources(const Fix& fix) const;

  /// `path` is a base file or a fix's.
  void replace_text(const std::string& path, const std::string& text);
  /// In every row that has the file, if one has.
  bool replace_in_rows(const std::string& path, const std::string& text);

  /// Errors come from places that know where, but not always what stands there.
  [[nodiscard]] InputError with_line(const InputError& error, const Fix& fix) const;

  /// A platform without a system of its own, for checking programs.
  struct Skeleton {
    explicit Skeleton(const machine::Features& features)
        : layout(add_layout(system, {.features = features})) {}
    TransitionSystem system;
    Layout layout;
    MachinePlatform platform{layout};
  };

  [[nodiscard]] Program read(const Fix& fix, const Platform& platform) const;

  /// `strict`: every --set must be some file's parameter. At `open` the fixes that will be asked
  /// for are not known yet, and one may bring the parameter.
  [[nodiscard]] Program check(const Fix& fix, const Platform& platform, bool strict = true) const;

  /// A fix may bring parameters of its own; other rows then have nothing to set.
  [[nodiscard]] bool declared_by_a_fix(const std::string& key, const Platform& platform) const;

  /// The world's own parameters exist whether or not a file declares them.
  static bool is_builtin(const std::string& key);
  static bool declares(const Program& program, const std::string& key);

  void set_parameter(Program& program, const std::string& key, const std::string& value,
                     const Platform& platform) const;

  /// Where the manifest names it.
  [[nodiscard]] SourceLocation place_of(const std::string& key) const;

  static std::uint64_t builtin_value(const std::string& key, const std::string& value,
                                     const Platform& platform);

  [[nodiscard]] std::uint64_t parameter(const Program& program, const std::string& key,
                                        std::uint64_t otherwise, const Platform& platform) const;

  [[nodiscard]] std::set<std::string> enabled_actors(const Entries& all) const;

  void check_actor_names(const Program& program) const;

  /// What --guest-without names. Throws InputError for other words.
  [[nodiscard]] std::set<machine::Instruction> guest_without() const;

  /// Fills the lists that `airlock list` shows, from the base alone.
  void describe();

  [[nodiscard]] std::vector<Parameter> parameters_of(const Program& program,
                                                     const Platform& platform) const;

  /// The parameter as it would be with another value, which `program` then has. Throws InputError.
  [[nodiscard]] Parameter with_value(Program& program, const std::string& key,
                                     const std::string& value, const Platform& platform) const;

  /// What [values] says must be about a parameter of the base or of a fix, and possible.
  void check_values(Program& program, const Platform& platform) const;

  /// Throws InputError where a function, a global or a parameter of the fix's files has no effect:
  /// nothing calls it, or reads it. project_effect.cpp says when that is an error.
  void check_effect(const Fix& fix, const Program& program, const Entries& entries) const;
  /// The same of what the last of its files brings.
  void check_effect_of_last(const Fix& fix, const Program& program, const Entries& entries,
                            const Platform& platform) const;
  /// Functions of the model's own files and the fix's (headers are for many models) that no world
  /// can enter, whichever actors are on, and no property calls.
  [[nodiscard]] std::set<std::string> functions_of_no_use(const Fix& fix, const Program& program,
                                                          const Entries& entries) const;

  /// Where a parameter of the world gets its value.
  [[nodiscard]] SourceLocation place_of(const Program& program, const std::string& key) const;

  static std::string shown_builtin(const std::string& key, std::uint64_t value);
  static Display machine_debugctl_display();
  static std::string builtin_text(const std::string& key);

  /// The functions from which everything runs that a run of the world runs.
  [[nodiscard]] static std::set<std::string> entered(const Entries& entries,
                                                     const std::set<std::string>& actors);

  /// `options`: what to add to the world; parameters come from the program. `coverage`, if given,
  /// gets what the world's C code and its properties consist of; `numbering`, if given, is
  /// continued.
  [[nodiscard]] LaidOutWorld build(const Fix& fix, WorldOptions options,
                                   CoverageWorld* coverage = nullptr,
                                   Numbering* numbering = nullptr,
                                   const GuestSource* guest = nullptr) const;
  /// The program without the rest of the world.
  [[nodiscard]] LaidOutWorld build_guest_alone(const Fix& fix, const GuestSource& guest) const;
  /// What the fix's parameters say of the machine.
  void set_machine(const Fix& fix, const Program& program, const Platform& platform,
                   WorldOptions& options) const;

  /// Where a fix's pieces are: in its own files, and where the base calls its functions.
  struct ScopedFile {
    const SourceFile* file;
    ElementScope scope;
  };
  [[nodiscard]] std::vector<ScopedFile> scopes_of(const Fix& what,
                                                  const std::vector<SourceFile>& fix) const;
  [[nodiscard]] std::vector<ScopedFile> scopes_of_row(const Fix& fix) const;
  /// The functions of a row's file that the first row has not, or says otherwise.
  [[nodiscard]] std::map<std::string, FunctionText> changed_functions(const SourceFile& file) const;
  /// A property or guest_dr6(): evaluated, and not run.
  [[nodiscard]] bool is_evaluated(const Fix& fix, const std::string& function) const;

  /// The world with another value of a parameter. An InputError says which value.
  [[nodiscard]] TransitionSystem build_with(const Fix& fix, const OtherValue& other,
                                            Numbering& numbering) const;
};

/// The first sentence of a file's opening comment.
std::string summary_of(const std::string& text);
/// "a, b, c", or "(none)".
std::string joined_list(const std::vector<std::string>& names);

}  // namespace airlock
