#include "model/kernel/index.hpp"

#include <algorithm>
#include <cctype>

#include "model/kernel/lens.hpp"
#include "model/kernel/reader.hpp"

namespace airlock::kernel {

void Index::add(const std::string& path, const Normalised& file, bool from_lens) {
  ++files_;
  if (from_lens && tree_enumerators_.empty()) {
    tree_enumerators_ = enumerators_;
  }
  texts_.push_back({path, file.text, false, from_lens, 0, {}});
  for (const Note& note : file.notes) {
    if (note.kind == NoteKind::Undecided || note.kind == NoteKind::UndecidedCut) {
      texts_.back().undecided.emplace_back(note.line, note.end_line, note.text);
    }
    if (note.kind == NoteKind::NotCompiled) {
      texts_.back().not_compiled.emplace_back(note.line, note.end_line);
    }
  }
  const auto id = static_cast<std::uint32_t>(texts_.size() - 1);
  TextReader(*this, id, from_lens, &file.notes).read_file();
  for (const Macro& macro : file.macros) {
    if (from_lens) {
      if (const auto had = macros_.find(macro.name); had != macros_.end()) {
        tree_macros_.insert(*had);
      }
      macros_.insert_or_assign(macro.name, macro);
    } else {
      macros_.insert({macro.name, macro});
    }
  }
}

const std::vector<const FunctionText*>& Index::functions_named(const std::string& name) const {
  static const std::vector<const FunctionText*> nobody;
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nobody : found->second;
}

const FunctionText* Index::function(const std::string& name, const std::string& path) const {
  const FunctionText* visible = nullptr;
  const FunctionText* here = nullptr;
  for (const FunctionText* each : functions_named(name)) {
    if (each->from_lens) {
      return each;
    }
    if (each->path == path && here == nullptr) {
      here = each;
    }
    const bool header = each->path.ends_with(".h");
    if ((!each->is_static || header) &&
        (visible == nullptr || (visible->is_static && !each->is_static))) {
      visible = each;
    }
  }
  return here != nullptr ? here : visible;
}

const Struct* Index::structure(const std::string& name) const {
  const auto found = structures_.find(name);
  return found == structures_.end() ? nullptr : &found->second;
}

const Field* Index::field(const std::string& structure_name, const std::string& name) const {
  const Struct* where = structure(structure_name);
  if (where == nullptr) {
    return nullptr;
  }
  for (const Field& each : where->fields) {
    if (each.name == name) {
      return &each;
    }
  }
  for (const Field& each : where->fields) {
    if (each.name.empty()) {
      if (const Field* inner = field(each.type.base, name)) {
        return inner;
      }
    }
  }
  return nullptr;
}

Type Index::plain(Type type) const {
  for (unsigned round = 0; round < 20; ++round) {
    const auto found = typedefs_.find(type.base);
    if (found == typedefs_.end()) {
      return type;
    }
    Type target = found->second;
    target.pointers += type.pointers;
    target.arrays += type.arrays;
    target.function = target.function || type.function;
    type = target;
  }
  return type;
}

bool Index::is_type(const std::string& name) const {
  return typedefs_.contains(name);
}

const Macro* Index::macro(const std::string& name) const {
  const auto found = macros_.find(name);
  return found == macros_.end() ? nullptr : &found->second;
}

const Enumerator* Index::enumerator(const std::string& name) const {
  const auto found = enumerators_.find(name);
  return found == enumerators_.end() ? nullptr : &found->second;
}

bool Index::from_machine(const std::string& name) const {
  const Macro* found = macro(name);
  if (found != nullptr && found->file == "airlock/svm.h") {
    return true;
  }
  const Enumerator* e = enumerator(name);
  return e != nullptr && e->path == "airlock/svm.h";
}

const Global* Index::global(const std::string& name) const {
  const auto found = globals_.find(name);
  return found == globals_.end() ? nullptr : &found->second;
}

const Type* Index::prototype(const std::string& name) const {
  const auto found = prototypes_.find(name);
  return found == prototypes_.end() ? nullptr : &found->second;
}

std::string_view Index::slice(std::uint32_t text_id, std::uint32_t begin, std::uint32_t end) const {
  return std::string_view(texts_[text_id].text).substr(begin, end - begin);
}

std::string_view Index::text_of(const Node* node) const {
  return slice(node->text_id, node->begin, node->end);
}

namespace {

bool word_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// A macro's body with arguments in place of parameters, as the preprocessor would, ## and # too.
std::string substituted(const Macro& macro, const std::vector<std::string>& arguments) {
  const std::string& body = macro.body;
  std::string result;
  std::size_t at = 0;
  while (at < body.size()) {
    if (body[at] == '"' || body[at] == '\'') {
      const char quote = body[at];
      const std::size_t begin = at++;
      while (at < body.size() && body[at] != quote) {
        at += body[at] == '\\' ? 2 : 1;
      }
      at = std::min(at + 1, body.size());
      result += body.substr(begin, at - begin);
      continue;
    }
    if (body.compare(at, 2, "##") == 0) {
      while (!result.empty() && result.back() == ' ') {
        result.pop_back();
      }
      at += 2;
      while (at < body.size() && body[at] == ' ') {
        ++at;
      }
      continue;
    }
    if (body[at] == '#' && macro.parameters) {
      ++at;
      while (at < body.size() && word_char(body[at])) {
        ++at;
      }
      result += "\"\"";
      continue;
    }
    if (!word_char(body[at])) {
      result += body[at++];
      continue;
    }
    const std::size_t begin = at;
    while (at < body.size() && word_char(body[at])) {
      ++at;
    }
    const std::string word = body.substr(begin, at - begin);
    bool replaced = false;
    if (macro.parameters) {
      for (std::size_t i = 0; i < macro.parameters->size() && !replaced; ++i) {
        std::string name = (*macro.parameters)[i];
        const bool rest = name.ends_with("...");
        if (rest) {
          name.resize(name.size() - 3);
          if (name.empty()) {
            name = "__VA_ARGS__";
          }
        }
        if (word != name) {
          continue;
        }
        replaced = true;
        if (!rest) {
          result += i < arguments.size() ? arguments[i] : "";
          continue;
        }
        for (std::size_t j = i; j < arguments.size(); ++j) {
          result += (j > i ? ", " : "") + arguments[j];
        }
      }
    }
    if (!replaced) {
      result += word;
    }
  }
  return result;
}

/// Without calls of macros that are no code: their arguments need not even be C.
std::string without_calls(std::string body, const std::vector<std::string>& nothing) {
  for (std::size_t at = 0; at < body.size();) {
    if (!word_char(body[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < body.size() && word_char(body[end])) {
      ++end;
    }
    const std::string word = body.substr(at, end - at);
    std::size_t open = end;
    while (open < body.size() && body[open] == ' ') {
      ++open;
    }
    const bool is_nothing =
        open < body.size() && body[open] == '(' &&
        std::any_of(nothing.begin(), nothing.end(),
                    [&](const std::string& pattern) { return matches(pattern, word); });
    if (!is_nothing) {
      at = end;
      continue;
    }
    unsigned depth = 0;
    std::size_t close = open;
    for (; close < body.size(); ++close) {
      depth += body[close] == '(' ? 1 : 0;
      if (body[close] == ')' && --depth == 0) {
        break;
      }
    }
    body.erase(at, std::min(close + 1, body.size()) - at);
  }
  return body;
}

std::string one_line(std::string_view text) {
  std::string result(text);
  std::replace(result.begin(), result.end(), '\n', ' ');
  return result;
}

}  // namespace

/// A block with what the macro became: one expression statement, or the statements of a body.
Node* Index::expand(const Node* call, const Macro& macro) {
  const auto [at, is_new] = expanded_.try_emplace(call, nullptr);
  if (is_new) {
    at->second = expand_anew(call, macro);
  }
  return at->second;
}

Node* Index::expand_anew(const Node* call, const Macro& macro) {
  std::vector<std::string> arguments;
  if (macro.parameters) {
    for (std::size_t i = 1; i < call->kids.size(); ++i) {
      arguments.push_back(one_line(text_of(call->kids[i])));
    }
  }
  std::string body = without_calls(substituted(macro, arguments), nothing_);
  const std::string& path = texts_[call->text_id].path;
  const std::string key = path + ":" + std::to_string(call->line) + ":" + body;
  const auto found = expansions_.find(key);
  if (found != expansions_.end()) {
    return found->second;
  }
  Node* result = nullptr;
  if (!body.empty() && body.size() < 4000) {
    texts_.push_back({path,
                      "void f(void) { " + body + "; }\n",
                      true,
                      texts_[call->text_id].from_lens,
                      call->line,
                      {}});
    const auto id = static_cast<std::uint32_t>(texts_.size() - 1);
    result = TextReader(*this, id, false).read_body();
  }
  if (result != nullptr) {
    std::erase_if(result->kids, [](const Node* kid) { return kid->is == Is::empty; });
    bool broken = false;
    walk(result, [&](const Node* node) { broken = broken || node->is == Is::bad; });
    if (broken) {
      result = nullptr;
    }
  }
  expansions_[key] = result;
  return result;
}

Node* Index::parse_expression(const std::string& text, const std::string& path,
                              std::uint32_t line) {
  texts_.push_back({path, "void f(void) { " + text + "; }\n", true, false, line, {}});
  const auto id = static_cast<std::uint32_t>(texts_.size() - 1);
  Node* block = TextReader(*this, id, false).read_body();
  if (block == nullptr || block->kids.empty() || block->kids[0]->is != Is::expression) {
    return nullptr;
  }
  return block->kids[0]->kids[0];
}

}  // namespace airlock::kernel
