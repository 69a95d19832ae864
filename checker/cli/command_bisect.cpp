// `airlock bisect REPO GOOD BAD --property P`: the first commit of a history with which a property
// does not hold. Revisions are read out of the repository; nothing is checked out.
//
// Both ends are asked first: a bisection between ends that are not as its user says would end
// somewhere, and mean nothing. A revision that cannot be read, sliced or decided is passed over, as
// `git bisect skip` does, and said at the end if the answer depends on it.
#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "checker/cli/bisection.hpp"
#include "checker/cli/check_rows.hpp"
#include "checker/cli/commands.hpp"
#include "checker/cli/kernel_input.hpp"
#include "checker/cli/terminal.hpp"
#include "checker/compare/render.hpp"
#include "checker/compare/render_alarm.hpp"
#include "checker/trace/render.hpp"
#include "model/kernel/history.hpp"
#include "model/system/input_error.hpp"

namespace airlock {
namespace {

using Json = nlohmann::ordered_json;
using kernel::Commit;

struct Answer {
  Verdict verdict;
  std::string reason;  ///< of what cannot be told
};

struct Asked {
  Commit commit;
  Answer answer;
};

/// The options of `check` for one revision.
Options options_for(const Options& options, const std::string& revision) {
  Options result = options;
  result.command = CommandName::check;
  result.trees = {options.trees.front() + "@" + revision};
  result.no_certificates = true;  // a verdict that both engines give will do
  return result;
}

Answer answer_of(const Options& options, const std::string& revision) {
  try {
    const Options own = options_for(options, revision);  // the session borrows them
    const Session session(own);
    const Matrix matrix = check_rows(session);
    const Row& row = matrix.rows.back();
    std::string reason;
    for (const Cell& cell : row.cells) {
      reason = cell.decision.reason.empty() ? reason : cell.decision.reason;
    }
    if (only_doubtful(row)) {
      return {Verdict::unknown, doubt_of(row.cells.front())};
    }
    const Verdict verdict = overall(row);
    return {verdict, verdict == Verdict::unknown && reason.empty() ? why_not(row) : reason};
  } catch (const InputError& error) {
    check_interrupted();
    if (error.location().file.starts_with("--")) {
      throw;
    }
    const std::string message = error.what();
    return {Verdict::unknown, message.substr(0, message.find('\n'))};
  }
}

std::string name_of(const Commit& commit) {
  constexpr std::size_t digits = 12;  // as the kernel's own "Fixes:" lines
  return fmt::format("{} (\"{}\")", commit.id.substr(0, digits), printable(commit.subject));
}

class Bisector {
 public:
  explicit Bisector(const Options& options)
      : options_(options),
        commits_(kernel::commits_between(options.trees.front(), options.revisions.at(0),
                                         options.revisions.at(1))) {
    if (commits_.empty()) {
      throw InputError({options.revisions.at(1), 0, 0}, "this is the same commit as GOOD", {},
                       "two revisions, the good one first");
    }
  }

  ExitStatus run() {
    check_ends();
    std::vector<std::vector<std::size_t>> parents;
    for (const Commit& commit : commits_) {
      parents.push_back(commit.parents);
    }
    Bisection bisection(std::move(parents));
    while (const std::optional<std::size_t> at = bisection.next()) {
      say(fmt::format("{} commits left, about {} to ask: {}\n", bisection.left().size(),
                      bisection.answers_needed(), name_of(commits_[*at])));
      const Answer answer = ask(commits_[*at]);
      switch (answer.verdict) {
        case Verdict::holds: bisection.good(*at); break;
        case Verdict::violated: bisection.bad(*at); break;
        case Verdict::unknown: bisection.cannot_tell(*at); break;
      }
    }
    const std::vector<std::size_t> left = bisection.left();
    print(options_.format == Format::json ? json(left) : text(left));
    return left.size() == 1 ? ExitStatus::holds : ExitStatus::undecided;
  }

 private:
  void say(const std::string& text) const {
    if (!options_.quiet) {
      print_error(text);
    }
  }

  Answer ask(const Commit& commit) {
    Answer answer = answer_of(options_, commit.id);
    check_interrupted();
    say(fmt::format("  {}{}\n", word_of(answer.verdict),
                    answer.reason.empty() ? "" : ": " + printable(answer.reason)));
    asked_.push_back({commit, answer});
    return answer;
  }

  static std::string word_of(Verdict verdict) {
    switch (verdict) {
      case Verdict::holds: return "good";
      case Verdict::violated: return "bad";
      case Verdict::unknown: break;
    }
    return "cannot be told";
  }

  void check_ends() {
    const std::string& property = options_.properties.front();
    for (const auto& [revision, expected] : {std::pair(options_.revisions[1], Verdict::violated),
                                             std::pair(options_.revisions[0], Verdict::holds)}) {
      say(fmt::format("{}\n", printable(revision)));
      const bool is_bad_end = expected == Verdict::violated;
      const Commit commit =
          is_bad_end ? commits_.back() : Commit{revision, "", {}};  // GOOD is not in the range
      const Answer answer = ask(commit);
      if (answer.verdict == Verdict::unknown) {
        throw InputError({revision, 0, 0},
                         "it cannot be told of " + property + ": " + answer.reason, {},
                         "two revisions that can be told");
      }
      if (answer.verdict != expected) {
        throw InputError({revision, 0, 0},
                         property + (is_bad_end ? " holds here" : " is violated here"), {},
                         is_bad_end ? "a revision in which it is violated, behind one in which it "
                                      "holds"
                                    : "a revision in which it holds, before one in which it is "
                                      "violated");
      }
    }
  }

  [[nodiscard]] const std::string& reason_of(const Commit& commit) const {
    static const std::string none;
    const auto found = std::find_if(asked_.begin(), asked_.end(),
                                    [&](const Asked& each) { return each.commit.id == commit.id; });
    return found == asked_.end() ? none : found->answer.reason;
  }

  [[nodiscard]] std::string text(const std::vector<std::size_t>& left) const {
    const std::string& property = options_.properties.front();
    const Commit& last = commits_[left.back()];
    if (left.size() == 1) {
      return fmt::format("{} is the first bad commit\n    {}\n{} is violated from here on:\n  {}\n",
                         last.id, printable(last.subject), property,
                         trace_command(options_for(options_, last.id), "base", property));
    }
    std::string out = fmt::format("The first bad commit is one of these {}:\n", left.size());
    for (const std::size_t at : left) {
      const std::string& reason = reason_of(commits_[at]);
      out += fmt::format("  {}{}\n", name_of(commits_[at]),
                         reason.empty() ? "" : ": " + printable(reason));
    }
    return out + closing_line(ExitStatus::undecided,
                              fmt::format("{} revisions cannot be told", left.size() - 1),
                              output_style().width);
  }

  [[nodiscard]] std::string json(const std::vector<std::size_t>& left) const {
    const auto of = [](const Commit& commit) {
      return Json{{"commit", commit.id}, {"subject", commit.subject}};
    };
    Json result{{"repository", options_.trees.front()},
                {"good", options_.revisions[0]},
                {"bad", options_.revisions[1]},
                {"property", options_.properties.front()}};
    result["first_bad"] = left.size() == 1 ? of(commits_[left.front()]) : Json();
    result["candidates"] = Json::array();
    for (const std::size_t at : left) {
      result["candidates"].push_back(of(commits_[at]));
    }
    result["asked"] = Json::array();
    for (const Asked& each : asked_) {
      Json entry = of(each.commit);
      entry["verdict"] = to_string(each.answer.verdict);
      entry["reason"] = each.answer.reason;
      result["asked"].push_back(std::move(entry));
    }
    return dump(result);
  }

  const Options& options_;
  std::vector<Commit> commits_;
  std::vector<Asked> asked_;
};

}  // namespace

ExitStatus run_bisect(const Options& options) {
  static_cast<void>(lens_of(options));  // an error of the lens is no revision's fault
  return Bisector(options).run();
}

}  // namespace airlock
