#include "checker/cli/kernel_input.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <stdexcept>

#include "checker/cli/terminal.hpp"
#include "model/software/embedded.hpp"
#include "model/system/input_error.hpp"

namespace airlock {

kernel::Lens lens_of(const Options& options) {
  return kernel::read_lens(options.lens.empty() ? kernel::default_lens : options.lens);
}

std::vector<SlicedRow> sliced_rows(const Options& options, const std::string& tree,
                                   const kernel::Lens& lens, bool last_only) {
  std::vector<kernel::TreeRow> rows =
      kernel::rows_of(tree, options.patches, lens, {!options.no_cache});
  if (!rows.empty()) {
    for (const std::string& notice : rows.back().tree.notices()) {
      print_error(notice + "\n");
    }
  }
  std::vector<SlicedRow> result;
  for (std::size_t i = last_only ? rows.size() - 1 : 0; i < rows.size(); ++i) {
    check_interrupted();
    const SignalScope scope;
    const std::vector<SourceFile> files = kernel::files_for(rows[i].tree, lens);
    kernel::Slice slice = kernel::slice(files, lens);
    const std::vector<std::string> wrong = kernel::verify(slice, files);
    if (!wrong.empty()) {
      throw std::logic_error("the slice of " + rows[i].tree.name() +
                             " is not the tree's text: " + wrong.front());
    }
    slice.receipt.tree = rows[i].tree.name();
    if (!rows[i].tree.revision().empty()) {
      slice.receipt.tree += " (" + rows[i].tree.revision() + ")";
    }
    result.push_back({rows[i].name, std::move(slice), std::move(rows[i].tree)});
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

}  // namespace airlock
