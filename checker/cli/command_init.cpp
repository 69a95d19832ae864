// `airlock init DIR`: a model to begin with, as files of one's own: a manifest with comments, a
// world switch, the stock actors and guarantees. They are those under specs/, which the program
// carries.
#include <filesystem>
#include <fmt/format.h>

#include "checker/cli/commands.hpp"
#include "checker/cli/terminal.hpp"
#include "checker/support/atomic_file.hpp"
#include "checker/trace/render.hpp"
#include "model/software/embedded.hpp"
#include "model/system/input_error.hpp"
#include "model/system/suggest.hpp"

namespace airlock {
namespace {

namespace fs = std::filesystem;

struct Template {
  std::string name;
  std::vector<std::string> files;  ///< under specs/NAME, and there in DIR
};

const std::vector<Template>& templates() {
  static const std::vector<Template> all{
      {"svm-minimal", {"airlock.toml", "hypervisor.c", "fixes/lbrv.c"}},
      {"kvm",
       {"airlock.toml", "kvm.h", "vcpu.c", "svm.c", "debugctl.c", "fixes/suppress-db.c",
        "fixes/virtualize-bld.c", "fixes/mask-bld.c", "fixes/v1-early-snapshot.c", "fixes/v1.c",
        "fixes/v2-as-posted.c", "fixes/v2.c", "fixes/merged.c", "fixes/always-lbrv.c"}},
      {"bhyve",
       {"airlock.toml", "svm.c", "host.c", "guards.c", "fixes/reset-value.c", "fixes/single-step.c",
        "fixes/both.c"}},
  };
  return all;
}

/// What a model has a copy of if its manifest lists it.
constexpr const char* stock[] = {"linux/boot.c", "linux/perf.c", "linux/block_step.c",
                                 "properties/guarantees.c", "properties/guards.c"};

const Template& template_named(const std::string& name) {
  std::vector<std::string> names;
  for (const Template& each : templates()) {
    if (each.name == name) {
      return each;
    }
    names.push_back(each.name);
  }
  throw InputError({"--from", 0, 0}, "there is no model '" + printable(name) + "' to begin with",
                   {}, suggestion(name, names));
}

/// In specs/ the stock files are beside the model, here they are in it.
std::string moved(std::string manifest) {
  for (std::size_t at = manifest.find("\"../"); at != std::string::npos;
       at = manifest.find("\"../", at)) {
    manifest.erase(at + 1, 3);
  }
  return manifest;
}

void put(const fs::path& path, const std::string& text) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  if (error) {
    throw CannotWrite("cannot make " + path.parent_path().string() + ": " + error.message());
  }
  write_file(path.string(), text);
}

}  // namespace

ExitStatus run_init(const Options& options) {
  const fs::path folder = options.models.front();
  const Template& from = template_named(options.from.empty() ? "svm-minimal" : options.from);
  std::error_code ignored;
  if (fs::exists(folder, ignored) &&
      !(fs::is_directory(folder, ignored) && fs::is_empty(folder, ignored))) {
    throw InputError({folder.string(), 0, 0}, "is there already", {},
                     "a folder that does not exist yet, or an empty one");
  }
  for (const std::string& name : from.files) {
    const std::string text(embedded_spec(from.name + "/" + name));
    put(folder / name, name == "airlock.toml" ? moved(text) : text);
  }
  const std::string_view manifest = embedded_spec(from.name + "/airlock.toml");
  for (const std::string name : stock) {
    if (manifest.find("\"../" + name + "\"") != std::string_view::npos) {
      put(folder / name, std::string(embedded_spec(name)));
    }
  }
  const std::string shown = shell_quote(folder.string());
  print(fmt::format(
      "{} is a model now: begin with {}.\n\n"
      "  airlock compare {}     each row against each guarantee\n"
      "  airlock list {}        properties, fixes, parameters, actors\n",
      printable(folder.string()), printable((folder / "airlock.toml").string()), shown, shown));
  return ExitStatus::holds;
}

}  // namespace airlock
