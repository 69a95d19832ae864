// What assembly in a function may write.
//
// Its text is not read as assembly: outputs are operands, and operands are C. So every local that
// the operands name may have been written, whatever the constraint says. The normaliser blanks
// operands that no grammar reads (macros of strings); then every local may have been.
//
// Where assembly writes tracked state or the machine is another question: it is an error until the
// lens says why it does not (effects.cpp).
#include <algorithm>

#include "model/kernel/analysis.hpp"

namespace airlock::kernel {
namespace {

/// A text without its string literals.
std::string without_strings(std::string_view text) {
  std::string result;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"' && (i == 0 || text[i - 1] != '\\')) {
      in_string = !in_string;
    } else if (!in_string) {
      result += text[i];
    }
  }
  return result;
}

}  // namespace

/// Assembly may write every local that it names; where its operands came from a macro and were not
/// read, every local of the function. What a local then holds is not known, whenever it is read.
void Analysis::add_assembly(const Node* assembly, FunctionState& in) {
  const std::string operands = without_strings(assembly->text);
  const std::vector<std::string> words = words_of(operands);
  const bool unread = operands.find(':') == std::string::npos;
  const auto add = [&](const std::string& name) {
    if (unread || std::find(words.begin(), words.end(), name) != words.end()) {
      in.by_assembly.insert(name);
      in.address_taken.insert(name);
    }
  };
  for (const auto& [name, type] : in.types) {
    add(name);
  }
}

/// Adds what all assembly of a function may write, also that of macros.
void Analysis::collect_assembly(FunctionState& in) {
  walk_through(in.text->body, in, [&](const Node* each) {
    const Node* callee = each->is == Is::call ? bare(each->kids[0]) : nullptr;
    if (each->is == Is::assembly || (callee != nullptr && callee->is == Is::name &&
                                     lens_.words.assembly.contains(callee->text))) {
      add_assembly(each, in);
    }
  });
}

}  // namespace airlock::kernel
