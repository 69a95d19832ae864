#include "model/kernel/config.hpp"

#include <regex>
#include <string_view>

#include "model/system/input_error.hpp"

namespace airlock::kernel {

std::optional<std::string> Config::value(const std::string& name) const {
  if (asked != nullptr && name.starts_with("CONFIG_")) {
    asked->insert(name);
  }
  if (const auto found = values.find(name); found != values.end()) {
    return found->second;
  }
  return complete ? std::optional<std::string>("n") : std::nullopt;
}

std::optional<bool> Config::enabled(const std::string& name) const {
  const std::optional<std::string> set = value(name);
  return set ? std::optional<bool>(*set == "y" || *set == "m") : std::nullopt;
}

Config read_config(const SourceFile& file) {
  static const std::regex set(R"re((CONFIG_\w+)=(y|m|n|-?\d+|0[xX][0-9a-fA-F]+|".*"))re");
  static const std::regex unset(R"(# (CONFIG_\w+) is not set)");
  static const std::regex nothing(R"(\s*(#.*)?)");
  constexpr std::size_t longest = 4096;  // std::regex recurses a character at a time
  Config config;
  config.complete = true;
  unsigned number = 0;
  std::string_view rest = file.text;
  while (!rest.empty()) {
    ++number;
    const std::size_t end = rest.find('\n');
    std::string line(rest.substr(0, end));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (!line.empty() && line.back() == '\r') {
      line.pop_back();
    }
    std::smatch match;
    const bool readable = line.size() <= longest;
    const bool is_set = readable && std::regex_match(line, match, set);
    if (is_set || (readable && std::regex_match(line, match, unset))) {
      const std::string value = is_set ? match[2].str() : "n";
      if (!config.values.emplace(match[1].str(), value).second) {
        throw InputError({file.path, number, 1}, match[1].str() + " is set twice", line);
      }
    } else if (!readable || !std::regex_match(line, nothing)) {
      throw InputError({file.path, number, 1}, "no line of a kernel configuration", line,
                       "'CONFIG_NAME=value', '# CONFIG_NAME is not set' or a comment");
    }
  }
  return config;
}

}  // namespace airlock::kernel
