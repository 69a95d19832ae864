// What the files of a tree define: functions, types, constants, macros, initialised objects.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "model/kernel/normalise.hpp"
#include "model/kernel/syntax.hpp"
#include "model/software/program.hpp"

namespace airlock::kernel {

struct Field {
  std::string name;  ///< "" for an anonymous struct or union
  Type type;
  bool bits = false;      ///< a bit-field
  bool in_union = false;  ///< shares its place with others
};

struct Struct {
  std::string name;  ///< with "struct " or "union "
  bool is_union = false;
  std::vector<Field> fields;
  std::string path;
  std::uint32_t line = 0;
};

struct Parameter {
  std::string name;
  Type type;
};

struct FunctionText {
  std::string name;
  std::string path;
  std::uint32_t text_id = 0;
  std::uint32_t line = 0;
  std::uint32_t begin = 0, end = 0;            ///< the whole definition
  std::uint32_t list_begin = 0, list_end = 0;  ///< "(parameters)"
  std::uint32_t name_begin = 0, name_end = 0;
  std::uint32_t type_begin = 0, type_end = 0;  ///< what stands before the name: type, pointers
  bool is_static = false;
  bool from_lens = false;
  Type result;
  std::vector<Parameter> parameters;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> parameter_ranges;
  bool variadic = false;
  Node* body = nullptr;
  bool has_bad = false;
  unsigned id = 0;
  [[nodiscard]] std::string place() const { return path + ":" + std::to_string(line); }
};

struct Global {
  std::string name;
  Type type;
  Node* initialiser = nullptr;
  std::string path;
  std::uint32_t line = 0;
};

struct Enumerator {
  std::string name, path, tag;
  const Node* value = nullptr;  ///< as written
  const Enumerator* previous = nullptr;
  std::string previous_name = {};
  std::uint32_t line = 0;
};

/// A text that nodes stand in: a file's, or what a macro became.
struct Text {
  std::string path;
  std::string text;
  bool expansion = false;
  bool from_lens = false;
  std::uint32_t line = 0;  ///< of an expansion: where
  /// Lines of conditionals whose condition is not known, both sides of which are in the text.
  std::vector<std::tuple<unsigned, unsigned, std::string>> undecided = {};
  /// First and last lines of what the configuration rules out.
  std::vector<std::pair<unsigned, unsigned>> not_compiled = {};
};

class Index {
 public:
  /// Reads a file that the normaliser has been over.
  void add(const std::string& path, const Normalised& file, bool from_lens = false);

  /// The function that a call in `path` means: of the C half, else of that file, else the only one
  /// that other files can see; null if there is none.
  [[nodiscard]] const FunctionText* function(const std::string& name,
                                             const std::string& path) const;
  [[nodiscard]] const std::vector<std::unique_ptr<FunctionText>>& functions() const {
    return functions_;
  }
  [[nodiscard]] const std::vector<const FunctionText*>& functions_named(const std::string& n) const;
  [[nodiscard]] const Struct* structure(const std::string& name) const;
  /// The field, searched in anonymous members too.
  [[nodiscard]] const Field* field(const std::string& structure, const std::string& name) const;
  /// The struct that declares it (an anonymous one counts as the one around it).
  [[nodiscard]] const std::map<std::string, Struct>& structures() const { return structures_; }
  [[nodiscard]] Type plain(Type type) const;  ///< typedefs resolved
  [[nodiscard]] bool is_type(const std::string& name) const;
  [[nodiscard]] const Macro* macro(const std::string& name) const;
  [[nodiscard]] const Enumerator* enumerator(const std::string& name) const;
  [[nodiscard]] const Global* global(const std::string& name) const;
  [[nodiscard]] const Type* prototype(const std::string& name) const;
  [[nodiscard]] const std::map<std::string, std::vector<Parameter>>& prototypes() const {
    return prototype_parameters_;
  }
  [[nodiscard]] const std::map<std::string, Type>& typedefs() const { return typedefs_; }
  [[nodiscard]] const std::map<std::string, Enumerator>& enumerators() const {
    return enumerators_;
  }
  [[nodiscard]] const std::map<std::string, Macro>& macros() const { return macros_; }
  [[nodiscard]] const std::map<std::string, Global>& globals() const { return globals_; }

  [[nodiscard]] std::string_view text_of(const Node* node) const;
  [[nodiscard]] std::string_view slice(std::uint32_t text_id, std::uint32_t begin,
                                       std::uint32_t end) const;
  [[nodiscard]] const Text& text(std::uint32_t id) const { return texts_[id]; }
  [[nodiscard]] unsigned files() const { return files_; }
  /// What the tree itself says of a name that the machine's header has, too: an expression; null.
  [[nodiscard]] const std::map<std::string, Macro>& tree_macros() const { return tree_macros_; }
  [[nodiscard]] const std::map<std::string, Enumerator>& tree_enumerators() const {
    return tree_enumerators_;
  }
  /// Whether <airlock/svm.h> defines the constant.
  [[nodiscard]] bool from_machine(const std::string& name) const;

  /// Calls of these are no code, also in what macros become: patterns with '*'.
  void ignore(std::vector<std::string> patterns) { nothing_ = std::move(patterns); }
  /// Parses what a macro became as a statement list; null if it is none. Cached by the call, for a
  /// name means one macro.
  Node* expand(const Node* call, const Macro& macro);
  Node* parse_expression(const std::string& text, const std::string& path, std::uint32_t line);

 private:
  friend class TextReader;
  Node* expand_anew(const Node* call, const Macro& macro);
  Node* make(Is is) {
    nodes_.emplace_back();
    nodes_.back().is = is;
    return &nodes_.back();
  }
  std::deque<Node> nodes_;
  std::deque<Text> texts_;
  std::vector<std::unique_ptr<FunctionText>> functions_;
  std::map<std::string, std::vector<const FunctionText*>> by_name_;
  std::map<std::string, Struct> structures_;
  std::map<std::string, Type> typedefs_;
  std::map<std::string, Enumerator> enumerators_;
  std::map<std::string, Global> globals_;
  std::map<std::string, Macro> macros_, tree_macros_;
  std::map<std::string, Enumerator> tree_enumerators_;
  std::map<std::string, Type> prototypes_;
  std::map<std::string, std::vector<Parameter>> prototype_parameters_;
  std::map<std::string, Node*> expansions_;          ///< by place and text
  std::unordered_map<const Node*, Node*> expanded_;  ///< by the call
  unsigned files_ = 0;
  std::vector<std::string> nothing_;
};

}  // namespace airlock::kernel
