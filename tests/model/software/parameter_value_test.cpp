// One rule for what a parameter's value may be.
#include "model/software/parameter_value.hpp"

#include <doctest/doctest.h>

#include "model/system/input_error.hpp"

using namespace airlock;

namespace {

const ParameterRange u8{8, false, "u8"};
const ParameterRange s8{8, true, "s8"};
const ParameterRange u64{64, false, "u64"};
const ParameterRange s64{64, true, "s64"};
const ParameterRange boolean{1, false, "bool"};

std::optional<std::uint64_t> named(const std::string& word) {
  return word == "TWO" ? std::optional<std::uint64_t>(2) : std::nullopt;
}

ParameterValue value(const std::string& text, const ParameterRange& range) {
  return parse_parameter_value("P", text, range, named);
}

std::string error(const std::string& text, const ParameterRange& range) {
  try {
    (void)value(text, range);
  } catch (const InputError& e) {
    return e.what();
  }
  return {};
}

bool does_not_fit(const std::string& text, const ParameterRange& range) {
  return error(text, range).find("P=" + text + " does not fit '" + range.type + "'") !=
         std::string::npos;
}

}  // namespace

TEST_CASE("a value is decimal, hexadecimal, binary, a name, or several joined") {
  CHECK(value("0", u8).bits == 0);
  CHECK(value("10", u8).bits == 10);
  CHECK(value("0x10", u8).bits == 16);
  CHECK(value("0b101", u8).bits == 5);
  CHECK(value("0x0F", u8).bits == 15);
  CHECK(value("1|0x4", u8).bits == 5);
  CHECK(value("1|0x4", u8).shown == "5");
  CHECK(value(" TWO | 1 ", u8).bits == 3);
  CHECK(value("TWO|1", u8).shown == "TWO|1");
  CHECK(value("18446744073709551615", u64).bits == ~std::uint64_t{0});
}

TEST_CASE("a 0 in front of a decimal is refused: C and people read it differently") {
  for (const char* text : {"010", "00", "08", "-010", "1|010"}) {
    CAPTURE(text);
    CHECK(error(text, s8).find("is neither a number nor a name") != std::string::npos);
    CHECK(error(text, s8).find("decimal (without a 0 in front)") != std::string::npos);
  }
}

TEST_CASE("a signed parameter has negative decimals, within its range") {
  CHECK(value("-1", s8).bits == 0xFF);
  CHECK(value("-1", s8).shown == "-1");
  CHECK(value("-128", s8).bits == 0x80);
  CHECK(value("127", s8).bits == 0x7F);
  CHECK(value("-0", s8).bits == 0);
  CHECK(value("-9223372036854775808", s64).bits == std::uint64_t{1} << 63U);
  CHECK(value("-9223372036854775808", s64).shown == "-9223372036854775808");
  CHECK(does_not_fit("-129", s8));
  CHECK(does_not_fit("128", s8));
  CHECK(does_not_fit("0xff", s8));
  CHECK(does_not_fit("-9223372036854775809", s64));
  CHECK(error("-129", s8).find("-128 to 127") != std::string::npos);
  for (const char* text : {"-", "--1", "-0x1", "-TWO", "-1|2", "1|-2"}) {
    CAPTURE(text);
    CHECK(error(text, s8).find("is neither a number nor a name") != std::string::npos);
  }
}

TEST_CASE("what does not fit the type is an error that says what does") {
  CHECK(does_not_fit("256", u8));
  CHECK(does_not_fit("-1", u8));
  CHECK(does_not_fit("2", boolean));
  CHECK(does_not_fit("-1", u64));
  CHECK(error("256", u8).find("0 to 255") != std::string::npos);
  CHECK(value("1", boolean).bits == 1);
  CHECK(error("18446744073709551616", u64).find("neither a number") != std::string::npos);
}

TEST_CASE("a number is shown with its sign") {
  CHECK(shown_number(0xFF, s8) == "-1");
  CHECK(shown_number(0xFF, u8) == "255");
  CHECK(shown_number(0x80, s8) == "-128");
  CHECK(shown_number(0x7F, s8) == "127");
}
