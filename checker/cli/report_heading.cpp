#include "checker/cli/report_heading.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>

#include "checker/cli/version.hpp"
#include "checker/prove/prove.hpp"
#include "checker/support/atomic_file.hpp"
#include "checker/trace/text.hpp"
#include "model/system/input_error.hpp"

namespace airlock {
namespace {

namespace fs = std::filesystem;

std::optional<std::string> read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return std::nullopt;
  }
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// NAME of `#include "NAME"`; empty for every other line.
std::string included_by(std::string_view line) {
  const auto skip_blanks = [&line] {
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  };
  const auto skip = [&line](std::string_view word) {
    const bool there = line.substr(0, word.size()) == word;
    line.remove_prefix(there ? word.size() : 0);
    return there;
  };
  skip_blanks();
  if (!skip("#")) {
    return {};
  }
  skip_blanks();
  if (!skip("include")) {
    return {};
  }
  skip_blanks();
  const bool quoted = skip("\"");
  const std::size_t end = line.find('"');
  return quoted && end != std::string_view::npos ? std::string(line.substr(0, end)) : "";
}

class Inputs {
 public:
  void add(const std::string& path, const std::string& text) {
    if (!files_.emplace(path, text).second) {
      return;
    }
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      if (const std::string name = included_by(line); !name.empty()) {
        add_if_there((fs::path(path).parent_path() / name).lexically_normal().string());
      }
    }
  }

  void add_if_there(const std::string& path) {
    if (const std::optional<std::string> text = read(path)) {
      add(path, *text);
    }
  }

  [[nodiscard]] std::vector<InputFile> list() const {
    std::vector<InputFile> result;
    for (const auto& [name, text] : files_) {
      result.push_back({name, text});
    }
    return result;
  }

 private:
  std::map<std::string, std::string> files_;
};

}  // namespace

ReportHeading report_heading(const Session& session, const std::vector<Fix>& fixes) {
  const Options& options = session.options();
  ReportHeading result;
  for (const std::string& argument : options.arguments) {
    // The program by its name: where it was built is nobody's business.
    const bool program = &argument == &options.arguments.front();
    result.command += program ? "airlock" : " " + shell_quote(argument);
  }
  result.versions = {{"airlock", AIRLOCK_VERSION}, {"Z3", solver_version()}};
  Inputs inputs;
  for (const std::string& model : options.models) {
    if (fs::is_directory(model)) {
      inputs.add_if_there((fs::path(model) / "airlock.toml").string());
    }
  }
  for (const auto& [path, text] : session.project().sources()) {
    inputs.add(path, text);
  }
  for (const Fix& fix : fixes) {
    for (const std::string& path : fix.files) {
      inputs.add_if_there(path);
    }
  }
  result.inputs = inputs.list();
  return result;
}

void check_report_path(const Options& options) {
  if (options.report.empty()) {
    return;
  }
  const fs::path path(options.report);
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored)) {
    throw InputError({"--report", 0, 0}, "there is no folder '" + printable(folder.string()) + "'",
                     {}, "a file in a folder that exists");
  }
  if (fs::is_directory(path, ignored)) {
    throw InputError({"--report", 0, 0}, "'" + printable(options.report) + "' is a directory", {},
                     "the name of a file");
  }
}

void write_report(const Options& options, const std::string& html) {
  try {
    write_file(options.report, html);
  } catch (const std::runtime_error& error) {
    throw InputError({"--report", 0, 0}, error.what(), {}, "a file that can be written");
  }
}

}  // namespace airlock
