// Checked C programs: spec files parsed with tree-sitter, names resolved, types checked.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "model/system/marker.hpp"
#include "model/system/system.hpp"

namespace airlock {

struct SourceFile {
  std::string path;  ///< as shown in messages
  std::string text;
};

/// A function defined in the program, after fixes have replaced functions of the same name.
struct Function {
  std::string name;
  SourceLocation location;
  std::string comment;  ///< the comment right above it, without its stars, paragraphs kept
  bool returns_bool = false;
  bool returns_u64 = false;
  unsigned parameters = 0;
  /// All that it returns is an &&, or the negation of one.
  bool returns_conjunction = false;
  bool returns_negated_conjunction = false;
};

/// A `const` global of integer type: a parameter of every check.
struct ProgramParameter {
  std::string name;
  std::uint64_t value;
  std::string shown;  ///< as written ("LBR|BTF") where symbolic, else decimal
  std::string comment;
  SourceLocation location;
};

/// What a name is at file scope.
struct Declared {
  enum class Kind { parameter, external, variable, function, enumerator, type, macro };
  Kind kind;
  std::string what;  ///< for messages: "an enumerator"
  SourceLocation location;
};

/// Something in a function that does more than look at the state.
struct Effect {
  enum class Kind { write, call, assume, input };
  Kind kind;
  std::string name;  ///< of what is written or called (a function of the machine's)
  SourceLocation location;
  [[nodiscard]] std::string text() const;
};

/// One scalar of a non-const global: "host_debugctl", "svm.vcpu.arch.dr6".
struct GlobalLeaf {
  std::string path;
  Sort sort;              ///< bool is Bool, everything else its C width
  std::uint64_t initial;  ///< static initialiser, 0 without one
  Display display;        ///< enumerations by their enumerators
  SourceLocation location;
};

/// What some entries make use of, by name.
struct Used {
  std::set<std::string> functions;
  std::set<std::string> objects;
};

class Platform;

class Program {
 public:
  /// Parses and checks. `#include <airlock/svm.h>` reads the header embedded in the library;
  /// `#include "x.h"` is relative to the including file. A fix's functions replace those of the
  /// files before it, its new globals and functions are added; within one file a second definition
  /// is an error. Every problem throws InputError with position, line and what was expected.
  /// `headers`, if not null, are all that `#include "x.h"` can find, by path; else it reads files.
  static Program check(std::span<const SourceFile> base, std::span<const SourceFile> fixes,
                       const Platform& platform, const std::vector<SourceFile>* headers = nullptr);
  ~Program();
  Program(Program&&) noexcept;
  Program& operator=(Program&&) noexcept;

  [[nodiscard]] const std::vector<Function>& functions() const;  ///< in order of definition
  [[nodiscard]] const Function* find_function(const std::string& name) const;
  /// Declared somewhere, defined nowhere.
  [[nodiscard]] std::vector<Function> functions_without_body() const;
  [[nodiscard]] const std::vector<ProgramParameter>& parameters() const;
  /// What `name` is at file scope, and as a macro.
  [[nodiscard]] std::vector<Declared> declared(const std::string& name) const;
  /// All macros, wherever they were defined (built-in ones: in "<built-in>").
  [[nodiscard]] std::map<std::string, SourceLocation> macros() const;
  /// The leaves of all objects at file scope, defined or not, by their C paths.
  [[nodiscard]] std::vector<std::pair<std::string, SourceLocation>> objects() const;
  /// Of a function and its callees, in the order of their code. A store that may write a local is
  /// none.
  [[nodiscard]] std::vector<Effect> effects_of(const std::string& function) const;
  /// Sets a parameter from the command line: see parse_parameter_value(). A name is a #define or an
  /// enumerator of the program, true, false, or one of the manual's or Linux's bit names of the
  /// platform (Platform::bit_name). Throws InputError (file "--set").
  void set_parameter(const std::string& name, const std::string& value);
  [[nodiscard]] const std::vector<GlobalLeaf>& globals() const;
  /// The global leaves that a function reads or writes, its callees included. A struct accessed as
  /// a whole counts with all its leaves.
  [[nodiscard]] std::set<std::string> globals_touched(const std::string& function) const;
  [[nodiscard]] std::set<std::string> globals_written(const std::string& function) const;

  /// Where a function, its callees included, uses assume(); nothing if nowhere.
  [[nodiscard]] std::optional<SourceLocation> assumption_in(const std::string& function) const;

  /// The functions with a body that run from `entries`, callees included, and the objects at file
  /// scope (parameters too) that these may read, write or take the address of.
  [[nodiscard]] Used used_from(const std::set<std::string>& entries) const;
  /// All objects at file scope that have a definition, parameters too, with their places.
  [[nodiscard]] std::map<std::string, SourceLocation> defined_objects() const;

  /// Whether `function`, callees included, may read an object of the machine whose path begins with
  /// `prefix`.
  [[nodiscard]] bool reads_of_machine(const std::string& function, const std::string& prefix) const;

  /// The statements and conditions of what runs from the functions `entries`, callees included, in
  /// the order of the text. Conditions that are constants (parameters count) are not among them.
  [[nodiscard]] std::vector<CodePoint> code_points(const std::set<std::string>& entries) const;

  struct Impl;
  [[nodiscard]] const Impl& impl() const { return *impl_; }

 private:
  explicit Program(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace airlock
