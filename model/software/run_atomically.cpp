#include <cassert>

#include "model/software/execute.hpp"
#include "model/software/impl.hpp"
#include "model/system/input_error.hpp"

namespace airlock {

std::vector<AtomicPath> run_atomically(const Program& program, const std::string& function,
                                       Step step, const Platform& platform,
                                       const GlobalBindings& globals, std::size_t ways_apart) {
  const c::Unit& unit = program.impl().unit;
  const c::FunctionId id = program.impl().checker->find_function(function);
  if (id == c::none || !unit.functions[id].is_defined()) {
    throw InputError({}, "there is no function '" + function + "'");
  }
  if (!unit.functions[id].parameters.empty()) {
    unit.sources.fail(unit.functions[id].loc, "'" + function + "' is called from outside",
                      "no parameters");
  }
  c::ExecuteOptions options;
  options.ways_apart = ways_apart;
  c::Executor executor(unit, step.system(), platform, globals, options);
  c::Ends ends;
  executor.run(executor.begin(step, id), ends);
  assert(ends.cut.empty());
  std::vector<AtomicPath> result;
  for (auto& [path, value] : ends.returned) {
    AtomicPath done{std::move(path.step), {}, false, {}, {}};
    const bool is_void = unit.functions[id].type->target->is_void();
    if (value.kind == c::Value::Kind::number) {
      done.result = value.number;
    } else if (!is_void) {
      done.undefined = true;
      done.reason = "'" + function + "' ends without returning a value";
      done.location = unit.sources.location(unit.functions[id].loc);
    }
    result.push_back(std::move(done));
  }
  for (c::Undefined& undefined : ends.undefined) {
    result.push_back({std::move(undefined.path.step),
                      {},
                      true,
                      undefined.reason,
                      unit.sources.location(undefined.loc)});
  }
  return result;
}

}  // namespace airlock
