// A lens: how to look at a kernel tree. lens.toml has the names, the C files beside it the bodies.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/kernel/words.hpp"
#include "model/software/program.hpp"
#include "model/system/system.hpp"

namespace airlock::kernel {

/// A name of the lens with its place in lens.toml and why it is there.
struct Named {
  std::vector<std::string> names;  ///< alternatives, "a|b"; a pattern may hold '*'
  bool optional = false;           ///< "c?": no error if the tree has none of them
  std::string reason;
  SourceLocation place;
  std::string line;
};

/// [assume] EXPRESSION = { is = VALUE, why = "…" }. The expression is a call "is_guest_mode()", a
/// field "struct kvm_vcpu.guest_debug" or a global "nrips". With in = "FUNCTION" it is assumed of
/// what stands in that function alone.
struct Assumption {
  Named what;
  std::string value;  ///< C text: a number, or an expression of the C half's names
  std::string in;     ///< a pattern of functions' names; empty: everywhere
  mutable bool used = false;
};

struct TrackedStruct {
  Named type;  ///< "struct vmcb_save_area"
  /// Field -> mask in C; "" for the whole field; "=object" where an object of the C half holds it.
  std::map<std::string, std::string> fields;
  std::vector<std::string> optional_fields;
};

/// [tables]: calls through something that has a static initialiser in the tree.
struct Table {
  Named pattern;                  ///< "kvm_x86_call(*)", "static_call(kvm_x86_*)", "kvm_x86_ops.*"
  std::string initialiser;        ///< "svm_x86_ops": designated by name; or "svm_exit_handlers[]"
  std::vector<std::string> only;  ///< for arrays: the indices that the machine can produce
};

struct Singleton {
  Named type;          ///< "struct kvm_vcpu"
  std::string object;  ///< "airlock_svm.vcpu": an lvalue of the C half
};

/// [machine.access]: a function whose access counts only for one value of an argument.
struct GuardedAccess {
  Named what;
  unsigned argument = 0;
  std::vector<std::string> values;  ///< C texts of constants: "MSR_IA32_DEBUGCTLMSR"
};

struct Entry {
  std::string name;  ///< vcpu_create, vcpu_run, irq_perf, ...
  std::vector<Named> functions;
};

struct Lens {
  std::string path;                   ///< the directory
  std::string toml;                   ///< its text, for hashes
  std::vector<SourceFile> bodies;     ///< the C half
  std::vector<Named> files;           ///< globs; one that begins with '!' excludes
  std::vector<std::string> searched;  ///< of them, those that are only searched for writers
  /// [config], and what the .config file says that [tree] names, where [config] says nothing.
  std::map<std::string, std::string> config;
  std::vector<SourceFile> config_files;  ///< that file, for hashes; at most one
  std::vector<Entry> entries;
  std::vector<Singleton> singletons;
  std::vector<TrackedStruct> tracked;
  std::vector<GuardedAccess> accesses;
  /// [machine.raw]: functions of the tree that access the machine below what the C half binds.
  /// Where an entry reaches one that may be about these values, that is an error.
  std::vector<GuardedAccess> raw;
  [[nodiscard]] const GuardedAccess* raw_of(const std::string& name) const;
  std::vector<Named> tighten, loosen;  ///< interrupts and preemption off; on
  std::vector<Named> boundaries;       ///< functions at whose beginning a step ends
  std::vector<Table> tables;
  std::vector<Assumption> assumptions;
  std::vector<Named> opaque, harmless;
  std::vector<Named> transparent;  ///< macros that are their first argument: likely(), WARN_ON()
  std::vector<Named> nothing;      ///< macros that are no code: BUILD_BUG_ON()
  Words words;                     ///< specs/lens/words.txt
  std::vector<Named> free;         ///< functions whose untracked choices can come true, and why
  std::vector<Named> writers;      ///< functions that may write the machine and are no actors
  /// [tree] properties: those whose subject the lens follows, which `check` asks by default. What
  /// it says of others may be a false alarm. Empty: all.
  std::vector<Named> properties;
};

/// The lens for KVM on AMD SVM that comes with the program (specs/lens/kvm-svm).
inline constexpr const char* default_lens = "airlock:lens/kvm-svm";

/// Reads directory/lens.toml and the C files that it names. Throws InputError with the place.
Lens read_lens(const std::string& directory);

/// Whether a name matches a pattern with '*'.
bool matches(std::string_view pattern, std::string_view name);

}  // namespace airlock::kernel
