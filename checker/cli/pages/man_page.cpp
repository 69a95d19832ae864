// A man page has nothing to say that --help does not: name, synopsis, options, exit statuses. What
// a command is for at length is in docs/, which the page names. The macros are man(7)'s, which
// groff and mandoc both read; text is escaped so that a '-' stays one that can be copied, and so
// that no line begins with a '.' or a '\''.
#include "checker/cli/pages/man_page.hpp"

#include <fmt/format.h>

#include "checker/cli/version.hpp"

namespace airlock {
namespace {

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    const bool begins = result.empty() || result.back() == '\n';
    if (begins && (c == '.' || c == '\'')) {
      result += "\\&";
    }
    switch (c) {
      case '\\': result += "\\e"; break;
      case '-': result += "\\-"; break;
      default: result += c;
    }
  }
  return result;
}

std::string called(const CommandHelp& command) {
  return command.name.empty() ? "airlock" : "airlock " + command.name;
}

std::string synopsis(const CommandHelp& command) {
  std::string result = "\\fB" + escaped(called(command)) + "\\fR";
  if (command.name.empty()) {
    return result + " \\fICOMMAND\\fR [\\fIOPTION\\fR]...";
  }
  for (const OptionHelp& option : command.options) {
    if (!option.positional && option.required) {
      result += " \\fB" + escaped(option.name) + "\\fR \\fI" + escaped(option.value) + "\\fR";
    }
  }
  result += " [\\fIOPTION\\fR]...";
  for (const OptionHelp& option : command.options) {
    if (option.positional) {
      result += std::string(option.required ? " \\fI" : " [\\fI") + escaped(option.name) + "\\fR" +
                (option.required ? "" : "]") + (option.repeated ? "..." : "");
    }
  }
  return result;
}

std::string options(const CommandHelp& command) {
  std::string result;
  for (const OptionHelp& option : command.options) {
    const std::string value = option.value.empty() ? "" : " \\fI" + escaped(option.value) + "\\fR";
    result += ".TP\n";
    result += (option.positional ? "\\fI" : "\\fB") + escaped(option.name) + "\\fR" + value + "\n";
    result += escaped(option.text.empty() ? option.name : option.text) + ".\n";
  }
  return result;
}

}  // namespace

std::string page_name(const CommandHelp& command) {
  return command.name.empty() ? "airlock" : "airlock-" + command.name;
}

std::string man_page(const CommandHelp& command, const std::vector<CommandHelp>& all) {
  std::string out = fmt::format(".TH \"{}\" \"1\" \"\" \"airlock {}\" \"Airlock\"\n",
                                escaped(page_name(command)), AIRLOCK_VERSION);
  out += ".nh\n.ad l\n";  // names are broken nowhere
  out += ".SH NAME\n" + escaped(page_name(command)) + " \\- " + escaped(command.text) + "\n";
  out += ".SH SYNOPSIS\n" + synopsis(command) + "\n";
  if (command.name.empty()) {
    out += ".SH COMMANDS\n";
    for (const CommandHelp& each : all) {
      if (!each.name.empty()) {
        out += ".TP\n\\fB" + escaped(each.name) + "\\fR\n" + escaped(each.text) + ". See \\fB" +
               escaped(page_name(each)) + "\\fR(1).\n";
      }
    }
  }
  out += ".SH OPTIONS\n" + options(command);
  const std::string& statuses = command.footer.empty() ? all.front().footer : command.footer;
  const std::size_t colon = statuses.find(": ");  // "Exit status: 0 ..."
  out += ".SH EXIT STATUS\n" +
         escaped(colon == std::string::npos ? statuses : statuses.substr(colon + 2)) + "\n";
  out += ".SH SEE ALSO\n";
  if (!command.name.empty()) {
    out += "\\fBairlock\\fR(1).\n";
  }
  return out +
         "The documentation is installed beside the licence, in share/doc/airlock: README.md and "
         "docs/tutorial.md are where to begin.\n";
}

}  // namespace airlock
