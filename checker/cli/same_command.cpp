// A command line said again: for traces, for certificates, for what is remembered of a verdict.
#include <fmt/format.h>

#include "checker/cli/options.hpp"
#include "checker/trace/text.hpp"
#include "model/system/input_error.hpp"

namespace airlock {
namespace {

void append(std::string& command, const char* option, const std::vector<std::string>& values) {
  for (const std::string& value : values) {
    command += std::string(" ") + option + " " + shell_quote(value);
  }
}

}  // namespace

std::pair<std::string, std::string> name_and_value(const std::string& option,
                                                   const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw InputError({option, 0, 0}, "'" + printable(text) + "' is not of the form NAME=VALUE", {},
                     "a name, '=' and a value");
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

std::string world_arguments(const Options& options) {
  std::string arguments = options.guarantees ? " --guarantees" : "";
  append(arguments, "--set", options.set);
  append(arguments, "--actor", options.actors);
  append(arguments, "--no-actor", options.no_actors);
  append(arguments, "--feature", options.features);
  append(arguments, "--no-feature", options.no_features);
  append(arguments, "--guest-without", options.guest_without);
  append(arguments, "--guest", options.guests);
  append(arguments, "--choice", options.choices);
  return arguments;
}

std::string trace_command(const Options& options, const std::string& fix,
                          const std::string& property) {
  std::string command = "airlock trace";
  for (const std::string& model : options.models) {
    command += " " + shell_quote(model);
  }
  append(command, "--tree", options.trees);
  append(command, "--patch", options.patches);
  if (!options.lens.empty()) {
    append(command, "--lens", {options.lens});
  }
  const std::string of_fix = fix == "none" ? "" : " --fix " + shell_quote(fix);
  return command + world_arguments(options) + of_fix + " --property " + shell_quote(property);
}

}  // namespace airlock
