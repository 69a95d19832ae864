#include "checker/cli/option_values.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "checker/trace/text.hpp"
#include "model/system/suggest.hpp"

namespace airlock {

Format format_by_name(const std::string& name) {
  constexpr std::array<std::pair<std::string_view, Format>, 10> formats{
      {{"text", Format::text},
       {"json", Format::json},
       {"vcd", Format::vcd},
       {"svg", Format::svg},
       {"markdown", Format::markdown},
       {"junit", Format::junit},
       {"sarif", Format::sarif},
       {"ktap", Format::ktap},
       {"kbuild", Format::kbuild},
       {"mail", Format::mail}}};
  const auto* const found = std::find_if(formats.begin(), formats.end(),
                                         [&](const auto& each) { return each.first == name; });
  return found == formats.end() ? Format::text : found->second;
}

std::string unknown_word(const std::string& what, const std::string& name,
                         const std::vector<std::string>& known) {
  return fmt::format("unknown {} '{}': {}", what, shortened(name, 200), suggestion(name, known));
}

CLI::Validator one_of(const std::string& what, const std::vector<std::string>& known) {
  return CLI::Validator(
      [what, known](std::string& name) {
        const bool found = std::find(known.begin(), known.end(), name) != known.end();
        return found ? std::string() : unknown_word(what, name, known);
      },
      "");
}

CLI::Validator size() {
  return CLI::Validator(
      [](std::string& text) {
        const std::string given = text;
        try {
          const bool is_signed = text.find_first_of("+-") != std::string::npos;  // would wrap
          if (!is_signed && CLI::AsSizeValue(false)(text).empty() && text != "0") {
            return std::string();
          }
        } catch (const CLI::Error&) {  // not a number, or too large a one
        }
        return "'" + given + "' is no size, such as 500M or 2G";
      },
      "");
}

CLI::Validator seconds() {
  return CLI::Validator(
      [](std::string& text) {
        double value = 0;
        const bool fits = CLI::detail::lexical_cast(text, value) && value >= 0 && value <= 1e9;
        return fits ? std::string() : "'" + text + "' is no number of seconds from 0 to 1e9";
      },
      "");
}

}  // namespace airlock
