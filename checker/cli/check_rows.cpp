#include "checker/cli/check_rows.hpp"

#include <algorithm>

#include "checker/cli/compare_input.hpp"
#include "checker/cli/engine_progress.hpp"
#include "checker/cli/terminal.hpp"

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
  std::vector<std::string> result{
      "what the receipt of the slice calls believed (`airlock slice --receipt`)",
      "the slice leaves nothing out that matters: argued rule by rule in docs/kernel.md and tested "
      "by "
      "rule, not yet by random programs and mutants of the tree"};
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

}  // namespace

Matrix check_rows(const Session& session) {
  std::vector<RowInput> rows;
  for (const Fix& fix : session.project().fixes()) {
    rows.push_back(row_input(session, fix));
    rows.back().build_for_cost = nullptr;
  }
  const kernel::Lens lens = lens_of(session.options());
  const std::vector<std::string> asked = asked_properties(session, lens);
  const TransitionSystem first = rows.front().build();
  std::vector<std::string> assumptions = tree_assumptions(lens, asked);
  for (const std::string& guard :
       assumed_guards(first, session.properties_beside_two_runs(first))) {
    assumptions.push_back(guard);
  }
  ProgressLine line(session.options().quiet);
  MatrixOptions options;
  options.properties = asked;
  options.chosen = session.chosen();
  options.context = session.context();
  options.progress = with_progress(line, options.context.deadline);
  Matrix matrix = compare(rows, options);
  line.clear();
  check_interrupted();
  matrix.assumptions = std::move(assumptions);
  return matrix;
}

}  // namespace airlock
