#include "model/kernel/normalise.hpp"

#include <algorithm>
#include <cctype>
#include <set>

#include "model/kernel/directives.hpp"
#include "model/kernel/lexer.hpp"

namespace airlock::kernel {
namespace {

/// Rewrites a text without comments and directives, token by token.
class Rewriter {
 public:
  Rewriter(Normalised& result, const Words& words)
      : result_(result),
        text_(result.text),
        original_(result.text),
        words_(words),
        tokens_(tokens_of(original_)),
        lines_(original_) {
    match_brackets();
  }

  void run() {
    blank_attributes();
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      if (is(i, "{")) {
        braces_.push_back(is_struct_body(i));
      } else if (is(i, "}") && !braces_.empty()) {
        braces_.pop_back();
      } else if (!braces_.empty() && braces_.back()) {
        i = member(i);
      } else if (tokens_[i].kind == TokenKind::Name && !gone_[i]) {
        i = word_at(i);
      }
    }
  }

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  /// These handle what begins at token `i` and return the last token handled.
  std::size_t word_at(std::size_t i) {
    if (braces_.empty() && begins_declaration(i)) {
      return declarer(i);
    }
    if (is(i, "case")) {
      case_range(i);
    } else {
      name(i);
    }
    return i;
  }

  std::size_t member(std::size_t i) {
    if (gone_[i] || !(begins_declaration(i) || is(i, ","))) {
      if (tokens_[i].kind == TokenKind::Name && !gone_[i]) {
        name(i);
      }
      return i;
    }
    // `unsigned :5;`, or `, :5` behind a member with a name.
    std::size_t colon = is(i, ",") ? i + 1 : i;
    while (colon < tokens_.size() && is_arithmetic(colon)) {
      ++colon;
    }
    colon += colon == i && tokens_[i].kind == TokenKind::Name ? 1 : 0;  // a type's name
    if (is(colon, ":") && colon + 1 < tokens_.size() && colon > i) {
      std::size_t last = colon;
      while (last + 1 < tokens_.size() && !is(last + 1, ";") && !is(last + 1, ",")) {
        ++last;
      }
      last += is(i, ",") || !is(last + 1, ";") ? 0 : 1;
      note(NoteKind::BitField, i, last);
      blank_tokens(i, last);
      return last;
    }
    if (tokens_[i].kind != TokenKind::Name) {
      return i;
    }
    const std::size_t last = words_.bitmaps.contains(word(i)) ? i : declarer(i);
    if (last == i) {
      name(i);
    }
    return last;
  }

  [[nodiscard]] bool is_arithmetic(std::size_t i) const {
    static const std::set<std::string_view> words = {"unsigned", "signed", "long",
                                                     "int",      "short",  "char"};
    return words.contains(word(i));
  }

  [[nodiscard]] bool is_struct_body(std::size_t brace) const {
    std::size_t names = 0;
    for (std::size_t i = brace; i > 0; --i) {
      if (gone_[i - 1]) {
        continue;
      }
      if (is(i - 1, "struct") || is(i - 1, "union")) {
        return true;
      }
      if (tokens_[i - 1].kind != TokenKind::Name || ++names > 1) {
        return false;
      }
    }
    return false;
  }

  [[nodiscard]] std::string_view word(std::size_t i) const {
    return std::string_view(original_).substr(tokens_[i].begin, tokens_[i].end - tokens_[i].begin);
  }
  [[nodiscard]] bool is(std::size_t i, std::string_view text) const {
    return i < tokens_.size() && word(i) == text;
  }

  /// partner_[i]: of each bracket its partner, `none` without one.
  void match_brackets() {
    partner_.assign(tokens_.size(), none);
    gone_.assign(tokens_.size(), false);
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      if (tokens_[i].kind != TokenKind::Punctuation) {
        continue;
      }
      const char c = original_[tokens_[i].begin];
      if (c == '(' || c == '[' || c == '{') {
        open.push_back(i);
      } else if (c == ')' || c == ']' || c == '}') {
        const char opening = c == ')' ? '(' : c == ']' ? '[' : '{';
        if (!open.empty() && original_[tokens_[open.back()].begin] == opening) {
          partner_[open.back()] = i;
          partner_[i] = open.back();
          open.pop_back();
        }
      }
    }
  }

  void note(NoteKind kind, std::size_t first, std::size_t last, bool listed = true) {
    const std::size_t begin = tokens_[first].begin;
    const std::size_t end = tokens_[last].end;
    result_.notes.push_back({kind, lines_.line(begin), lines_.column(begin), lines_.line(end - 1),
                             original_.substr(begin, end - begin), listed});
  }

  void blank_tokens(std::size_t first, std::size_t last) {
    blank(text_, tokens_[first].begin, tokens_[last].end);
    std::fill(gone_.begin() + static_cast<std::ptrdiff_t>(first),
              gone_.begin() + static_cast<std::ptrdiff_t>(last) + 1, true);
  }

  void blank_attributes() {
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      if (tokens_[i].kind != TokenKind::Name || gone_[i]) {
        continue;
      }
      std::size_t last = i;
      if (is(i + 1, "(") && partner_[i + 1] != none && words_.attributes_of.contains(word(i))) {
        last = partner_[i + 1];
      } else if (!words_.attributes.contains(word(i))) {
        continue;
      }
      note(NoteKind::Attribute, i, last);
      blank_tokens(i, last);
      i = last;
    }
  }

  /// Whether token `i` is the first of a declaration at file scope.
  [[nodiscard]] bool begins_declaration(std::size_t i) const {
    while (i > 0) {
      --i;
      if (!gone_[i]) {
        return is(i, ";") || is(i, "}") || (is(i, "{") && !braces_.empty() && braces_.back());
      }
    }
    return true;
  }

  /// A macro call at file scope that stands for a declaration; returns the last token handled.
  std::size_t declarer(std::size_t first) {
    std::size_t at = first;
    while (is(at, "static") || is(at, "extern") || is(at, "const") ||
           (at < gone_.size() && gone_[at])) {
      ++at;
    }
    if (at + 1 >= tokens_.size() || tokens_[at].kind != TokenKind::Name || !is(at + 1, "(") ||
        partner_[at + 1] == none) {
      return first;
    }
    const bool listed = words_.declarers.contains(word(at));
    std::size_t last = partner_[at + 1];
    const bool shouts =
        std::none_of(word(at).begin(), word(at).end(), [](char c) { return c >= 'a' && c <= 'z'; });
    std::size_t next = last + 1;
    while (next < gone_.size() && gone_[next]) {
      ++next;
    }
    if (is(next, "{") || (!listed && (!shouts || !ends_there(last, next)))) {
      return first;
    }
    if (is(next, "=")) {
      while (next < tokens_.size() && !is(next, ";")) {
        const bool opens = partner_[next] != none && partner_[next] > next;
        next = opens ? partner_[next] + 1 : next + 1;
      }
    }
    if (is(next, ";")) {
      last = next;
    }
    note(NoteKind::Declarer, first, last, listed);
    blank_tokens(first, last);
    return last;
  }

  /// Whether a call at file scope is complete: a ';', or something on a later line, comes next.
  [[nodiscard]] bool ends_there(std::size_t last, std::size_t next) const {
    return next >= tokens_.size() || is(next, ";") || is(next, "=") ||
           lines_.line(tokens_[next].begin) > lines_.line(tokens_[last].begin);
  }

  void case_range(std::size_t i) {
    for (++i; i < tokens_.size() && !is(i, ":") && !is(i, ";") && !is(i, "{"); ++i) {
      if (is(i, "...")) {
        note(NoteKind::CaseRange, i, i);
        text_.replace(tokens_[i].begin, 3, "|| ");
        return;
      }
    }
  }

  void name(std::size_t i) {
    if (const auto found = words_.replaced.find(word(i)); found != words_.replaced.end()) {
      note(NoteKind::Replaced, i, i);
      write(i, found->second);
      return;
    }
    if (is(i, "asm") || is(i, "__asm__") || words_.assembly.contains(word(i))) {
      assembly(i);
      return;
    }
    if (!is(i + 1, "(") || partner_[i + 1] == none || braces_.empty()) {
      return;
    }
    type_arguments(i);
    if (words_.bitmaps.contains(word(i))) {
      bitmap(i);
    } else if (is_head(i) && words_.iterators.contains(word(i))) {
      note(NoteKind::Iterator, i, i);
      write(i, "while");
    } else if (is_head(i) && words_.guards.contains(word(i))) {
      note(NoteKind::Guard, i, i);
      write(i, "if");
    }
  }

  /// Whether `name(...)` begins a statement and a statement follows: not a call, not an operand.
  [[nodiscard]] bool is_head(std::size_t i) const {
    const bool begins = i == 0 || is(i - 1, ";") || is(i - 1, "{") || is(i - 1, "}") ||
                        is(i - 1, ")") || is(i - 1, ":") || is(i - 1, "else") || is(i - 1, "do");
    const std::size_t next = partner_[i + 1] + 1;
    return begins && next < tokens_.size() &&
           (tokens_[next].kind == TokenKind::Name || is(next, "{") || is(next, "*") ||
            is(next, "(") || is(next, "+") || is(next, "-"));
  }

  /// Types among the arguments of what may be a macro: of none of C's own operators.
  void type_arguments(std::size_t i) {
    static const std::set<std::string_view> own = {
        "sizeof",  "typeof", "__typeof__", "offsetof", "__alignof__", "_Alignof",
        "alignof", "if",     "while",      "for",      "switch",      "return"};
    if (own.contains(word(i))) {
      return;
    }
    const std::size_t close = partner_[i + 1];
    std::size_t begin = i + 2;
    for (std::size_t at = begin; at <= close; ++at) {
      if (at < close && partner_[at] != none && partner_[at] > at) {
        at = partner_[at];
      } else if (at == close || is(at, ",")) {
        type_argument(begin, at);
        begin = at + 1;
      }
    }
  }

  /// [begin, end) if it is `struct name`, maybe a pointer to it, or two or more of C's words for
  /// arithmetic types.
  void type_argument(std::size_t begin, std::size_t end) {
    std::size_t stars = end;
    while (stars > begin && is(stars - 1, "*")) {
      --stars;
    }
    if (stars - begin < 2 || tokens_[begin + 1].kind != TokenKind::Name) {
      return;
    }
    if (stars - begin == 2 && (is(begin, "struct") || is(begin, "union") || is(begin, "enum"))) {
      note(NoteKind::TypeArgument, begin, end - 1);
      blank(text_, tokens_[begin].begin, tokens_[begin].end);
      blank(text_, tokens_[begin + 1].end, tokens_[end - 1].end);
      return;
    }
    for (std::size_t at = begin; at < end; ++at) {
      if (!is_arithmetic(at)) {
        return;
      }
    }
    note(NoteKind::TypeArgument, begin, end - 1);
    for (std::size_t at = tokens_[begin].begin; at < tokens_[end - 1].end; ++at) {
      text_[at] = text_[at] == ' ' || text_[at] == '\t' ? '_' : text_[at];
    }
  }

  /// `asm volatile("...", MACRO)`, or a macro of assembly. What may jump (asm goto) stays.
  void assembly(std::size_t i) {
    std::size_t open = i + 1;
    const bool macro = words_.assembly.contains(word(i));
    while (!macro && (is(open, "volatile") || is(open, "inline") || is(open, "__volatile__"))) {
      ++open;
    }
    if (!is(open, "(") || partner_[open] == none) {
      return;
    }
    bool unreadable = macro;
    for (std::size_t at = open + 1; at < partner_[open]; ++at) {
      at = partner_[at] != none && partner_[at] > at ? partner_[at] : at;
      unreadable = unreadable || tokens_[at].kind == TokenKind::Name;
    }
    const std::size_t begin = tokens_[open].end;
    if (unreadable && tokens_[partner_[open]].begin >= begin + 2) {
      note(NoteKind::Assembly, i, partner_[open]);
      blank(text_, begin, tokens_[partner_[open]].begin);
      const std::size_t line_end = text_.find('\n', begin);
      text_.replace(line_end < begin + 2 ? line_end + 1 : begin, 2, "\"\"");
    }
  }

  void write(std::size_t i, std::string_view replacement) {
    blank(text_, tokens_[i].begin, tokens_[i].end);
    text_.replace(tokens_[i].begin, replacement.size(), replacement);
  }

  /// DECLARE_BITMAP(name, bits) -> unsigned long  name[ bits]
  void bitmap(std::size_t i) {
    constexpr std::string_view type = "unsigned long ";
    const std::size_t open = i + 1;
    const std::size_t close = partner_[open];
    if (!is(open + 2, ",") || tokens_[open + 1].kind != TokenKind::Name ||
        tokens_[open].end - tokens_[i].begin < type.size()) {
      return;
    }
    note(NoteKind::Bitmap, i, close);
    blank(text_, tokens_[i].begin, tokens_[open].end);
    text_.replace(tokens_[i].begin, type.size(), type);
    text_[tokens_[open + 2].begin] = '[';
    text_[tokens_[close].begin] = ']';
  }

  Normalised& result_;
  std::string& text_;
  const std::string original_;
  const Words& words_;
  const std::vector<Token> tokens_;
  const Lines lines_;
  std::vector<std::size_t> partner_;
  std::vector<bool> gone_;
  std::vector<bool> braces_;  // that are open: whether each is a struct's
};

}  // namespace

void learn(Config& config, const std::vector<Macro>& macros) {
  for (const Macro& macro : macros) {
    if (macro.maybe || config.defines.contains(macro.name)) {
      continue;
    }
    const std::optional<std::string> body =
        macro.parameters ? std::nullopt : std::optional<std::string>(macro.body);
    const auto [known, added] = config.learned.emplace(macro.name, body);
    if (!added && known->second != body) {
      known->second.reset();
    }
  }
}

Normalised normalise(const SourceFile& file, const Config& config, const Words& words) {
  if (const std::size_t at = file.text.find('\0'); at != std::string::npos) {
    fail_at(file, at, "the file contains a NUL byte, so it is no source text", "C source");
  }
  WithoutComments input = without_comments(file.text);
  if (input.unterminated != std::string::npos) {
    fail_at(file, input.unterminated, "a comment that does not end", "*/");
  }
  Normalised result;
  resolve_directives(input, file, config, words, result);
  result.text = std::move(input.text);
  Rewriter(result, words).run();
  std::stable_sort(result.notes.begin(), result.notes.end(), [](const Note& a, const Note& b) {
    return a.line != b.line ? a.line < b.line : a.column < b.column;
  });
  return result;
}

}  // namespace airlock::kernel
