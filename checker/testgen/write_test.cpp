#include <fmt/format.h>

#include "checker/testgen/test_file.hpp"
#include "model/system/printable.hpp"

namespace airlock {
namespace {

constexpr const char* introduction =
    "airlock test 1\n"
    "# What a guest does, instruction by instruction; what bare metal shows it; what the model "
    "says\n"
    "# that it sees; and controls, in which it sees what bare metal shows, by the model.\n"
    "# To run it: airlock reproduce FILE. What the words mean: docs/testing-hardware.md.\n";

std::string line(const char* key, const std::string& text) {
  return fmt::format("{:<10} {}\n", key, printable(text));
}

std::string lines_of(const GuestProgram& program) {
  std::string text;
  for (const GuestStep& step : program) {
    text += step.comment.empty()
                ? "  " + to_text(step) + "\n"
                : fmt::format("  {:<22} # {}\n", to_text(step), printable(step.comment));
  }
  return text;
}

}  // namespace

std::string write_test(const GuestTest& test) {
  std::string text = introduction;
  text += line("model", test.model) + line("fix", test.fix) + line("property", test.property) +
          line("says", test.sentence);
  for (const auto& [key, values] : {std::pair{"needs", &test.needs}, std::pair{"host", &test.host},
                                    std::pair{"not-by-a-guest", &test.not_by_a_guest}}) {
    for (const std::string& value : *values) {
      text += line(key, value);
    }
  }
  text += "\nguest\n" + lines_of(test.program) + line("bare-metal", to_text(test.bare_metal)) +
          line("predicted", to_text(test.predicted));
  for (const Control& control : test.controls) {
    text += "\n" + line("control", control.name) + lines_of(control.program) +
            line("bare-metal", to_text(control.bare_metal));
  }
  return text;
}

}  // namespace airlock
