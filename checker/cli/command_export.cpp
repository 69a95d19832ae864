// `export --to FORMAT`: the transition system for other tools. JSON is the system as it is; the
// other formats get what is needed to decide the properties asked for, reduced as for Airlock's own
// engines, and say so in their heads.
#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <sstream>

#include "checker/cli/commands.hpp"
#include "checker/cli/export_input.hpp"
#include "checker/cli/terminal.hpp"
#include "checker/exchange/json.hpp"
#include "checker/trace/render.hpp"
#include "model/system/input_error.hpp"

namespace airlock {
namespace {

using Json = nlohmann::ordered_json;
using Write = void (*)(std::ostream&, const ExportInput&);

ExitStatus export_as_json(const Session& session, const Fix& fix, Subject& subject) {
  const std::vector<const Property*> properties = session.properties(subject.system());
  Json head{{"model", session.project().name()}, {"fix", fix.name}};
  head["pinned"] = Json::object();
  for (const auto& [name, value] : shown_choices(subject.system(), subject.pins())) {
    head["pinned"][name] = value;
  }
  print(dump(export_json(subject.pinned(subject.pins()), properties, std::move(head))));
  return ExitStatus::holds;
}

const std::map<std::string, Write>& writers() {
  static const std::map<std::string, Write> table{{"aiger", write_aiger},
                                                  {"btor2", write_btor2},
                                                  {"chc", write_chc},
                                                  {"murphi", write_murphi},
                                                  {"promela", write_promela}};
  return table;
}

constexpr const char* smt2 = "smt2";

void check_usage(const Options& options) {
  if (options.to == "aiger" && output_is_terminal()) {
    throw InputError({"--to", 0, 0}, "AIGER is binary, and standard output is a terminal", {},
                     "standard output redirected to a file");
  }
  if ((options.to == "chc" || options.to == smt2) && options.properties.size() != 1) {
    throw InputError(
        {"--to", 0, 0},
        options.to == smt2 ? "smt2 asks one question" : "Horn clauses ask one question", {},
        "--property P, once");
  }
  if ((options.to == smt2) != options.bound.has_value()) {
    throw InputError({"--bound", 0, 0},
                     options.bound
                         ? "only smt2 asks about so many steps"
                         : "smt2 is a question about a number of steps, which is not given",
                     {}, options.bound ? "--to smt2" : "--bound STEPS");
  }
}

}  // namespace

std::vector<std::string> export_formats() {
  std::vector<std::string> names{"json"};
  for (const auto& [name, write] : writers()) {
    names.push_back(name);
  }
  names.emplace_back(smt2);
  return names;
}

ExitStatus run_export(const Session& session) {
  const Options& options = session.options();
  const Fix fix = session.fix();
  const std::unique_ptr<Subject> subject = session.build(fix);
  check_usage(options);
  if (options.to == "json") {
    return export_as_json(session, fix, *subject);
  }
  const ExportedReduction exported(session, fix, *subject);
  std::ostringstream text;
  try {
    if (options.to == smt2) {
      write_unrolling(text, exported.input(), *options.bound);
    } else {
      writers().at(options.to)(text, exported.input());
    }
  } catch (const NotExportable& error) {
    throw InputError({"--to", 0, 0}, error.what(), {}, "another format");
  }
  print(text.str());
  return ExitStatus::holds;
}

}  // namespace airlock
