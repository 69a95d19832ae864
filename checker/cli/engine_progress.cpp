#include "checker/cli/engine_progress.hpp"

#include <fmt/format.h>

namespace airlock {

EngineContext with_progress(EngineContext context, ProgressLine& line, const std::string& what) {
  if (line.on()) {
    context.progress = [&line, what](const Progress& progress) {
      line.show(fmt::format("{}: {}, depth {}, {} {}", what, progress.engine, progress.depth,
                            progress.states, progress.engine == "pdr" ? "clauses" : "states"));
    };
  }
  return context;
}

}  // namespace airlock
