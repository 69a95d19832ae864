#include "model/world/manifest.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <toml++/toml.h>

#include "model/system/input_error.hpp"

namespace airlock {
namespace {

namespace fs = std::filesystem;

class Reader {
 public:
  Reader(std::string directory, std::string path, const std::string& text)
      : directory_(std::move(directory)), path_(std::move(path)) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      lines_.push_back(line);
    }
    try {
      table_ = toml::parse(text, path_);
    } catch (const toml::parse_error& e) {
      fail(e.source(), std::string(e.description()), "TOML");
    }
  }

  Manifest read() {
    check_keys();
    Manifest manifest;
    manifest.path = path_;
    if (!table_.contains("files")) {
      throw InputError({path_, 1, 1}, "missing key 'files'", line(1),
                       "`files = [\"model.c\"]`, the C files of the model");
    }
    manifest.files = paths("files");
    if (manifest.files.empty()) {
      fail(table_.get("files")->source(), "'files' is empty", "at least one C file");
    }
    manifest.properties = paths("properties");
    manifest.fixes = paths("fixes");
    manifest.actors = switches("actors", "actor", manifest.places);
    manifest.features = switches("features", "feature", manifest.places);
    for (const auto& [key, node] : section("parameters")) {
      manifest.parameters[std::string(key.str())] = parameter_value(std::string(key.str()), node);
      manifest.places[std::string(key.str())] = place(key.source());
    }
    for (const auto& [key, node] : section("values")) {
      const std::string name(key.str());
      const toml::array* list = node.as_array();
      if (list == nullptr || list->empty()) {
        fail(node.source(), "'" + name + "' has no list of values", "a list, as [0, 1]");
      }
      for (const toml::node& entry : *list) {
        manifest.values[name].push_back(parameter_value(name, entry));
      }
      manifest.places.emplace(name, place(key.source()));
    }
    for (const auto& [key, node] : section("unreached")) {
      const auto* text = node.as_string();
      if (text == nullptr || text->get().find_first_not_of(" \t\n") == std::string::npos) {
        fail(node.source(), "'" + std::string(key.str()) + "' is unreached without a reason",
             "a string that says why");
      }
      const SourceLocation where = place(key.source());
      manifest.unreached.push_back({std::string(key.str()), text->get(), where, line(where.line)});
    }
    return manifest;
  }

 private:
  /// `name = true` or `false`, one a line.
  std::map<std::string, bool> switches(const char* key, const std::string& what,
                                       std::map<std::string, SourceLocation>& places) const {
    std::map<std::string, bool> result;
    for (const auto& [name, node] : section(key)) {
      if (!node.is_boolean()) {
        fail(node.source(), what + " '" + std::string(name.str()) + "' is neither on nor off",
             "true or false");
      }
      result[std::string(name.str())] = node.as_boolean()->get();
      places[std::string(name.str())] = place(name.source());
    }
    return result;
  }

  /// As --set takes it.
  [[nodiscard]] std::string parameter_value(const std::string& name, const toml::node& node) const {
    if (const auto* text = node.as_string()) {
      return text->get();
    }
    if (const auto* number = node.as_integer()) {
      return std::to_string(number->get());
    }
    if (const auto* truth = node.as_boolean()) {
      return truth->get() ? "1" : "0";
    }
    fail(node.source(), "parameter '" + name + "' has no usable value",
         "an integer, true, false, or a string as --set takes it");
  }

  [[nodiscard]] std::string line(unsigned number) const {
    return number >= 1 && number <= lines_.size() ? lines_[number - 1] : "";
  }
  [[nodiscard]] SourceLocation place(const toml::source_region& region) const {
    return {path_, region.begin.line, region.begin.column};
  }
  [[noreturn]] void fail(const toml::source_region& region, const std::string& message,
                         const std::string& expected) const {
    const SourceLocation where = place(region);
    throw InputError(where, message, line(where.line), expected);
  }

  void check_keys() const {
    const std::vector<std::string>& known = manifest_keys();
    for (const auto& [key, node] : table_) {
      if (std::find(known.begin(), known.end(), key.str()) == known.end()) {
        fail(key.source(), "unknown key '" + std::string(key.str()) + "'",
             "files, properties, fixes, [actors], [features], [parameters], [values] or "
             "[unreached]");
      }
    }
  }

  std::vector<std::string> paths(const char* key) const {
    std::vector<std::string> result;
    const toml::node* node = table_.get(key);
    if (node == nullptr) {
      return result;
    }
    const toml::array* list = node->as_array();
    if (list == nullptr) {
      fail(node->source(), std::string("'") + key + "' is not a list", "a list of paths");
    }
    for (const toml::node& entry : *list) {
      const auto* text = entry.as_string();
      if (text == nullptr) {
        fail(entry.source(), std::string("an entry of '") + key + "' is not a path", "a string");
      }
      const std::string resolved = (fs::path(directory_) / text->get()).lexically_normal().string();
      if (!fs::is_regular_file(resolved)) {
        fail(entry.source(), "no such file: " + resolved, "a path from the manifest's directory");
      }
      result.push_back(resolved);
    }
    return result;
  }

  const toml::table& section(const char* key) const {
    static const toml::table nothing;
    const toml::node* node = table_.get(key);
    if (node == nullptr) {
      return nothing;
    }
    const toml::table* table = node->as_table();
    if (table == nullptr) {
      fail(node->source(), std::string("'") + key + "' is not a table",
           std::string("[") + key + "] with one `name = value` a line");
    }
    return *table;
  }

  std::string directory_;
  std::string path_;
  std::vector<std::string> lines_;
  toml::table table_;
};

}  // namespace

/// A device may go on for ever: no more is read than any model needs.
constexpr std::size_t max_file_size = std::size_t{1} << 20U;

std::string read_file(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) {
    throw InputError({path}, "no such file", {}, "a C file, or a directory with an airlock.toml");
  }
  if (fs::is_directory(status)) {
    throw InputError({path}, "is a directory", {}, "a C file");
  }
  std::ifstream in(path, std::ios::binary);
  std::string text(max_file_size + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad() || (in.fail() && !in.eof())) {
    throw InputError({path}, "cannot be read", {}, "a file that you may read");
  }
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > max_file_size) {
    throw InputError({path, 1, 1}, "the file is too large", {}, "at most 1 MiB (1048576 bytes)");
  }
  return text;
}

const std::vector<std::string>& manifest_keys() {
  static const std::vector<std::string> keys{"files",    "properties", "fixes",  "actors",
                                             "features", "parameters", "values", "unreached"};
  return keys;
}

Manifest read_manifest(const std::string& directory) {
  const std::string path = (fs::path(directory) / "airlock.toml").string();
  if (!fs::exists(path)) {
    throw InputError({path}, "no such file", {},
                     "a manifest in the model's directory, or C files as MODEL");
  }
  return Reader(directory, path, read_file(path)).read();
}

}  // namespace airlock
