#include "checker/cli/check_mail.hpp"

#include <fstream>
#include <sstream>

#include "checker/trace/text.hpp"

namespace airlock {
namespace {

std::string line_of(const std::string& text, unsigned number) {
  std::size_t at = 0;
  for (unsigned line = 1; line < number && at != std::string::npos; ++line) {
    at = text.find('\n', at);
    at = at == std::string::npos ? at : at + 1;
  }
  return at == std::string::npos ? std::string() : text.substr(at, text.find('\n', at) - at);
}

std::string command_of(const Options& options) {
  std::string command = "airlock check " + shell_quote(options.trees.front());
  for (const std::string& patch : options.patches) {
    command += " --patch " + shell_quote(patch);
  }
  if (!options.lens.empty()) {
    command += " --lens " + shell_quote(options.lens);
  }
  for (const std::string& property : options.properties) {
    command += " --property " + shell_quote(property);
  }
  return command;
}

}  // namespace

MailInput mail_input(const Session& session) {
  const Options& options = session.options();
  MailInput input;
  input.command = command_of(options);
  if (!options.patches.empty()) {
    input.patch_name = options.patches.back();
    std::ostringstream text;
    text << std::ifstream(options.patches.back(), std::ios::binary).rdbuf();
    input.patch_text = text.str();
  }
  const kernel::Tree& tree = session.trees().back().tree;
  input.line_at = [&tree](const SourceLocation& place) {
    const std::optional<SourceFile> file = tree.find(place.file);
    return file ? line_of(file->text, place.line) : std::string();
  };
  return input;
}

}  // namespace airlock
