#include "checker/compare/table.hpp"

#include <doctest/doctest.h>

namespace airlock {

TEST_CASE("headings are stacked where that makes a column narrower") {
  const std::vector<TableColumn> table{{"fix", {{"none"}}}, {"is the guests own", {{"holds"}}}};
  CHECK(render_table(table, {}) ==
        "      is the\n"
        "      guests\n"
        "fix   own\n"
        "------------\n"
        "none  holds\n");
}

TEST_CASE("columns that do not fit continue in a further table under the same rows") {
  TextStyle style;
  style.width = 16;
  const std::vector<TableColumn> table{
      {"fix", {{"none"}}}, {"a", {{"VIOLATED"}}}, {"b", {{"VIOLATED"}}}};
  CHECK(render_table(table, style) ==
        "fix   a\n"
        "--------------\n"
        "none  VIOLATED\n"
        "\n"
        "fix   b\n"
        "--------------\n"
        "none  VIOLATED\n");
}

TEST_CASE("no line of a table ends in spaces") {
  const std::vector<TableColumn> table{{"fix", {{"none"}}}, {"a", {{""}}}, {"wide", {{""}}}};
  CHECK(render_table(table, {}).find(" \n") == std::string::npos);
}

}  // namespace airlock
