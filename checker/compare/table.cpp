#include "checker/compare/table.hpp"

#include <algorithm>
#include <numeric>

namespace airlock {
namespace {

/// A column with its width and its heading in lines.
struct Laid {
  const TableColumn* column;
  std::size_t width;
  std::vector<std::string> heading;
};

Laid lay(const TableColumn& column) {
  std::size_t width = 1;
  for (const TableCell& cell : column.cells) {
    width = std::max(width, columns(cell.text));
  }
  for (const std::string& word : wrap(column.heading, 1)) {
    width = std::max(width, columns(word));
  }
  return {&column, width, wrap(column.heading, width)};
}

std::string trimmed(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

class Block {
 public:
  Block(std::vector<Laid> laid, std::size_t gap, const TextStyle& style)
      : laid_(std::move(laid)), gap_(gap, ' '), style_(style) {}

  std::string render() const {
    std::string out;
    std::size_t height = 0;
    for (const Laid& each : laid_) {
      height = std::max(height, each.heading.size());
    }
    for (std::size_t line = 0; line < height; ++line) {
      out += heading_line(height - line);
    }
    out += style_.paint(Ink::dim, std::string(width(), '-')) + "\n";
    for (std::size_t row = 0; row < laid_.front().column->cells.size(); ++row) {
      out += row_line(row);
    }
    return out;
  }

 private:
  [[nodiscard]] std::size_t width() const {
    return std::accumulate(laid_.begin(), laid_.end(), std::size_t{0},
                           [](std::size_t sum, const Laid& each) { return sum + each.width; }) +
           gap_.size() * (laid_.size() - 1);
  }

  /// The line of the headings that is `from_bottom` lines above the rule.
  [[nodiscard]] std::string heading_line(std::size_t from_bottom) const {
    std::string line;
    for (const Laid& each : laid_) {
      const std::size_t size = each.heading.size();
      const std::string text = size < from_bottom ? "" : each.heading[size - from_bottom];
      line += (&each == &laid_.front() ? "" : gap_) + pad(text, each.width);
    }
    return style_.paint(Ink::bold, trimmed(line)) + "\n";
  }

  [[nodiscard]] std::string row_line(std::size_t row) const {
    std::string line;
    std::size_t owed = 0;  // spaces not yet written, so that no line ends in one
    for (const Laid& each : laid_) {
      const TableCell& cell = each.column->cells.at(row);
      if (&each != &laid_.front()) {
        owed += gap_.size();
      }
      if (!cell.text.empty()) {
        line += std::string(owed, ' ') + style_.paint(cell.ink, cell.text);
        owed = 0;
      }
      owed += each.width - columns(cell.text);
    }
    return line + "\n";
  }

  std::vector<Laid> laid_;
  std::string gap_;
  const TextStyle& style_;
};

std::size_t total(const std::vector<Laid>& laid, std::size_t gap) {
  std::size_t sum = 0;
  for (const Laid& each : laid) {
    sum += each.width + gap;
  }
  return sum - gap;
}

}  // namespace

bool fits(const std::vector<TableColumn>& table, const TextStyle& style) {
  std::vector<Laid> all;
  std::transform(table.begin(), table.end(), std::back_inserter(all), lay);
  return total(all, 1) <= style.width;
}

std::string render_table(const std::vector<TableColumn>& table, const TextStyle& style) {
  std::vector<Laid> all;
  std::transform(table.begin(), table.end(), std::back_inserter(all), lay);
  if (all.empty()) {
    return "";
  }
  const std::size_t gap = total(all, 2) <= style.width ? 2 : total(all, 1) <= style.width ? 1 : 2;
  std::string out;
  for (std::size_t next = 1; next < all.size() || out.empty();) {
    std::vector<Laid> block{all.front()};
    for (; next < all.size(); ++next) {
      block.push_back(all[next]);
      if (block.size() > 2 && total(block, gap) > style.width) {
        block.pop_back();
        break;
      }
    }
    out += (out.empty() ? "" : "\n") + Block(std::move(block), gap, style).render();
  }
  return out;
}

}  // namespace airlock
