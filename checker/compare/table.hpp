// Tables of short cells that fit a given width.
#pragma once

#include <string>
#include <vector>

#include "checker/trace/text.hpp"

namespace airlock {

struct TableCell {
  std::string text;
  Ink ink = Ink::plain;
};

struct TableColumn {
  std::string heading;  ///< words, put one under the other where that makes the column narrower
  std::vector<TableCell> cells;
};

/// Whether render_table needs one table only.
bool fits(const std::vector<TableColumn>& columns, const TextStyle& style);

/// Left-aligned columns, the headings at the bottom of their rows and a rule below. Columns that do
/// not fit go into a further table below, under the first column again. Lines are at most
/// `style.width` wide unless the first column and one other are wider alone.
std::string render_table(const std::vector<TableColumn>& columns, const TextStyle& style);

}  // namespace airlock
