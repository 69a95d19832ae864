#include "checker/cli/kernel_input.hpp"

#include <algorithm>
#include <charconv>
#include <exception>
#include <optional>
#include <set>
#include <stdexcept>

#include "checker/cli/terminal.hpp"
#include "checker/compare/tasks.hpp"
#include "model/software/embedded.hpp"
#include "model/system/input_error.hpp"

namespace airlock {

kernel::Lens lens_of(const Options& options) {
  return kernel::read_lens(options.lens.empty() ? kernel::default_lens : options.lens);
}

namespace {

kernel::Slice slice_of(const kernel::Tree& tree, const std::vector<SourceFile>& files,
                       const kernel::Lens& lens) {
  kernel::Slice slice = kernel::slice(files, lens);
  const std::vector<std::string> wrong = kernel::verify(slice, files);
  if (!wrong.empty()) {
    throw std::logic_error("the slice of " + tree.name() +
                           " is not the tree's text: " + wrong.front());
  }
  slice.receipt.tree = tree.name();
  if (!tree.revision().empty()) {
    slice.receipt.tree += " (" + tree.revision() + ")";
  }
  return slice;
}

/// What the first row makes no use of is an error of the lens; a patch may do away with it.
kernel::Lens lens_of_row(const kernel::Lens& lens, bool first) {
  kernel::Lens own = lens;
  for (kernel::Assumption& each : own.assumptions) {
    each.used = !first;
  }
  return own;
}

/// A row to be sliced by a thread of its own.
struct RowTask {
  std::vector<SourceFile> files;
  std::optional<kernel::Slice> slice;
  std::exception_ptr failure;
};

}  // namespace

std::vector<SlicedRow> sliced_rows(const Options& options, const std::string& tree,
                                   const kernel::Lens& lens, bool last_only) {
  std::vector<kernel::TreeRow> rows =
      kernel::rows_of(tree, options.patches, lens, {!options.no_cache});
  if (!rows.empty()) {
    for (const std::string& notice : rows.back().tree.notices()) {
      print_error(notice + "\n");
    }
  }
  const std::size_t first = last_only && !rows.empty() ? rows.size() - 1 : 0;
  std::vector<RowTask> work(rows.size());
  check_interrupted();
  Tasks tasks(std::min<unsigned>(options.jobs, static_cast<unsigned>(rows.size() - first)),
              nullptr);
  for (std::size_t i = first; i < rows.size(); ++i) {
    const SignalScope scope;
    work[i].files = kernel::files_for(rows[i].tree, lens);  // rows share what was read
    tasks.add([&, i] {
      const SignalScope own_scope;
      try {
        work[i].slice = slice_of(rows[i].tree, work[i].files, lens_of_row(lens, i == 0));
      } catch (...) {
        work[i].failure = std::current_exception();
      }
    });
  }
  tasks.run();
  std::vector<SlicedRow> result;
  for (std::size_t i = first; i < rows.size(); ++i) {
    if (work[i].failure) {
      std::rethrow_exception(work[i].failure);
    }
    result.push_back({rows[i].name, std::move(*work[i].slice), std::move(rows[i].tree)});
  }
  return result;
}

nlohmann::ordered_json receipt_of(const SlicedRow& row) {
  nlohmann::ordered_json json = nlohmann::ordered_json::parse(receipt_json(row.slice.receipt));
  json["patches"] = nlohmann::ordered_json::array();
  for (const auto& [path, digest] : row.tree.patches()) {
    json["patches"].push_back({{"file", path}, {"sha256", digest}});
  }
  return json;
}

UntrackedTexts untracked_texts(const kernel::Slice& slice, const kernel::Lens& lens) {
  UntrackedTexts result;
  std::set<const kernel::Named*> used;
  for (const kernel::KeptFunction& kept : slice.receipt.kept) {
    const std::size_t colon = kept.place.rfind(':');
    unsigned line = 0;
    if (colon != std::string::npos) {
      std::from_chars(kept.place.data() + colon + 1, kept.place.data() + kept.place.size(), line);
    }
    const kernel::Named* free = nullptr;
    for (const kernel::Named& each : lens.free) {
      const bool here =
          std::find(each.names.begin(), each.names.end(), kept.name) != each.names.end();
      free = here ? &each : free;
    }
    used.insert(free);
    result.functions[kept.place.substr(0, colon)][line] = {kept.name,
                                                           free == nullptr ? "" : free->reason};
  }
  for (const kernel::Named& each : lens.free) {
    if (!each.optional && !used.contains(&each)) {
      throw InputError(each.place, "the slice has no function '" + each.names.front() + "'",
                       each.line, "a function that is kept, or a '?' behind the name");
    }
  }
  for (const kernel::Fact& fact : slice.receipt.facts) {
    if (fact.kind == kernel::Fact::Kind::untracked) {
      std::string text = fact.what;
      if (text.starts_with('(') && text.ends_with(')')) {  // the condition of an if
        text = text.substr(1, text.size() - 2);
      }
      if (text.ends_with(';')) {
        text.pop_back();
      }
      result.by_place.emplace(fact.place, text);
    }
  }
  for (const SourceFile& file : slice.files) {
    const bool of_lens = file.path.starts_with(slice.receipt.lens + "/");
    if (!of_lens && !file.path.starts_with("airlock")) {  // nor what is generated
      result.files.push_back(file.path);
    }
  }
  return result;
}

std::vector<SlicedRow> rows_of_tree(const Options& options) {
  if (options.trees.empty()) {
    return {};
  }
  return sliced_rows(options, options.trees.front(), lens_of(options), false);
}

ModelSources model_of(const Options& options, const std::vector<SlicedRow>& rows) {
  ModelSources model;
  model.name = options.trees.front();
  for (const SlicedRow& row : rows) {
    model.rows.push_back({row.name, row.tree.name(), row.slice.files, {}, {}});
  }
  for (const char* name : {"properties/guarantees.c", "properties/guards.c"}) {
    model.properties.push_back({std::string("airlock:") + name, std::string(embedded_spec(name))});
  }
  return model;
}

std::vector<std::string> slice_assumptions() {
  return {
      "what the receipt of the slice calls believed (`airlock slice --receipt`)",
      "the slice leaves nothing out that matters: argued rule by rule in docs/kernel.md, tested "
      "by rule, by random trees and by changes to a tree (docs/reliability.md, \"Slices of kernel "
      "trees\")"};
}

}  // namespace airlock
