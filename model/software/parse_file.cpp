// Files, directives and the top level.
//
// Spec files are read as they are written: tree-sitter's grammar has nodes for the preprocessor's
// lines, so includes, guards and definitions are found in the tree rather than by a pass over
// characters, and every position is one that the author sees. Only what spec files need is there:
// includes, include guards, #if with what is known, #define, #undef. Anything else is an error,
// because to skip a conditional silently would be to check another program.
#include <algorithm>
#include <cctype>
#include <fstream>
#include <sstream>

#include "model/software/embedded.hpp"
#include "model/software/parse.hpp"
#include "model/system/input_error.hpp"

namespace airlock::c {
namespace {

/// Headers whose contents the front end knows by itself.
bool is_builtin_header(const std::string& name) {
  static const std::set<std::string> names{"stdbool.h", "stdint.h", "stddef.h", "linux/types.h"};
  return names.count(name) != 0;
}

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? std::string{} : path.substr(0, slash + 1);
}

/// "a/b/../c" -> "a/c": one name per file, so that a header is known again.
std::string normalised(const std::string& path) {
  std::vector<std::string> parts;
  std::istringstream in(path);
  for (std::string part; std::getline(in, part, '/');) {
    if (part == ".." && !parts.empty() && parts.back() != ".." && !parts.back().empty()) {
      parts.pop_back();
    } else if (part != ".") {
      parts.push_back(part);
    }
  }
  std::string result;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    result += (i == 0 ? "" : "/") + parts[i];
  }
  return result;
}

std::string trim(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  const std::size_t end = text.find_last_not_of(" \t\r\n");
  return begin == std::string::npos ? std::string{} : text.substr(begin, end - begin + 1);
}

/// A macro's body without `//` comments and line continuations.
std::string clean_body(std::string text) {
  for (std::size_t at = text.find('\\'); at != std::string::npos; at = text.find('\\', at + 1)) {
    if (at + 1 < text.size() && (text[at + 1] == '\n' || text[at + 1] == '\r')) {
      text.replace(at, text[at + 1] == '\r' ? 3 : 2, " ");
    }
  }
  const std::size_t comment = text.find("//");
  return trim(comment == std::string::npos ? text : text.substr(0, comment));
}

bool is_identifier(std::string_view text) {
  return !text.empty() && std::isdigit(static_cast<unsigned char>(text[0])) == 0 &&
         std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
}

/// A comment's text without its stars and slashes; paragraphs stay apart.
std::string comment_text(const std::string& raw) {
  std::string body = raw;
  if (body.starts_with("/*")) {
    body = body.substr(2, body.size() >= 4 ? body.size() - 4 : 0);
  }
  std::istringstream in(body);
  std::string result;
  for (std::string line; std::getline(in, line);) {
    std::string content = trim(line);
    if (raw.starts_with("//")) {
      content = trim(content.substr(std::min(content.find_first_not_of('/'), content.size())));
    } else if (content.starts_with("*")) {
      content = trim(content.substr(content.find_first_not_of('*') == std::string::npos
                                        ? content.size()
                                        : content.find_first_not_of('*')));
    }
    result += content + "\n";
  }
  return trim(result);
}

const char* const prelude = R"(
#define BIT(n) (1UL << (n))
#define BIT_ULL(n) (1ULL << (n))
#define GENMASK(h, l) (((2UL << (h)) - 1) & ~((1UL << (l)) - 1))
#define GENMASK_ULL(h, l) (((2ULL << (h)) - 1) & ~((1ULL << (l)) - 1))
#define likely(x) (x)
#define unlikely(x) (x)
#define READ_ONCE(x) (x)
#define WRITE_ONCE(x, val) ((x) = (val))
)";

}  // namespace

FileReader::FileReader(Sources& sources, const std::vector<SourceFile>* headers)
    : sources_(sources), headers_(headers) {
  const std::uint32_t file = sources_.add({"<built-in>", prelude});
  SyntaxFile nothing;
  read_into(file, nothing, true);
  header_macros_.clear();  // a header may define them its own way
}

SyntaxFile FileReader::read(const SourceFile& file) {
  SyntaxFile out;
  out.file = sources_.add(file);
  including_ = {normalised(file.path)};
  read_into(out.file, out, file.path.ends_with(".h"));
  including_.clear();
  // What a .c file defines ends with it; a header among the files is every later file's.
  for (auto macro = macros_.begin(); macro != macros_.end();) {
    const bool keep = header_macros_.count(macro->first) != 0 ||
                      sources_.path(macro->second.loc.file) == "<built-in>";
    macro = keep ? std::next(macro) : macros_.erase(macro);
  }
  std::erase_if(undefined_,
                [&](const auto& each) { return header_undefined_.count(each.first) == 0; });
  return out;
}

void FileReader::read_into(std::uint32_t file, SyntaxFile& out, bool is_header) {
  const ParseTree tree(sources_.text(file), sources_.path(file));
  const SyntaxProblem problem = first_problem(tree);
  if (!problem.message.empty()) {
    sources_.fail({file, problem.position.row + 1, problem.position.column + 1}, problem.message,
                  problem.expected);
  }
  TreeReader(*this, tree, file).items(tree.root(), out, is_header);
}

std::optional<bool> FileReader::is_defined(const std::string& name) const {
  if (macros_.count(name) != 0) {
    return true;
  }
  return undefined_.count(name) != 0 ? std::optional(false) : std::nullopt;
}

bool FileReader::known(const std::string& name, Loc use) const {
  const std::optional<bool> defined = is_defined(name);
  if (!defined) {
    sources_.fail(
        use, "nothing says whether " + name + " is defined",
        "#define " + name + " or #undef " + name + " before it, as in a header of the model");
  }
  return *defined;
}

void FileReader::undefine(const std::string& name, Loc place, bool is_header) {
  if (macros_.count(name) != 0) {
    sources_.fail(place, "#undef of '" + name + "', which is a macro",
                  "a name that is none: #undef says so, for #ifdef");
  }
  undefined_.emplace(name, place);
  if (is_header) {
    header_undefined_.insert(name);
  }
}

void FileReader::define(const Macro& macro, bool is_header) {
  undefined_.erase(macro.name);
  header_undefined_.erase(macro.name);
  const auto found = macros_.find(macro.name);
  const bool replaceable =
      found == macros_.end() || sources_.path(found->second.loc.file) == "<built-in>";
  if (!replaceable) {
    if (found->second.body != macro.body || found->second.parameters != macro.parameters ||
        found->second.is_function != macro.is_function) {
      sources_.fail(macro.loc,
                    "macro '" + macro.name + "' is already defined differently at " +
                        sources_.brief(found->second.loc),
                    "one definition");
    }
    return;
  }
  macros_[macro.name] = macro;
  if (sources_.path(macro.loc.file) != "<built-in>") {
    macro_places_.emplace(macro.name, macro.loc);
  }
  if (!macro.is_function) {
    all_macros_[macro.name] = macro;
  }
  if (is_header) {
    header_macros_.insert(macro.name);
  }
}

std::optional<std::string> FileReader::header(const std::string& path) const {
  if (headers_ != nullptr) {
    const auto found =
        std::find_if(headers_->begin(), headers_->end(),
                     [&](const SourceFile& each) { return normalised(each.path) == path; });
    return found == headers_->end() ? std::nullopt : std::optional(found->text);
  }
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  // Choice a directory opens but fails to read; an empty file leaves `text` without a character.
  if (!in || (in.peek() == std::ifstream::traits_type::eof() && in.bad())) {
    return std::nullopt;
  }
  text << in.rdbuf();
  return text.str();
}

void FileReader::include(Loc loc, const std::string& name, bool system, SyntaxFile& out) {
  if (system && is_builtin_header(name)) {
    return;
  }
  SourceFile file;
  if (system) {
    const std::string_view embedded = embedded_header(name);
    if (embedded.empty()) {
      sources_.fail(loc, "there is no header <" + name + ">",
                    "<airlock/svm.h>, or \"file.h\" for a file beside this one");
    }
    file = {"<" + name + ">", std::string(embedded)};
  } else {
    const bool absolute = name.starts_with('/');
    file.path = normalised((absolute ? "" : directory_of(sources_.path(loc.file))) + name);
    const std::optional<std::string> text = header(file.path);
    if (!text) {
      sources_.fail(loc, "cannot open '" + file.path + "'", "a header that exists");
    }
    file.text = *text;
  }
  if (std::find(including_.begin(), including_.end(), file.path) != including_.end()) {
    std::string cycle;
    for (const std::string& path : including_) {
      cycle += path + " includes ";
    }
    sources_.fail(loc, "include cycle: " + cycle + file.path, "headers without a cycle");
  }
  if (!included_.insert(file.path).second) {
    return;
  }
  if (included_.size() > 1000) {
    sources_.fail(loc, "more than 1000 headers");
  }
  including_.push_back(file.path);
  read_into(sources_.add(file), out, true);
  including_.pop_back();
}

TreeReader::TreeReader(FileReader& files, const ParseTree& tree, std::uint32_t file,
                       std::optional<Loc> fixed, std::shared_ptr<const Within> within,
                       unsigned depth)
    : files_(files),
      tree_(tree),
      file_(file),
      fixed_(fixed),
      within_(std::move(within)),
      depth_(depth) {}

Loc TreeReader::loc(TSNode node) const {
  if (fixed_) {
    return *fixed_;
  }
  const TSPoint point = ts_node_start_point(node);
  return {file_, point.row + 1, point.column + 1};
}

void TreeReader::fail(TSNode node, const std::string& message, const std::string& expected) const {
  files_.sources_.fail(loc(node), message, expected);
}

void TreeReader::unsupported(TSNode node, const std::string& what) const {
  fail(node, what + " is not supported", "the subset of C in docs/language.md");
}

void TreeReader::items(TSNode parent, SyntaxFile& out, bool is_header) {
  // The comment right above an item: the lines of comments that end on the line before it and begin
  // on a line of their own.
  std::string comment;
  std::int64_t comment_end = -2;  // row of its last line
  std::int64_t item_end = -1;     // row on which the last item ended
  TSTreeCursor cursor = ts_tree_cursor_new(parent);
  const std::unique_ptr<TSTreeCursor, void (*)(TSTreeCursor*)> guard(&cursor,
                                                                     ts_tree_cursor_delete);
  const std::string_view parent_type = type_of(parent);
  if (!ts_tree_cursor_goto_first_child(&cursor)) {
    return;
  }
  do {
    const TSNode node = ts_tree_cursor_current_node(&cursor);
    const char* field = ts_tree_cursor_current_field_name(&cursor);
    const auto row = static_cast<std::int64_t>(ts_node_start_point(node).row);
    const TSPoint end_point = ts_node_end_point(node);
    const auto end =
        static_cast<std::int64_t>(end_point.row) - (end_point.column == 0 && end_point.row > 0);
    if (type_of(node) == "comment") {
      const std::string text = comment_text(std::string(tree_.text(node)));
      comment = row == comment_end + 1 && row != item_end ? comment + "\n" + text
                : row == item_end                         ? std::string{}
                                                          : text;
      comment_end = row == item_end ? -2 : end;
      continue;
    }
    const bool header_part =
        parent_type != "translation_unit" && (field != nullptr || !ts_node_is_named(node));
    if (!header_part && type_of(node) != ";") {
      item(node, out, is_header, comment_end + 1 == row ? comment : std::string{});
    }
    item_end = end;
    comment_end = -2;
  } while (ts_tree_cursor_goto_next_sibling(&cursor));
}

void TreeReader::item(TSNode node, SyntaxFile& out, bool is_header, const std::string& comment) {
  const std::string_view type = type_of(node);
  if (type == "function_definition") {
    auto function = std::make_unique<SyntaxDecl>(function_definition(node));
    function->comment = comment;
    out.decls.push_back(std::move(function));
  } else if (type == "declaration" || type == "type_definition" || type == "struct_specifier" ||
             type == "enum_specifier" || type == "union_specifier") {
    for (auto& decl : declaration(node)) {
      decl->comment = comment;
      out.decls.push_back(std::move(decl));
    }
  } else if (!directive(node, &out, is_header)) {
    if (type == "linkage_specification") {
      unsupported(node, "extern \"C\"");
    }
    fail(node, "this is neither a declaration nor a function",
         "a declaration or a function definition");
  }
}

bool TreeReader::directive(TSNode node, SyntaxFile* out, bool is_header) {
  const std::string_view type = type_of(node);
  if (type == "preproc_def" || type == "preproc_function_def") {
    define(node, is_header);
  } else if (type == "preproc_include" && out != nullptr) {
    const TSNode path = field_of(node, "path");
    const std::string name = text(path);
    if (type_of(path) != "string_literal" && type_of(path) != "system_lib_string") {
      fail(path, "the name of an include must be written out", "<airlock/svm.h> or \"file.h\"");
    }
    files_.include(loc(node), name.substr(1, name.size() - 2), name.front() == '<', *out);
  } else if ((type == "preproc_ifdef" || type == "preproc_if") && out != nullptr) {
    conditional(node, *out, is_header);
  } else if (type == "preproc_call") {
    const std::string name = text(field_of(node, "directive"));
    const TSNode argument = field_of(node, "argument");
    const std::string value = is_null(argument) ? "" : trim(text(argument));
    if (name == "#undef" && out != nullptr && is_identifier(value)) {
      files_.undefine(value, loc(node), is_header);
      return true;
    }
    if (name != "#pragma" || value != "once") {
      unsupported(node, "the directive " + name + (value.empty() ? "" : " " + value));
    }
  } else if (type.starts_with("preproc_")) {
    unsupported(node, "this preprocessor directive here");
  } else {
    return false;
  }
  return true;
}

/// What #if and #ifdef ask, where it is known: what is not defined must have been undefined by
/// name. To take a side because nobody has spoken would be to check another program.
bool TreeReader::holds(TSNode node) {
  const std::string_view type = type_of(node);
  if (type == "preproc_ifdef" || type == "preproc_elifdef") {
    const std::string word = text(children_of(node).front());
    return files_.known(text(field_of(node, "name")), loc(node)) != word.ends_with("ndef");
  }
  const TSNode condition = field_of(node, "condition");
  return files_.condition_holds(
      tokens_of(tree_.text(condition), loc(condition), fixed_.has_value(), within_),
      loc(condition));
}

/// The part of a conditional that is read; a null node if none is.
TSNode TreeReader::chosen(TSNode node) {
  for (;;) {
    if (type_of(node) == "preproc_else" || holds(node)) {
      return node;
    }
    node = field_of(node, "alternative");
    if (is_null(node)) {
      return node;
    }
  }
}

void TreeReader::conditional(TSNode node, SyntaxFile& out, bool is_header) {
  if (type_of(node) == "preproc_ifdef") {
    const std::vector<TSNode> all = children_of(node);
    const std::string name = text(field_of(node, "name"));
    const bool is_ifndef =
        text(all.front()).ends_with("ifndef") && is_null(field_of(node, "alternative"));
    const bool is_guard = is_ifndef && all.size() > 2 && type_of(all[2]) == "preproc_def" &&
                          text(field_of(all[2], "name")) == name;
    if (is_ifndef && !files_.is_defined(name).value_or(false)) {
      items(node, out, is_header);  // "unless somebody has": nobody has
      return;
    }
    if (is_guard) {
      return;
    }
  }
  if (const TSNode part = chosen(node); !is_null(part)) {
    items(part, out, is_header);
  }
}

/// Among statements.
void TreeReader::conditional(TSNode node, SyntaxStmt& out) {
  const TSNode part = chosen(node);
  if (is_null(part)) {
    return;
  }
  const TSNode name = field_of(part, "name");
  const TSNode condition = field_of(part, "condition");
  const TSNode alternative = field_of(part, "alternative");
  for (const TSNode child : named_children_of(part)) {
    const auto is = [&](TSNode each) { return !is_null(each) && ts_node_eq(each, child); };
    if (!is(name) && !is(condition) && !is(alternative)) {
      block_item(child, out);
    }
  }
}

void TreeReader::define(TSNode node, bool is_header) {
  Macro macro;
  macro.name = text(field_of(node, "name"));
  macro.loc = loc(node);
  const TSNode value = field_of(node, "value");
  macro.body = is_null(value) ? "" : clean_body(text(value));
  if (type_of(node) == "preproc_function_def") {
    macro.is_function = true;
    for (const TSNode parameter : children_of(field_of(node, "parameters"))) {
      const std::string name = text(parameter);
      if (name == "...") {
        macro.is_variadic = true;
        macro.parameters.emplace_back("__VA_ARGS__");
      } else if (ts_node_is_named(parameter)) {
        macro.parameters.push_back(name);
      }
    }
  }
  files_.define(macro, is_header);
}

}  // namespace airlock::c
