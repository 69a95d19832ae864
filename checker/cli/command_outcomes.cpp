// airlock outcomes: everything that a guest's program can see, under each fix and on bare metal.
// airlock test: the same of all programs in folders, as KTAP, for what their files expect.
#include <algorithm>
#include <filesystem>
#include <fmt/format.h>

#include "checker/cli/commands.hpp"
#include "checker/cli/guest_input.hpp"
#include "checker/cli/guest_outcomes.hpp"
#include "checker/cli/terminal.hpp"
#include "checker/trace/render.hpp"
#include "model/system/input_error.hpp"

namespace airlock {
namespace {

namespace fs = std::filesystem;

std::vector<GuestSource> all_guests(const std::vector<std::string>& values) {
  std::vector<GuestSource> result;
  for (const std::string& value : values) {
    for (GuestSource& each : guests_named(value)) {
      result.push_back(std::move(each));
    }
  }
  return result;
}

ExitStatus print_one_trace(const Session& session, const std::vector<GuestSource>& guests,
                           const std::vector<Fix>& fixes) {
  if (guests.size() != 1 || fixes.size() != 1) {
    throw InputError({"--trace", 0, 0},
                     "the number says which outcome, but not under which fix or "
                     "of which program",
                     {}, "one --fix, and --guest FILE.c:NAME where there are several programs");
  }
  const GuestReport report = guest_report(session, guests.front(), fixes);
  print(outcome_trace(session, report, fixes.front(), *session.options().outcome));
  return ExitStatus::holds;
}

/// The model that a test is about: "Model: PATH" in a comment, from the file's own folder.
std::string model_of(const SourceFile& file) {
  const std::string word = "Model:";
  const std::size_t at = file.text.find(word);
  if (at == std::string::npos) {
    throw InputError({file.path, 1, 1}, "the file does not say of which model it is a test", {},
                     "--model MODEL, or `Model: PATH` in a comment, PATH from the file's folder");
  }
  const std::size_t begin =
      std::min(file.text.find_first_not_of(" \t", at + word.size()), file.text.size());
  const std::size_t end = std::min(file.text.find_first_of(" \t\r\n*", begin), file.text.size());
  const fs::path path = fs::path(file.path).parent_path() / file.text.substr(begin, end - begin);
  return path.lexically_normal().string();
}

std::vector<std::string> files_in(const std::vector<std::string>& paths) {
  std::vector<std::string> result;
  for (const std::string& path : paths) {
    std::error_code error;
    if (!fs::is_directory(path, error)) {
      result.push_back(path);
      continue;
    }
    std::vector<std::string> found;
    for (const fs::directory_entry& each : fs::recursive_directory_iterator(path, error)) {
      if (each.path().extension() == ".c") {
        found.push_back(each.path().string());
      }
    }
    if (found.empty()) {
      throw InputError({path, 0, 0}, "there are no tests in the folder", {},
                       "files that end in .c, with `void guest(void)` in each");
    }
    std::sort(found.begin(), found.end());
    result.insert(result.end(), found.begin(), found.end());
  }
  return result;
}

/// '#' begins a directive in KTAP.
std::string plain(const std::string& text) {
  std::string result = printable(text);
  std::replace(result.begin(), result.end(), '#', '_');
  return result;
}

std::string diagnosis(const std::string& text) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    result += "# " + text.substr(at, end - at) + "\n";
    at = end + 1;
  }
  return result;
}

std::string ktap_row(const GuestReport& report, const GuestRow& row, std::size_t number) {
  const std::string name = fs::path(report.source.file.path).stem().string() + "." +
                           report.source.entry + "." + row.name;
  switch (verdict_of(row)) {
    case Verdict::holds:
      return fmt::format("ok {} {}{}\n", number, plain(name),
                         row.expectations.empty() ? " # SKIP nothing is expected" : "");
    case Verdict::unknown:
      return fmt::format("ok {} {} # SKIP undecided: {}\n", number, plain(name), plain(row.reason));
    case Verdict::violated: break;
  }
  const GuestReport alone{report.source, {row}};
  return diagnosis(render_text(alone, {})) + fmt::format("not ok {} {}\n", number, plain(name));
}

}  // namespace

ExitStatus run_outcomes(const Session& session) {
  const std::vector<GuestSource> guests = all_guests(session.options().guests);
  const std::vector<Fix> fixes = session.fixes({session.project().fixes().front()});
  if (session.options().outcome) {
    return print_one_trace(session, guests, fixes);
  }
  Verdict verdict = Verdict::holds;
  nlohmann::ordered_json json{{"model", session.project().name()},
                              {"guests", nlohmann::ordered_json::array()}};
  const bool as_json = session.options().format == Format::json;
  std::string gap;
  for (const GuestSource& guest : guests) {
    const GuestReport report = guest_report(session, guest, fixes);
    verdict = worse(verdict, verdict_of(report));
    if (as_json) {
      json["guests"].push_back(render_json(report));
    } else {
      print(gap + render_text(report, output_style()));
      gap = "\n";
    }
  }
  if (as_json) {
    print(dump(json));
  }
  return status_of(verdict);
}

ExitStatus run_test(const Options& options) {
  std::vector<std::pair<std::string, GuestSource>> guests;
  for (const std::string& file : files_in(options.files)) {
    for (GuestSource& each : read_guests(file)) {
      const bool own = options.models.empty() && options.trees.empty();
      guests.emplace_back(own ? model_of(each.file) : std::string(), std::move(each));
    }
  }
  std::map<std::string, std::unique_ptr<Session>> sessions;
  std::string tests;
  std::size_t number = 0;
  Verdict verdict = Verdict::holds;
  for (const auto& [model, guest] : guests) {
    std::unique_ptr<Session>& session = sessions[model];
    if (!session) {
      Options own = options;
      if (!model.empty()) {
        own.models = {model};
      }
      session = std::make_unique<Session>(own);
    }
    const GuestReport report =
        guest_report(*session, guest, session->fixes(session->project().fixes()));
    verdict = worse(verdict, verdict_of(report));
    for (const GuestRow& row : report.rows) {
      tests += ktap_row(report, row, ++number);
    }
  }
  print("KTAP version 1\n" + fmt::format("1..{}\n", number) + tests);
  return status_of(verdict);
}

}  // namespace airlock
