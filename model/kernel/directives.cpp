#include "model/kernel/directives.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

#include "model/kernel/condition.hpp"

namespace airlock::kernel {
namespace {

enum class Compiled { No, Maybe, Yes };

/// One branch of a conditional: from behind its directive to the next one.
struct Branch {
  Compiled compiled;
  std::size_t begin;
  std::size_t end = 0;
};

struct Conditional {
  std::size_t offset;  ///< of its #if
  std::string text;    ///< the directive, for messages and notes
  std::vector<Branch> branches;
  bool decided_yes = false;  ///< a branch so far is compiled, or is if none before it is
  bool maybe = false;        ///< a branch so far is undecided
  bool has_else = false;
};

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n\f\v");
  if (begin == std::string_view::npos) {
    return {};
  }
  return text.substr(begin, text.find_last_not_of(" \t\r\n\f\v") - begin + 1);
}

/// A directive: "if", and what follows.
struct Directive {
  std::string name;
  std::string rest;  ///< joined to one line
  std::size_t begin;
  std::size_t end;  ///< of its newline, or of the text
};

bool is_name_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$';
}

std::string_view name_at_start(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size() && is_name_character(text[end])) {
    ++end;
  }
  return text.substr(0, end);
}

std::vector<Directive> directives_of(const WithoutComments& input) {
  const std::string& text = input.text;
  std::vector<Directive> result;
  std::size_t line = 0;
  while (line < text.size()) {
    std::size_t end = line;
    do {
      end = std::min(text.find('\n', end == line ? line : end + 1), text.size());
    } while (end < text.size() && input.joined.contains(end));
    std::string_view whole = std::string_view(text).substr(line, end - line);
    const std::size_t first = whole.find_first_not_of(" \t");
    if (first != std::string_view::npos && whole[first] == '#') {
      const std::string_view behind = trimmed(whole.substr(first + 1));
      const std::string_view name = name_at_start(behind);
      std::string rest(trimmed(behind.substr(name.size())));
      std::replace(rest.begin(), rest.end(), '\n', ' ');
      result.push_back({std::string(name), std::move(rest), line + first, end});
    }
    line = end + 1;
  }
  return result;
}

/// Whether brackets of all three kinds close in the order in which they opened.
bool balanced(std::string_view text) {
  std::string open;
  for (const Token& token : tokens_of(text)) {
    const char c = text[token.begin];
    if (token.kind != TokenKind::Punctuation) {
      continue;
    }
    if (c == '(' || c == '[' || c == '{') {
      open += c == '(' ? ')' : c == '[' ? ']' : '}';
    } else if (c == ')' || c == ']' || c == '}') {
      if (open.empty() || open.back() != c) {
        return false;
      }
      open.pop_back();
    }
  }
  return open.empty();
}

class Resolver {
 public:
  Resolver(WithoutComments& input, const SourceFile& file, const Config& config, const Words& words,
           Normalised& result)
      : text_(input.text),
        directives_(directives_of(input)),
        file_(file),
        config_(config),
        words_(words),
        lines_(file.text),
        result_(result) {}

  void run() {
    find_header_guard();
    for (std::size_t i = 0; i < directives_.size(); ++i) {
      const Directive& directive = directives_[i];
      if (directive.name == "if" || directive.name == "ifdef" || directive.name == "ifndef") {
        open(directive);
      } else if (directive.name == "elif" || directive.name == "else" ||
                 directive.name == "elifdef" || directive.name == "elifndef") {
        next_branch(directive);
      } else if (directive.name == "endif") {
        close(directive);
      } else if (compiled() != Compiled::No) {
        plain(directive);
      }
      blank(text_, directive.begin, directive.end);
    }
    if (!open_.empty()) {
      fail(open_.back().offset, "an #if without its #endif", "#endif before the end of the file");
    }
  }

 private:
  [[noreturn]] void fail(std::size_t offset, const std::string& message,
                         const std::string& expected) const {
    fail_at(file_, offset, message, expected);
  }

  [[nodiscard]] unsigned line_of(std::size_t offset) const { return lines_.line(offset); }

  /// `#ifndef X` or `#if !defined(X)...` as the first thing of a file and `#define X` next: X is
  /// not defined before.
  void find_header_guard() {
    if (directives_.size() < 2 || directives_[1].name != "define" ||
        !trimmed(std::string_view(text_).substr(0, directives_[0].begin)).empty()) {
      return;
    }
    const std::string name(name_at_start(directives_[1].rest));
    const std::string& condition = directives_[0].rest;
    if ((directives_[0].name == "ifndef" && condition == name) ||
        (directives_[0].name == "if" && condition.starts_with("!defined(" + name + ")"))) {
      known_[name] = {KnownMacro::State::Undefined, {}};
    }
  }

  [[nodiscard]] Compiled compiled() const {
    Compiled least = Compiled::Yes;
    for (const Conditional& conditional : open_) {
      least = std::min(least, conditional.branches.back().compiled);
    }
    return least;
  }

  [[nodiscard]] KnownMacro look_up(const std::string& name) const {
    if (const auto found = known_.find(name); found != known_.end()) {
      return found->second;
    }
    for (const auto* defines : {&config_.defines, &words_.defines}) {
      if (const auto found = defines->find(name); found != defines->end()) {
        return found->second ? KnownMacro{KnownMacro::State::Defined, *found->second}
                             : KnownMacro{KnownMacro::State::Undefined, {}};
      }
    }
    if (const auto found = config_.learned.find(name); found != config_.learned.end()) {
      return {KnownMacro::State::Defined, found->second};
    }
    return name.starts_with("CONFIG_") ? look_up_config(name) : KnownMacro{};
  }

  /// include/generated/autoconf.h: y defines NAME as 1, m defines NAME_MODULE, n defines neither.
  [[nodiscard]] KnownMacro look_up_config(const std::string& name) const {
    const std::optional<std::string> value = config_.value(name);
    constexpr std::string_view suffix = "_MODULE";
    if (name.ends_with(suffix) && !config_.values.contains(name)) {
      const auto base = config_.value(name.substr(0, name.size() - suffix.size()));
      if (!base) {
        return {};
      }
      return *base == "m" ? KnownMacro{KnownMacro::State::Defined, "1"}
                          : KnownMacro{KnownMacro::State::Undefined, {}};
    }
    if (!value) {
      return {};
    }
    if (*value == "n" || *value == "m") {
      return {KnownMacro::State::Undefined, {}};
    }
    return {KnownMacro::State::Defined, *value == "y" ? "1" : *value};
  }

  /// Of "if X", "ifdef X" or "ifndef X".
  [[nodiscard]] std::optional<bool> condition_of(const std::string& kind,
                                                 const std::string& rest) const {
    if (kind == "if") {
      return decide(rest, config_, [this](const std::string& name) { return look_up(name); });
    }
    const KnownMacro known = look_up(std::string(name_at_start(rest)));
    if (known.state == KnownMacro::State::Unknown) {
      return std::nullopt;
    }
    return (known.state == KnownMacro::State::Defined) == (kind == "ifdef");
  }

  static void add_branch(Conditional& conditional, std::optional<bool> condition,
                         std::size_t begin) {
    Compiled compiled = Compiled::No;
    if (!conditional.decided_yes && condition.value_or(true)) {
      compiled = condition && !conditional.maybe ? Compiled::Yes : Compiled::Maybe;
      conditional.maybe = conditional.maybe || !condition;
      conditional.decided_yes = condition.has_value();
    }
    conditional.branches.push_back({compiled, begin});
  }

  void open(const Directive& directive) {
    Conditional conditional;
    conditional.offset = directive.begin;
    conditional.text = "#" + directive.name + " " + directive.rest;
    const bool dead = compiled() == Compiled::No;
    add_branch(conditional, dead ? false : condition_of(directive.name, directive.rest),
               directive.end);
    open_.push_back(std::move(conditional));
  }

  void next_branch(const Directive& directive) {
    if (open_.empty()) {
      fail(directive.begin, "#" + directive.name + " without an #if", "an #if before it");
    }
    Conditional conditional = std::move(open_.back());
    open_.pop_back();
    if (conditional.has_else) {
      fail(directive.begin, "#" + directive.name + " behind the #else of the same #if", "#endif");
    }
    conditional.branches.back().end = directive.begin;
    std::optional<bool> condition = true;
    if (directive.name == "else") {
      conditional.has_else = true;
    } else {
      condition = condition_of(directive.name.substr(2), directive.rest);
    }
    if (compiled() == Compiled::No) {
      condition = false;
    }
    add_branch(conditional, condition, directive.end);
    open_.push_back(std::move(conditional));
  }

  void close(const Directive& directive) {
    if (open_.empty()) {
      fail(directive.begin, "#endif without an #if", "an #if before it");
    }
    Conditional conditional = std::move(open_.back());
    open_.pop_back();
    conditional.branches.back().end = directive.begin;
    bool all_balanced = true;
    bool any_text = false;
    for (const Branch& branch : conditional.branches) {
      if (branch.compiled == Compiled::No) {
        note_not_compiled(conditional, branch);
        blank(text_, branch.begin, branch.end);
      } else if (branch.compiled == Compiled::Maybe) {
        const auto inside = std::string_view(text_).substr(branch.begin, branch.end - branch.begin);
        all_balanced = all_balanced && balanced(inside);
        any_text = any_text || !trimmed(inside).empty();
      }
    }
    if (any_text && compiled() != Compiled::No) {
      leave_undecided(conditional, directive, all_balanced);
    }
  }

  /// Where it would be compiled but for its own condition.
  void note_not_compiled(const Conditional& conditional, const Branch& branch) {
    const auto inside = std::string_view(text_).substr(branch.begin, branch.end - branch.begin);
    const std::size_t first = inside.find_first_not_of(" \t\n");
    if (first == std::string_view::npos || compiled() == Compiled::No) {
      return;
    }
    const std::size_t begin = branch.begin + first;
    const std::size_t last = branch.begin + inside.find_last_not_of(" \t\n");
    result_.notes.push_back({NoteKind::NotCompiled, line_of(begin), lines_.column(begin),
                             line_of(last), conditional.text});
  }

  /// All possible branches stay if their brackets balance; else the first of them stays.
  void leave_undecided(const Conditional& conditional, const Directive& end, bool all_balanced) {
    if (!all_balanced) {
      bool first = true;
      for (const Branch& branch : conditional.branches) {
        if (branch.compiled == Compiled::Maybe && !std::exchange(first, false)) {
          blank(text_, branch.begin, branch.end);
        }
      }
    }
    result_.notes.push_back({all_balanced ? NoteKind::Undecided : NoteKind::UndecidedCut,
                             line_of(conditional.offset), lines_.column(conditional.offset),
                             line_of(end.begin), conditional.text});
  }

  void plain(const Directive& directive) {
    const bool maybe = compiled() == Compiled::Maybe;
    const std::string name(name_at_start(directive.rest));
    if (directive.name == "define" && !name.empty()) {
      define(directive, name, maybe);
    } else if (directive.name == "undef" && !name.empty()) {
      known_[name] = {maybe ? KnownMacro::State::Unknown : KnownMacro::State::Undefined, {}};
    } else if (directive.name == "include" && directive.rest.size() > 2) {
      const bool system = directive.rest.front() == '<';
      const std::size_t close = directive.rest.find(system ? '>' : '"', 1);
      if ((system || directive.rest.front() == '"') && close != std::string::npos) {
        result_.includes.push_back(
            {directive.rest.substr(1, close - 1), system, line_of(directive.begin)});
      }
    }
  }

  void define(const Directive& directive, const std::string& name, bool maybe) {
    Macro macro;
    macro.name = name;
    macro.file = file_.path;
    macro.line = line_of(directive.begin);
    macro.maybe = maybe;
    std::string_view rest = std::string_view(directive.rest).substr(name.size());
    if (rest.starts_with('(')) {
      macro.parameters.emplace();
      const std::size_t close = std::min(rest.find(')'), rest.size());
      std::string_view list = trimmed(rest.substr(1, close - 1));
      while (!list.empty()) {
        const std::size_t comma = list.find(',');
        macro.parameters->emplace_back(trimmed(list.substr(0, comma)));
        list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
      }
      rest.remove_prefix(std::min(close + 1, rest.size()));
    }
    macro.body = trimmed(rest);
    KnownMacro known;
    if (!maybe) {
      known.state = KnownMacro::State::Defined;
      if (!macro.parameters) {
        known.body = macro.body;
      }
    }
    known_[name] = std::move(known);
    result_.macros.push_back(std::move(macro));
  }

  std::string& text_;
  const std::vector<Directive> directives_;
  const SourceFile& file_;
  const Config& config_;
  const Words& words_;
  const Lines lines_;
  Normalised& result_;
  std::vector<Conditional> open_;
  std::map<std::string, KnownMacro> known_;  // by this file
};

}  // namespace

void resolve_directives(WithoutComments& text, const SourceFile& file, const Config& config,
                        const Words& words, Normalised& result) {
  Resolver(text, file, config, words, result).run();
}

}  // namespace airlock::kernel
