// Rows are decided by compare(), but what has been decided already is not decided again: a row
// whose slice is an earlier row's, as when a patch changes nothing that is followed, and whatever
// the user's cache of verdicts has. What a verdict depends on is in its key (key_of() below); lines
// that the slice leaves blank are not, so that a patch which only moves text changes no key. Traces
// are replayed on the row's own system and so cite the row's own lines.
#include "checker/cli/check_rows.hpp"

#include <algorithm>
#include <map>

#include "checker/cli/compare_input.hpp"
#include "checker/cli/engine_progress.hpp"
#include "checker/cli/false_alarm.hpp"
#include "checker/cli/stored_cell.hpp"
#include "checker/cli/terminal.hpp"
#include "checker/cli/verdict_cache.hpp"
#include "model/kernel/tree_source.hpp"

namespace airlock {
namespace {

/// Those that were asked for; by default those whose subject the lens follows.
std::vector<std::string> asked_properties(const Session& session, const kernel::Lens& lens) {
  std::vector<std::string> result = session.options().properties;
  if (result.empty()) {
    for (const kernel::Named& each : lens.properties) {
      result.push_back(each.names.front());
    }
  }
  return result;
}

/// What a verdict about a tree rests on beside the model's own assumptions.
std::vector<std::string> tree_assumptions(const kernel::Lens& lens,
                                          const std::vector<std::string>& asked) {
  std::vector<std::string> result = slice_assumptions();
  for (const std::string& name : asked) {
    const auto follows = [&](const kernel::Named& each) { return each.names.front() == name; };
    if (!lens.properties.empty() &&
        std::none_of(lens.properties.begin(), lens.properties.end(), follows)) {
      result.push_back("the lens does not follow what " + name +
                       " is about: \"violated\" may be a false alarm");
    }
  }
  return result;
}

/// The text without its blank lines.
std::string without_blank_lines(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    const std::string_view line = text.substr(0, end);
    if (line.find_first_not_of(" \t\n") != std::string_view::npos) {
      result += line;
    }
    text.remove_prefix(end);
  }
  return result;
}

void add_slice(KeyMaker& key, const kernel::Slice& slice) {
  key.add(slice.receipt.lens_hash);
  key.add(std::to_string(slice.files.size()));
  for (const SourceFile& file : slice.files) {
    key.add(file.path);
    key.add(without_blank_lines(file.text));
  }
}

class RowsDecider {
 public:
  RowsDecider(const Session& session, const kernel::Lens& lens, std::vector<std::string> asked)
      : session_(session),
        lens_(lens),
        asked_(std::move(asked)),
        program_(program_identity()),
        // Certificates are written with the names of their rows; statements about two runs have
        // products that are not kept.
        may_share_(session.two_run_properties().empty() &&
                   session.options().certificate_folder.empty()),
        cache_(session.options().no_cache || program_.empty() || !may_share_ ||
                       kernel::cache_folder().empty()
                   ? std::filesystem::path()
                   : kernel::cache_folder() / "verdicts") {
    for (const Fix& fix : session.project().fixes()) {
      inputs_.push_back(row_input(session, fix));
      inputs_.back().build_for_cost = nullptr;
    }
    matrix_.rows.resize(inputs_.size());
    decided_.resize(inputs_.size(), false);
  }

  Matrix run() {
    for (std::size_t row = 0; may_share_ && row < inputs_.size(); ++row) {
      decided_[row] = restored(row);
    }
    std::vector<std::size_t> equal;  // to an earlier row that is about to be decided
    std::vector<std::size_t> pending;
    for (std::size_t row = 0; row < inputs_.size(); ++row) {
      const bool like_an_earlier = std::any_of(pending.begin(), pending.end(), [&](std::size_t at) {
        return may_share_ && row_key(at) == row_key(row);
      });
      if (!decided_[row]) {
        (like_an_earlier ? equal : pending).push_back(row);
      }
    }
    decide(pending);
    std::vector<std::size_t> again;
    for (const std::size_t row : equal) {
      if (!restored(row)) {
        again.push_back(row);
      }
    }
    decide(again);
    return std::move(matrix_);
  }

 private:
  /// All that a verdict about that row depends on. The first row is part of it: the world that the
  /// others are put into takes its parameters and actors from there.
  [[nodiscard]] std::string row_key(std::size_t row) const {
    KeyMaker key;
    key.add("airlock verdict 1");
    key.add(program_);
    add_slice(key, session_.trees().front().slice);
    add_slice(key, session_.trees().at(row).slice);
    const Options& options = session_.options();
    key.add(world_arguments(options));
    key.add(options.no_certificates ? "without certificates" : "with certificates");
    return key.key();
  }

  [[nodiscard]] static std::string key_of(const std::string& row_key, const std::string& property) {
    KeyMaker key;
    key.add(row_key);
    key.add(property);
    return key.key();
  }

  [[nodiscard]] bool is_asked(const Property& property) const {
    return asked_.empty() || std::find(asked_.begin(), asked_.end(), property.name) != asked_.end();
  }

  std::optional<std::string> known(const std::string& key) {
    if (const auto here = known_.find(key); here != known_.end()) {
      return here->second;
    }
    std::string problem;
    std::optional<std::string> text = cache_.load(key, problem);
    if (!problem.empty()) {
      print_error(problem + "\n");
    }
    return text;
  }

  /// Whether all of the row's cells were known.
  bool restored(std::size_t index) {
    const std::string own_key = row_key(index);
    const auto subject = std::make_shared<Subject>(inputs_[index].build(), session_.chosen());
    const UntrackedTexts texts = untracked_texts(session_.trees().at(index).slice, lens_);
    Row row;
    row.fix = inputs_[index].fix;
    row.summary = inputs_[index].summary;
    row.subject = subject;
    for (const Property& property : subject->system().properties) {
      if (!is_asked(property)) {
        continue;
      }
      const std::optional<std::string> text = known(key_of(own_key, property.name));
      std::optional<Cell> cell =
          text ? restored_cell(*text, *subject, property, texts) : std::nullopt;
      if (!cell) {
        return false;
      }
      row.cells.push_back(*std::move(cell));
    }
    matrix_.rows[index] = std::move(row);
    return true;
  }

  /// Which untracked choices each violation of the row needs.
  void check_alarms(Row& row, std::size_t index) {
    const UntrackedTexts texts = untracked_texts(session_.trees().at(index).slice, lens_);
    for (Cell& cell : row.cells) {
      if (cell.decision.verdict != Verdict::violated || !cell.decision.trace || cell.two_runs) {
        continue;
      }
      ProgressLine line(session_.options().quiet);
      cell.alarm = check_alarm(*row.subject, cell.decision, texts,
                               with_progress(session_.context(), line, "is this a false alarm?"));
      check_interrupted();
    }
  }

  void decide(const std::vector<std::size_t>& rows) {
    if (rows.empty()) {
      return;
    }
    std::vector<RowInput> inputs;
    for (const std::size_t row : rows) {
      inputs.push_back(inputs_[row]);
    }
    ProgressLine line(session_.options().quiet);
    MatrixOptions options;
    options.properties = asked_;
    options.chosen = session_.chosen();
    options.context = session_.context();
    options.progress = with_progress(line, options.context.deadline);
    Matrix decided = compare(inputs, options);
    line.clear();
    check_interrupted();
    matrix_.seconds += decided.seconds;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      check_alarms(decided.rows[i], rows[i]);
      const std::string own_key = row_key(rows[i]);
      for (const Cell& cell : decided.rows[i].cells) {
        if (const std::string text = stored_text(cell); !text.empty()) {
          const std::string key = key_of(own_key, cell.decision.property->name);
          known_[key] = text;
          cache_.store(key, text);
        }
      }
      matrix_.rows[rows[i]] = std::move(decided.rows[i]);
    }
  }

  const Session& session_;
  const kernel::Lens& lens_;
  std::vector<std::string> asked_;
  std::string program_;
  bool may_share_;
  VerdictCache cache_;
  std::vector<RowInput> inputs_;
  std::vector<bool> decided_;
  std::map<std::string, std::string> known_;  // of this run
  Matrix matrix_;
};

}  // namespace

Matrix check_rows(const Session& session) {
  const kernel::Lens lens = lens_of(session.options());
  const std::vector<std::string> asked = asked_properties(session, lens);
  const TransitionSystem first = session.project().build(session.project().fixes().front()).system;
  std::vector<std::string> assumptions = tree_assumptions(lens, asked);
  for (const std::string& guard :
       assumed_guards(first, session.properties_beside_two_runs(first))) {
    assumptions.push_back(guard);
  }
  Matrix matrix = RowsDecider(session, lens, asked).run();
  matrix.assumptions = std::move(assumptions);
  return matrix;
}

std::size_t remembered_verdicts(const Matrix& matrix) {
  std::size_t result = 0;
  for (const Row& row : matrix.rows) {
    result += static_cast<std::size_t>(std::count_if(
        row.cells.begin(), row.cells.end(), [](const Cell& cell) { return cell.remembered; }));
  }
  return result;
}

}  // namespace airlock
