#include "model/kernel/lens.hpp"

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <toml++/toml.h>

#include "model/kernel/config.hpp"
#include "model/software/embedded.hpp"
#include "model/system/input_error.hpp"

namespace airlock::kernel {

bool matches(std::string_view pattern, std::string_view name) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) {
    return pattern == name;
  }
  if (!name.starts_with(pattern.substr(0, star))) {
    return false;
  }
  const std::string_view rest = pattern.substr(star + 1);
  for (std::size_t at = star; at <= name.size(); ++at) {
    if (matches(rest, name.substr(at))) {
      return true;
    }
  }
  return false;
}

namespace {

/// A file on disk, or one that comes with the program: "airlock:lens/kvm-svm/lens.toml".
std::string read_text(const std::string& path) {
  constexpr std::string_view built_in = "airlock:";
  if (path.starts_with(built_in)) {
    if (const std::string_view text = embedded_spec(path.substr(built_in.size())); !text.empty()) {
      return std::string(text);
    }
  }
  std::ifstream in(path, std::ios::binary);
  if (!in || std::filesystem::is_directory(path)) {
    throw InputError({path, 0, 0}, "cannot be read", {}, "a file of the lens");
  }
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

class LensReader {
 public:
  LensReader(Lens& lens, std::string path) : lens_(lens), path_(std::move(path)) {}

  void read() {
    lens_.toml = read_text(path_);
    try {
      table_ = toml::parse(lens_.toml, path_);
    } catch (const toml::parse_error& error) {
      const auto at = error.source().begin;
      fail(at.line, at.column, std::string(error.description()), "TOML");
    }
    const std::set<std::string> known = {"tree",    "config",  "entry",  "singletons", "tracked",
                                         "machine", "tables",  "assume", "opaque",     "harmless",
                                         "macros",  "writers", "free"};
    for (const auto& [key, value] : table_) {
      if (!known.contains(std::string(key.str()))) {
        fail(key.source(), "unknown table '" + std::string(key.str()) + "'",
             "tree, config, entry, singletons, tracked, machine, tables, assume, opaque, harmless, "
             "macros, writers or free");
      }
    }
    tree();
    maps();
    tables();
  }

 private:
  [[noreturn]] void fail(std::uint32_t line, std::uint32_t column, const std::string& message,
                         const std::string& expected) const {
    throw InputError({path_, line, column}, message, line_at(line), expected);
  }
  [[noreturn]] void fail(const toml::source_region& where, const std::string& message,
                         const std::string& expected) const {
    fail(where.begin.line, where.begin.column, message, expected);
  }
  std::string line_at(std::uint32_t line) const {
    std::istringstream in(lens_.toml);
    std::string text;
    for (std::uint32_t i = 0; i < line && std::getline(in, text); ++i) {
    }
    return line == 0 ? "" : text;
  }

  Named named(std::string text, const toml::source_region& where, std::string reason = {}) const {
    Named result;
    result.place = {path_, where.begin.line, where.begin.column};
    result.line = line_at(where.begin.line);
    result.reason = std::move(reason);
    if (text.ends_with('?')) {
      result.optional = true;
      text.pop_back();
    }
    std::istringstream in(text);
    std::string part;
    while (std::getline(in, part, '|')) {
      result.names.push_back(part);
    }
    if (result.names.empty()) {
      fail(where, "an empty name", "a name, 'a|b' or 'c?'");
    }
    return result;
  }
  const toml::table* section(const char* name, const char* inner = nullptr) const {
    const toml::node* node = table_.get(name);
    if (node != nullptr && inner != nullptr) {
      node = node->as_table() == nullptr ? nullptr : node->as_table()->get(inner);
    }
    if (node == nullptr) {
      return nullptr;
    }
    if (node->as_table() == nullptr) {
      fail(node->source(), "'" + std::string(name) + "' is no table",
           "[" + std::string(name) + "]");
    }
    return node->as_table();
  }
  std::string string_of(const toml::node& node, const std::string& what) const {
    if (const auto value = node.value<std::string>(); value && node.is_string()) {
      return *value;
    }
    fail(node.source(), what + " is no string", "\"…\"");
  }
  std::vector<Named> names(const toml::node* node, const std::string& what) const {
    std::vector<Named> result;
    if (node == nullptr) {
      return result;
    }
    if (node->is_string()) {
      result.push_back(named(string_of(*node, what), node->source()));
      return result;
    }
    if (node->as_array() == nullptr) {
      fail(node->source(), what + " is neither a string nor a list of strings", "[\"…\"]");
    }
    for (const toml::node& each : *node->as_array()) {
      result.push_back(named(string_of(each, what), each.source()));
    }
    return result;
  }
  std::vector<Named> reasons(const char* section_name) const {
    std::vector<Named> result;
    const toml::table* where = section(section_name);
    if (where == nullptr) {
      return result;
    }
    for (const auto& [key, value] : *where) {
      result.push_back(named(std::string(key.str()), key.source(),
                             string_of(value, "the reason of '" + std::string(key.str()) + "'")));
      if (result.back().reason.empty()) {
        fail(value.source(), "an empty reason", "why the verdicts may rest on it");
      }
    }
    return result;
  }

  /// The path of a file that the lens names.
  [[nodiscard]] std::string beside(const std::string& name) const {
    return (std::filesystem::path(path_).parent_path() / name).lexically_normal().string();
  }

  void tree() {
    const toml::table* where = section("tree");
    if (where == nullptr || where->get("files") == nullptr) {
      fail(1, 1, "no [tree] with 'files'", "files = [\"arch/x86/kvm/*.c\"]");
    }
    lens_.files = names(where->get("files"), "files");
    for (const Named& each : names(where->get("searched"), "searched")) {
      lens_.files.push_back(each);
      lens_.searched.push_back(each.names[0]);
    }
    for (const Named& each : names(where->get("bodies"), "bodies")) {
      const std::string path = beside(each.names[0]);
      lens_.bodies.push_back({path, read_text(path)});
    }
    if (const toml::table* config = section("config")) {
      for (const auto& [key, value] : *config) {
        lens_.config[std::string(key.str())] =
            string_of(value, "the value of " + std::string(key.str()));
      }
    }
    for (const Named& each : names(where->get("config"), "config")) {
      const std::string path = beside(each.names[0]);
      lens_.config_files.push_back({path, read_text(path)});
      lens_.config.merge(read_config(lens_.config_files.back()).values);
    }
  }

  void maps() {
    if (const toml::table* entries = section("entry")) {
      for (const auto& [key, value] : *entries) {
        lens_.entries.push_back({std::string(key.str()), names(&value, "an entry")});
      }
    }
    if (const toml::table* singletons = section("singletons")) {
      for (const auto& [key, value] : *singletons) {
        lens_.singletons.push_back({named(std::string(key.str()), key.source()),
                                    string_of(value, "the object of a singleton")});
      }
    }
    if (const toml::table* tracked = section("tracked")) {
      for (const auto& [key, value] : *tracked) {
        TrackedStruct made{named(std::string(key.str()), key.source()), {}, {}};
        for (const Named& each : names(&value, "tracked fields")) {
          std::string name = each.names[0];
          std::string mask;
          if (const std::size_t at = name.find('&'); at != std::string::npos) {
            mask = name.substr(at + 1);
            name.resize(at);
            while (name.ends_with(' ')) {
              name.pop_back();
            }
            mask.erase(0, mask.find_first_not_of(' '));
          }
          if (const std::size_t at = name.find('='); at != std::string::npos) {
            mask = "=" + name.substr(name.find_first_not_of(' ', at + 1));
            name.resize(name.find_last_not_of(' ', at - 1) + 1);
          }
          made.fields[name] = mask;
          if (each.optional) {
            made.optional_fields.push_back(name);
          }
        }
        lens_.tracked.push_back(std::move(made));
      }
    }
    if (const toml::table* machine = section("machine")) {
      lens_.tighten = names(machine->get("tighten"), "tighten");
      lens_.loosen = names(machine->get("loosen"), "loosen");
      lens_.boundaries = names(machine->get("boundaries"), "boundaries");
    }
    lens_.accesses = guarded("when");
    lens_.raw = guarded("raw");
    if (const toml::table* macros = section("macros")) {
      lens_.transparent = names(macros->get("transparent"), "transparent macros");
      lens_.nothing = names(macros->get("nothing"), "macros that are no code");
    }
    if (const toml::table* tree = section("tree")) {
      lens_.properties = names(tree->get("properties"), "the properties that the lens is for");
    }
    lens_.opaque = reasons("opaque");
    lens_.harmless = reasons("harmless");
    lens_.writers = reasons("writers");
    lens_.free = reasons("free");
  }

  /// [machine.when] and [machine.raw].
  std::vector<GuardedAccess> guarded(const char* name) const {
    std::vector<GuardedAccess> result;
    if (const toml::table* list = section("machine", name)) {
      for (const auto& [key, value] : *list) {
        const toml::table* entry = value.as_table();
        if (entry == nullptr || !entry->contains("argument") || !entry->contains("is")) {
          fail(value.source(), "when an access counts is not said",
               "{ argument = 0, is = \"CONSTANT\" }");
        }
        GuardedAccess made{named(std::string(key.str()), key.source()),
                           static_cast<unsigned>(entry->get("argument")->value_or<std::int64_t>(0)),
                           {}};
        for (const Named& each : names(entry->get("is"), "the constants")) {
          made.values.push_back(each.names[0]);
        }
        result.push_back(std::move(made));
      }
    }
    return result;
  }

  void tables() {
    if (const toml::table* tables = section("tables")) {
      for (const auto& [key, value] : *tables) {
        Table made;
        made.pattern = named(std::string(key.str()), key.source());
        if (value.is_string()) {
          made.initialiser = string_of(value, "a table");
        } else if (const toml::table* entry = value.as_table();
                   entry != nullptr && entry->contains("only")) {
          for (const Named& each : names(entry->get("only"), "the indices of a table")) {
            made.only.push_back(each.names[0] + (each.optional ? "?" : ""));
          }
        } else {
          fail(value.source(), "a table is the name of an initialised object or has 'only'",
               "\"svm_x86_ops\" or { only = [\"SVM_EXIT_MSR\"] }");
        }
        lens_.tables.push_back(std::move(made));
      }
    }
    if (const toml::table* assume = section("assume")) {
      for (const auto& [key, value] : *assume) {
        const toml::table* entry = value.as_table();
        if (entry == nullptr || !entry->contains("is") || !entry->contains("why")) {
          fail(value.source(), "an assumption without value or reason",
               "{ is = \"0\", why = \"…\" }");
        }
        Assumption made;
        made.what = named(std::string(key.str()), key.source(),
                          string_of(*entry->get("why"), "the reason"));
        made.value = string_of(*entry->get("is"), "the value");
        if (const toml::node* in = entry->get("in")) {
          made.in = string_of(*in, "the function");
        }
        lens_.assumptions.push_back(std::move(made));
      }
    }
  }

  Lens& lens_;
  std::string path_;
  toml::table table_;
};

}  // namespace

const GuardedAccess* Lens::raw_of(const std::string& name) const {
  for (const GuardedAccess& each : raw) {
    for (const std::string& pattern : each.what.names) {
      if (matches(pattern, name)) {
        return &each;
      }
    }
  }
  return nullptr;
}

Lens read_lens(const std::string& directory) {
  Lens lens;
  lens.path = directory;
  LensReader(lens, (std::filesystem::path(directory) / "lens.toml").string()).read();
  const std::string words =
      (std::filesystem::path(directory) / "../words.txt").lexically_normal().string();
  const std::string text = read_text(words);
  lens.words = read_words({words, text});
  lens.words.text = text;
  return lens;
}

}  // namespace airlock::kernel
