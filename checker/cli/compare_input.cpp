#include "checker/cli/compare_input.hpp"

#include "checker/cli/terminal.hpp"

namespace airlock {
namespace {

CostSystem cost_system(CostWorld world) {
  return {std::move(world.system), world.entry_complete, world.fastpath_complete, world.rdmsr,
          world.wrmsr};
}

}  // namespace

RowInput row_input(const Session& session, const Fix& fix) {
  const Project& project = session.project();
  const auto build = [&project, fix] {
    const SignalScope scope;
    return project.build(fix).system;
  };
  const auto build_for_cost = [&project, fix] {
    const SignalScope scope;
    return cost_system(project.build_for_cost(fix));
  };
  RowInput row{fix.name, fix.summary, build, build_for_cost};
  for (const std::string& name : session.options().noninterference ? all_two_run_properties()
                                                                   : session.two_run_properties()) {
    row.two_runs.emplace_back([&session, fix, name] {
      const SignalScope scope;
      return session.build_two_runs(fix, name);
    });
  }
  if (session.options().no_certificates) {
    return row;
  }
  row.certificate_heading = [&session, fix](const Property& property,
                                            const TransitionSystem& system, const Pins& pins) {
    return session.certificate_heading(fix, property, system, pins);
  };
  return row;
}

void write_certificates(const Session& session, Matrix& matrix) {
  if (session.options().certificate_folder.empty()) {
    return;
  }
  for (Row& row : matrix.rows) {
    for (Cell& cell : row.cells) {
      for (Certified* each = cell.certificate ? &*cell.certificate : nullptr; each != nullptr;
           each = each->support.get()) {
        if (!each->text.empty()) {
          each->file = session.write_certificate(row.fix, each->property, each->text, true);
        }
      }
    }
  }
}

MatrixHeading heading_of(const Session& session) {
  MatrixHeading heading;
  heading.model = session.project().name();
  heading.parameters = session.parameters();
  heading.actors = session.enabled_actors();
  heading.trace_command = [&session](const std::string& fix, const std::string& property) {
    return trace_command(session.options(), fix, property);
  };
  heading.untracked = [&session](const std::string& fix) { return session.untracked(fix); };
  heading.fix_files = [&session](const std::string& fix) {
    return session.project().fix(fix).files;
  };
  heading.stats = session.options().stats;
  return heading;
}

Finished finished(const Session& session, Matrix& matrix,
                  const std::optional<Expectations>& expectations) {
  write_certificates(session, matrix);
  write_expectations(session.options(), matrix);
  Finished result{heading_of(session), std::nullopt};
  if (expectations) {
    result.expected = compared(session.options(), matrix, *expectations);
    result.heading.known = known_violations(*expectations);
  }
  return result;
}

}  // namespace airlock
