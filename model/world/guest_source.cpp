// An `Expect:` comment is read here, as text, but for its conditions: these are C, and the front
// end reads them where they stand (guest_code.cpp).
//
//     /* Expect:
//      *   forall dr6 == 0xffff4ff0
//      *   under none, lazy: exists dbs == 0
//      */
//
// A line without `under` is what the program's author asserts: it is about bare metal and about
// every fix that no other line names. So one fix that is known to fail can be told apart from all
// others, and what is said of it is said in full.
#include "model/world/guest_source.hpp"

#include <algorithm>
#include <set>

#include "model/system/input_error.hpp"
#include "model/world/guest_platform.hpp"
#include "model/world/manifest.hpp"

namespace airlock {
namespace {

using Kind = GuestExpectation::Kind;

constexpr const char* expected_line =
    "`forall`, `exists` or `never` and a condition in C, or `under FIX, FIX:` in front of that";

constexpr const char* only_program = "guest";
constexpr const char* one_of_programs = "guest_";

/// A line of a comment, without the star that it may begin with.
struct Line {
  SourceLocation at;  ///< of its first character
  std::string content;
  std::string whole;  ///< as the file has it
};

class Reader {
 public:
  explicit Reader(const SourceFile& file) : file_(file) {
    for (std::size_t begin = 0; begin <= file.text.size();) {
      const std::size_t end = std::min(file.text.find('\n', begin), file.text.size());
      lines_.push_back(file.text.substr(begin, end - begin));
      begin = end + 1;
    }
  }

  std::vector<GuestExpectation> run() {
    std::vector<GuestExpectation> result;
    for (std::size_t at = 0; (at = file_.text.find("/*", at)) != std::string::npos;) {
      const std::size_t end = std::min(file_.text.find("*/", at + 2), file_.text.size());
      std::vector<Line> lines = comment(at + 2, end);
      const auto head = std::find_if(lines.begin(), lines.end(),
                                     [](const Line& each) { return !each.content.empty(); });
      if (head != lines.end() && head->content.starts_with("Expect")) {
        constexpr std::string_view word = "Expect:";
        if (!head->content.starts_with(word)) {
          fail(*head, "this begins like an expectation and goes on otherwise",
               "`Expect:`, and the first of them on that line or on the next");
        }
        const std::size_t before = result.size();
        drop(*head, word.size());
        if (head->at.line == 1 && !head->content.empty()) {
          fail(*head, "an expectation on the first line of the file", "a line before it");
        }
        read(head, lines.end(), result);
        if (result.size() == before) {
          fail(*head, "nothing is expected", expected_line);
        }
      }
      at = end;
    }
    return result;
  }

 private:
  [[noreturn]] static void fail(const Line& line, const std::string& what,
                                const std::string& expected) {
    throw InputError(line.at, what, line.whole, expected);
  }

  [[nodiscard]] std::vector<Line> comment(std::size_t begin, std::size_t end) const {
    std::vector<Line> result;
    while (begin <= end) {
      const std::size_t stop = std::min(file_.text.find('\n', begin), end);
      std::size_t first = begin;
      const auto is = [&](const char* set) {
        return first < stop && std::string(set).find(file_.text[first]) != std::string::npos;
      };
      while (is(" \t")) {
        ++first;
      }
      if (is("*")) {
        ++first;
      }
      while (is(" \t")) {
        ++first;
      }
      std::size_t last = stop;
      while (last > first && std::string(" \t\r").find(file_.text[last - 1]) != std::string::npos) {
        --last;
      }
      const auto line = static_cast<unsigned>(
          std::count(file_.text.begin(), file_.text.begin() + static_cast<long>(begin), '\n'));
      const std::size_t line_start =
          begin == 0 ? 0 : file_.text.rfind('\n', begin - 1) + 1;  // npos + 1 is 0
      result.push_back({{file_.path, line + 1, static_cast<unsigned>(first - line_start + 1)},
                        file_.text.substr(first, last - first),
                        lines_[line]});
      begin = stop + 1;
    }
    return result;
  }

  template <typename Iterator>
  void read(Iterator line, Iterator end, std::vector<GuestExpectation>& result) const {
    bool any = false;
    for (; line != end; ++line) {
      if (!line->content.empty()) {
        result.push_back(expectation(*line));
        any = true;
      } else if (any && line + 1 == end) {
        break;
      }
    }
  }

  /// So many characters at the beginning of a line, and the blanks behind them.
  static void drop(Line& line, std::size_t count) {
    while (count < line.content.size() &&
           (line.content[count] == ' ' || line.content[count] == '\t')) {
      ++count;
    }
    line.content.erase(0, count);
    line.at.column += static_cast<unsigned>(count);
  }

  [[nodiscard]] static GuestExpectation expectation(Line line) {
    GuestExpectation result;
    if (line.content.starts_with("under ")) {
      drop(line, 6);
      const std::size_t colon = line.content.find(':');
      if (colon == std::string::npos) {
        fail(line, "there is no ':' behind the fixes", expected_line);
      }
      result.rows = names(line, colon);
      drop(line, colon + 1);
    }
    for (const Kind kind : {Kind::forall, Kind::exists, Kind::never}) {
      const std::string word = to_string(kind);
      if (line.content.starts_with(word + " ") || line.content.starts_with(word + "\t")) {
        result.kind = kind;
        drop(line, word.size());
        result.condition = line.content;
        result.location = line.at;
        return result;
      }
    }
    fail(line, "this is no expectation", expected_line);
  }

  [[nodiscard]] static std::vector<std::string> names(const Line& line, std::size_t end) {
    std::vector<std::string> result;
    for (std::size_t begin = 0; begin <= end;) {
      const std::size_t comma = std::min(line.content.find(',', begin), end);
      std::string name = line.content.substr(begin, comma - begin);
      name.erase(0, std::min(name.find_first_not_of(" \t"), name.size()));
      name.erase(name.find_last_not_of(" \t") + 1);
      if (name.empty()) {
        fail(line, "a fix has no name", expected_line);
      }
      result.push_back(name);
      begin = comma + 1;
    }
    return result;
  }

  const SourceFile& file_;
  std::vector<std::string> lines_;
};

bool is_program(const Function& function) {
  const std::string& entry = function.name;
  return entry == only_program || entry.starts_with(one_of_programs);
}

}  // namespace

std::string to_string(Kind kind) {
  switch (kind) {
    case Kind::forall: return "forall";
    case Kind::exists: return "exists";
    case Kind::never: break;
  }
  return "never";
}

std::vector<GuestSource> guests_of(const SourceFile& file) {
  const GuestSkeleton skeleton;
  const std::vector<SourceFile> files{file};
  const Program program = Program::check(files, {}, skeleton.platform);
  const bool handles = program.find_function("db_handler") != nullptr;
  std::vector<GuestSource> result;
  std::vector<unsigned> begins;
  for (const Function& function : program.functions()) {
    const std::string& called = function.name;
    const bool entry = is_program(function) || called == "db_handler";
    if (entry && (function.parameters != 0 || function.returns_bool || function.returns_u64)) {
      throw InputError(function.location, "'" + function.name + "' has another type", {},
                       "`void " + function.name + "(void)`");
    }
    if (const auto assumed = program.assumption_in(function.name); entry && assumed) {
      throw InputError(*assumed, "assume() in a guest's program", {},
                       "a program that goes on, whatever it finds");
    }
    if (is_program(function)) {
      result.push_back({file, function.name, handles, function.comment, {}});
      begins.push_back(function.location.line);
    }
  }
  if (result.empty()) {
    throw InputError({file.path, 1, 1}, "there is no guest's program in the file", {},
                     "`void guest(void)`, or several `void guest_NAME(void)`");
  }
  for (GuestExpectation& each : Reader(file).run()) {
    const auto after = std::upper_bound(begins.begin(), begins.end(), each.location.line);
    const auto index = static_cast<std::size_t>(after - begins.begin());
    result[std::min(index, result.size() - 1)].expectations.push_back(std::move(each));
  }
  return result;
}

std::vector<GuestSource> read_guests(const std::string& path) {
  return guests_of({path, read_file(path)});
}

std::vector<std::string> rows_named(const GuestSource& source) {
  std::set<std::string> result;
  for (const GuestExpectation& each : source.expectations) {
    result.insert(each.rows.begin(), each.rows.end());
  }
  return {result.begin(), result.end()};
}

bool is_about(const GuestSource& source, const GuestExpectation& expectation,
              const std::string& row) {
  if (expectation.rows.empty()) {
    const std::vector<std::string> named = rows_named(source);
    return std::find(named.begin(), named.end(), row) == named.end();
  }
  return std::find(expectation.rows.begin(), expectation.rows.end(), row) != expectation.rows.end();
}

}  // namespace airlock
