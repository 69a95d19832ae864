#include "checker/compare/render_mail.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "checker/compare/mail_hunk.hpp"
#include "checker/compare/mail_race.hpp"
#include "checker/compare/render_alarm.hpp"
#include "checker/trace/divergence.hpp"
#include "checker/trace/names.hpp"
#include "model/system/counted.hpp"

namespace airlock {
namespace {

constexpr std::size_t subject_width = 75;  // firm, not hard

/// The topic of a subject, by the file that matters most.
std::string topic_of(const std::string& file) {
  if (file.ends_with("/nested.c")) {
    return file.find("/vmx/") != std::string::npos ? "nVMX" : "nSVM";
  }
  if (file.find("/svm/") != std::string::npos) {
    return "SVM";
  }
  return file.find("/vmx/") != std::string::npos ? "VMX" : "x86";
}

/// Text without what mail readers and lists do not take: only printable ASCII.
std::string plain(const std::string& text) {
  std::string result;
  for (const char c : printable(text)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      result += c;
    } else if (byte >= 0xC0) {
      result += '?';
    }
  }
  return result;
}

std::string word_of(const Cell& cell) {
  const Decision& decision = cell.decision;
  if (decision.verdict == Verdict::unknown || !seeks_witness(*decision.property)) {
    return to_string(decision.verdict);
  }
  return decision.verdict == Verdict::holds ? "reached" : "not reachable";
}

std::string filled(const std::string& text, const std::string& first = "") {
  return hanging(first, plain(text), mail_width);
}

class Mail {
 public:
  Mail(const Matrix& matrix, const MatrixHeading& heading, const MailInput& input)
      : heading_(heading),
        input_(input),
        last_(matrix.rows.back()),
        before_(matrix.rows.size() > 1 ? &matrix.rows[matrix.rows.size() - 2] : nullptr) {
    if (heading.untracked) {
      texts_ = heading.untracked(last_.fix);
    }
    for (const Cell& cell : last_.cells) {
      if (claims_something(*cell.decision.property)) {
        (changed(cell) ? changed_ : same_).push_back(&cell);
      }
    }
  }

  std::string render() {
    const std::string first = lead();
    out_ = subject() + "\n" + filled(first) + "\n";
    verdicts();
    for (const Cell* cell : told()) {
      tell(*cell);
    }
    basis();
    return std::move(out_);
  }

 private:
  /// Without a row before it everything that is not well is news.
  [[nodiscard]] bool changed(const Cell& cell) const {
    const Cell* before =
        before_ == nullptr ? nullptr : find_cell(*before_, cell.decision.property->name);
    return before == nullptr ? cell.decision.verdict != Verdict::holds
                             : before->decision.verdict != cell.decision.verdict;
  }

  /// The violations whose traces the mail tells: new ones, if a patch is asked about.
  [[nodiscard]] std::vector<const Cell*> told() const {
    std::vector<const Cell*> result;
    for (const Cell* cell : changed_) {
      if (cell->decision.verdict == Verdict::violated && cell->decision.trace) {
        result.push_back(cell);
      }
    }
    return result;
  }

  [[nodiscard]] std::string row_name() const {
    return before_ == nullptr ? "this tree" : last_.fix;
  }

  [[nodiscard]] std::string topic() const {
    for (const Cell* cell : told()) {
      const Trace& trace = *cell->decision.trace;
      if (const auto line = last_line_that_could_help(trace, find_divergence(trace))) {
        return topic_of(rule_of(trace, line->step).causes.at(line->cause).location.file);
      }
    }
    return "x86";
  }

  [[nodiscard]] std::string subject() const {
    const Cell* cell = changed_.empty() ? nullptr : changed_.front();
    const std::string with = before_ == nullptr ? "" : " with " + last_.fix;
    std::string what = "No guarantee changes";
    if (cell != nullptr) {
      const std::string words = words_of(*cell->decision.property);
      switch (cell->decision.verdict) {
        case Verdict::violated: what = "Violation of \"" + words + "\""; break;
        case Verdict::unknown: what = "Undecided: \"" + words + "\""; break;
        case Verdict::holds: what = "Proof of \"" + words + "\""; break;
      }
    }
    std::string line = "KVM: " + topic() + ": " + what;
    if (line.size() + with.size() <= subject_width) {
      line += with;
    }
    return "Subject: " + shortened(plain(line), subject_width) + "\n";
  }

  /// What changes, in a sentence.
  [[nodiscard]] std::string lead() const {
    const auto count = [&](Verdict verdict) {
      return std::count_if(changed_.begin(), changed_.end(),
                           [&](const Cell* cell) { return cell->decision.verdict == verdict; });
    };
    if (before_ == nullptr) {
      return fmt::format("Of {} guarantees {} violated, {} undecided.",
                         changed_.size() + same_.size(), count(Verdict::violated),
                         count(Verdict::unknown));
    }
    if (changed_.empty()) {
      return fmt::format("No verdict changes with {}.", last_.fix);
    }
    std::vector<std::string> parts;
    for (const auto& [verdict, word] :
         {std::pair(Verdict::violated, "violated"), std::pair(Verdict::holds, "holds"),
          std::pair(Verdict::unknown, "undecided")}) {
      if (const auto number = count(verdict); number > 0) {
        parts.push_back(fmt::format("{} to {}", number, word));
      }
    }
    return fmt::format("With {}, {} of {} verdicts change: {}.", last_.fix, changed_.size(),
                       changed_.size() + same_.size(), fmt::join(parts, ", "));
  }

  void verdicts() {
    for (const auto* list : {&changed_, &same_}) {
      for (const Cell* cell : *list) {
        const std::string& name = cell->decision.property->name;
        const Cell* before = before_ == nullptr ? nullptr : find_cell(*before_, name);
        const std::string was =
            before == nullptr || list == &same_ ? "" : word_of(*before) + " -> ";
        out_ += filled(name + ": " + was + word_of(*cell), "  ");
      }
    }
    out_ += "\n";
  }

  void tell(const Cell& cell) {
    const Trace& trace = *cell.decision.trace;
    out_ += filled(fmt::format("{}: {}", cell.decision.property->name, last_sentence(trace)));
    out_ += filled("The shortest way there, of " + counted(trace.steps(), "step") + ":");
    out_ += "\n" + plain_lines(two_columns(trace, texts_.get(), mail_width)) + "\n";
    const std::vector<std::string> sections = cited_sections(trace);
    if (!sections.empty()) {
      out_ += filled(fmt::format("On the hardware: {}.", fmt::join(sections, "; "))) + "\n";
    }
    if (const std::string doubt = doubt_of(cell); !doubt.empty()) {
      out_ += filled("This " + doubt + ".") + "\n";
    }
    quote(trace);
  }

  static std::string plain_lines(const std::string& text) {
    std::string result;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      result += plain(text.substr(at, end - at)) + "\n";
      at = end + 1;
    }
    return result;
  }

  /// The lines of the tree that the trace runs, from the last that could help backwards, then those
  /// behind it.
  [[nodiscard]] std::vector<RunLine> run_lines(const Trace& trace) const {
    std::vector<RunLine> result;
    const auto help = last_line_that_could_help(trace, find_divergence(trace));
    const auto add = [&](const Cause& cause) {
      if (cause.location.line != 0) {
        result.push_back({cause.location.file, input_.line_at(cause.location)});
      }
    };
    if (help) {
      add(rule_of(trace, help->step).causes.at(help->cause));
    }
    for (std::size_t number = trace.steps(); number > 0; --number) {
      const std::vector<Cause>& causes = rule_of(trace, number).causes;
      std::for_each(causes.rbegin(), causes.rend(), add);
    }
    return result;
  }

  void quote(const Trace& trace) {
    if (input_.patch_text.empty()) {
      return;
    }
    const std::optional<QuotedHunk> hunk = hunk_for(input_.patch_text, run_lines(trace));
    if (!hunk) {
      return;
    }
    out_ += quoted(hunk->file);
    for (std::size_t i = 0; i < hunk->lines.size(); ++i) {
      out_ += quoted(hunk->lines[i]);
      if (i == hunk->asked) {
        const bool deleted = hunk->lines[i].starts_with('-');
        out_ += "\n" +
                filled(deleted ? "What does now what this line did? See the trace above."
                               : "How does this line prevent the trace above? It runs "
                                 "there.") +
                "\n";
      }
    }
    out_ += "\n";
  }

  /// A line of the patch, with tabs that do not make it too wide.
  [[nodiscard]] static std::string quoted(const std::string& line) {
    std::string text;
    for (const char c : line) {
      text += c == '\t' ? std::string("    ") : std::string(1, c);
    }
    return shortened_plain("> " + plain(text)) + "\n";
  }

  static std::string shortened_plain(const std::string& text) {
    const std::size_t end = text.find_last_not_of(' ') + 1;
    if (end < text.size()) {
      return shortened_plain(text.substr(0, end));
    }
    const std::string kept = text.size() <= mail_width ? text : text.substr(0, mail_width - 3);
    return kept + (kept.size() == text.size() ? "" : "...");
  }

  void basis() {
    out_ += filled(
        "Tested: by reading the sources alone, with Airlock; nothing was run on hardware. A "
        "guarantee that holds is proved under what the receipt of the slice lists.");
    out_ += "\nTo see this again:\n" + command(input_.command);
    for (const Cell* cell : told()) {
      out_ += command(heading_.trace_command(last_.fix, cell->decision.property->name));
    }
  }

  /// A command of a shell on lines that are not too long.
  static std::string command(const std::string& text) {
    std::string out;
    std::string line = "  ";
    for (std::size_t at = 0; at < text.size();) {
      std::size_t end = text.find(" --", at + 1);
      end = std::min(end, text.size());
      const std::string part = text.substr(at, end - at);
      if (line.size() > 2 && line.size() + part.size() + 2 > mail_width) {
        out += line + " \\\n";
        line = "    ";
      }
      line += line == "    " && part.starts_with(' ') ? part.substr(1) : part;
      at = end;
    }
    return out + line + "\n";
  }

  const MatrixHeading& heading_;
  const MailInput& input_;
  const Row& last_;
  const Row* before_;
  std::shared_ptr<const UntrackedTexts> texts_;
  std::vector<const Cell*> changed_;
  std::vector<const Cell*> same_;
  std::string out_;
};

}  // namespace

std::string render_mail(const Matrix& matrix, const MatrixHeading& heading,
                        const MailInput& input) {
  return Mail(matrix, heading, input).render();
}

}  // namespace airlock
