#include "model/kernel/slice.hpp"

#include "model/kernel/analysis.hpp"
#include "model/kernel/normalise.hpp"
#include "model/kernel/print.hpp"
#include "model/kernel/slicer.hpp"
#include "model/software/embedded.hpp"
#include "model/system/input_error.hpp"

namespace airlock::kernel {

Slice slice(std::span<const SourceFile> files, const Lens& lens) {
  Config config;
  config.complete = true;
  config.values.insert(lens.config.begin(), lens.config.end());
  Index index;
  for (const SourceFile& file : files) {
    index.add(file.path, normalise(file, config, lens.words));
  }
  index.add("airlock/svm.h", normalise({"airlock/svm.h", std::string(embedded_header("airlock/svm.h"))}, config, lens.words),
            true);
  for (const SourceFile& file : lens.bodies) {
    index.add(file.path, normalise(file, config, lens.words), true);
  }
  Slice result;
  Analysis analysis(index, lens, result.receipt);
  analysis.run();
  if (!analysis.problems.empty()) {
    std::string all = "the lens leaves open what this does to tracked state:";
    for (const std::string& problem : analysis.problems) {
      all += "\n  " + problem;
    }
    throw InputError({lens.path + "/lens.toml", 0, 0}, all, {},
                     "a function of the C half, [harmless] or [opaque] with a reason");
  }
  Slicer slicer(analysis, result.receipt);
  slicer.run();
  Printer(slicer, result).run();
  result.receipt.files = index.files();
  result.receipt.functions = static_cast<unsigned>(index.functions().size());
  result.receipt.reached_functions = static_cast<unsigned>(analysis.reached().size());
  for (const FunctionText* function : slicer.kept()) {
    if (!function->from_lens) {
      KeptFunction kept{function->name, function->place(), 0, 0};
      const FunctionState& in = analysis.state(function);
      for (unsigned id = 0; id < in.live.size(); ++id) {
        kept.reached += in.live[id] ? 1 : 0;
        kept.statements += slicer.need(function).points[id] ? 1 : 0;
      }
      result.receipt.kept_statements += kept.statements;
      result.receipt.kept.push_back(kept);
    }
  }
  return result;
}

}  // namespace airlock::kernel
