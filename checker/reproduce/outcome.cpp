#include "checker/reproduce/outcome.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <sstream>

namespace airlock {
namespace {

constexpr unsigned db_vector = 1;

/// "a:b:c:d" in hexadecimal.
std::vector<std::uint64_t> numbers(const std::string& text) {
  std::vector<std::uint64_t> result;
  std::istringstream stream(text);
  for (std::string word; std::getline(stream, word, ':');) {
    result.push_back(std::strtoull(word.c_str(), nullptr, 16));
  }
  return result;
}

/// After which instruction a trap pushes `rip`; 0 if after none.
std::size_t instruction_before(const Assembled& guest, std::uint64_t rip) {
  const auto found = std::find(guest.ends.begin(), guest.ends.end(), rip);
  return found == guest.ends.end() ? 0 : static_cast<std::size_t>(found - guest.ends.begin()) + 1;
}

Seen of_exception(const std::vector<std::uint64_t>& record, const Assembled& guest) {
  const std::size_t after = instruction_before(guest, record[1]);
  if (record[0] == db_vector && after != 0) {
    return {Seen::Kind::db, after, 0, {}};
  }
  // A fault pushes the address of the instruction itself, which is where the one before it ends.
  return {Seen::Kind::other, after, 0,
          record[0] == db_vector ? fmt::format("DB-at-{:x}h", record[1])
                                 : fmt::format("exception-{}", record[0])};
}

}  // namespace

Console read_console(const std::string& text) {
  Console console;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) {
      line.pop_back();
    }
    if (line.empty()) {
      continue;
    }
    console.last_line = line;
    if (console.panic.empty() && line.find("Kernel panic") != std::string::npos) {
      console.panic = line;
    }
    constexpr std::string_view ours = "airlock: ";
    const std::size_t begin = line.find(ours);  // the kernel may print into a line
    if (begin == std::string::npos) {
      continue;
    }
    std::istringstream words(line.substr(begin + ours.size()));
    std::string key;
    words >> key;
    std::string rest;
    std::getline(words >> std::ws, rest);
    if (key == "done") {
      console.done = true;
    } else if (key == "kernel") {
      console.kernel = rest;
    } else if (key == "error") {
      console.errors.push_back(rest);
    } else if (key == "ran" || key == "evidence") {
      const std::size_t space = std::min(rest.find(' '), rest.size());
      auto& where = key == "ran" ? console.runs : console.evidence;
      where[rest.substr(0, space)].push_back(rest.substr(std::min(space + 1, rest.size())));
    }
  }
  return console;
}

std::vector<Seen> outcome_of(const std::string& line, const Assembled& guest) {
  std::istringstream words(line);
  std::string end;
  words >> end;
  std::vector<Seen> seen;
  bool in_log = false;
  for (std::string word; words >> word;) {
    if (in_log) {
      std::vector<std::uint64_t> record = numbers(word);
      record.resize(4);
      seen.push_back(of_exception(record, guest));
    } else if (word == "log") {
      in_log = true;
    } else if (word.starts_with('r') && word.find('=') != std::string::npos) {
      const auto reg = static_cast<unsigned>(std::strtoul(word.c_str() + 1, nullptr, 10));
      const std::uint64_t value = std::strtoull(word.c_str() + word.find('=') + 1, nullptr, 16);
      for (const auto& [instruction, to] : guest.reads) {
        if (to == reg && value != not_read) {
          seen.push_back({Seen::Kind::dr6, instruction, value, {}});
        }
      }
    }
  }
  std::stable_sort(seen.begin(), seen.end(), [](const Seen& a, const Seen& b) {
    const auto key = [](const Seen& each) {
      return std::pair(each.after, each.kind == Seen::Kind::dr6 ? 0 : 1);
    };
    return key(a) < key(b);
  });
  if (end != "end" && end != "exception") {
    seen.push_back({Seen::Kind::other, guest.ends.size(), 0, end});
  }
  return seen;
}

}  // namespace airlock
