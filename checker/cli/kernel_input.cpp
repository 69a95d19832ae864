#include "checker/cli/kernel_input.hpp"

#include <stdexcept>

#include "checker/cli/terminal.hpp"
#include "model/software/embedded.hpp"

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
