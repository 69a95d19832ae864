// A guest that never runs is one fact, and forty events of the hardware that never happen. What
// follows from one thing shall be read once:
//
//   - Events of the hardware whose names begin with the same words, where nothing that begins so
//     happens at all, or that end with the same events (no #DB is ever intercepted, whatever the
//     guest executes). The words may then stand in the manifest, with '*' for the rest. The fewest
//     words that say so are taken, but two at least.
//   - C lines one below the other with no line between them that runs: a function that nobody
//     calls, the inside of an if that never comes true. Each keeps its name, since the manifest
//     has no ranges.
//   - Options of the manual's silent points, and values of parameters, that make no difference.
//
// What is in different rows, or excused for different reasons, is never put together.
#include "checker/coverage/gap_groups.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>

namespace airlock {
namespace {

bool alike(const Gap& a, const Gap& b) {
  return a.kind == b.kind && a.fixes == b.fixes && a.decided == b.decided && a.reason == b.reason;
}

class Grouping {
 public:
  explicit Grouping(const CoverageReport& report) : report_(report) {
    for (const Gap& gap : report.gaps) {
      missing_[gap.kind].emplace(gap.name, &gap);
    }
    for (const Coverage& row : report.rows) {
      for (const CoveragePoint& point : row.points) {
        names_[to_string(point.kind)].insert(point.name);
        add_line(point);
      }
    }
  }

  std::vector<GapGroup> run() {
    for (const Gap& gap : report_.gaps) {
      if (gap.kind == to_string(PointKind::hardware)) {
        add(gap, pattern_for(gap));
      } else if (gap.kind == to_string(PointKind::statement)) {
        add(gap, fmt::format("line {}", block_of(gap)));
      } else if (gap.kind == to_string(PointKind::choice) ||
                 gap.kind == to_string(PointKind::parameter)) {
        add(gap, gap.kind);
      } else {
        groups_.push_back({{gap.name}, gap.text, {gap}});
      }
    }
    for (GapGroup& group : groups_) {
      if (group.gaps.size() > 1 && group.gaps[0].kind == to_string(PointKind::hardware)) {
        group.names = {pattern_for(group.gaps[0])};
      }
    }
    return std::move(groups_);
  }

 private:
  void add_line(const CoveragePoint& point) {
    if (point.kind == PointKind::statement && lines_.emplace(point.name, lines_.size()).second) {
      order_.push_back(point.name);
    }
  }

  /// Puts the gap to those alike that have the key, or begins a group.
  void add(const Gap& gap, const std::string& key) {
    std::vector<std::size_t>& known = by_key_[key];
    const auto found = std::find_if(known.begin(), known.end(), [&](std::size_t group) {
      return alike(groups_[group].gaps.front(), gap);
    });
    if (found == known.end()) {
      known.push_back(groups_.size());
      groups_.push_back({{gap.name}, gap.text, {gap}});
      return;
    }
    groups_[*found].names.push_back(gap.name);
    groups_[*found].gaps.push_back(gap);
  }

  /// An excuse's pattern that is about the name and, of all that can happen, about gaps like this
  /// one alone: the fewest words of its beginning, or all that follows its first event, whichever
  /// is about more. The name itself if there is none.
  [[nodiscard]] std::string pattern_for(const Gap& gap) const {
    std::string best = gap.name;
    std::size_t most = 1;
    const auto consider = [&](const std::string& pattern) {
      const std::size_t count = gaps_that_match(gap, pattern);
      if (count > most) {
        best = pattern;
        most = count;
      }
      return count > 0;
    };
    for (std::size_t end = gap.name.find(' '); end != std::string::npos;) {
      end = gap.name.find_first_of(" ,", end + 1);
      if (consider(gap.name.substr(0, end) + "*")) {
        break;  // fewer words are about no less
      }
    }
    if (const std::size_t comma = gap.name.find(", "); comma != std::string::npos) {
      consider("*" + gap.name.substr(comma));
    }
    return best;
  }

  /// How many gaps like this one the pattern is about; 0 if it is about anything else.
  [[nodiscard]] std::size_t gaps_that_match(const Gap& gap, const std::string& pattern) const {
    const auto known = names_.find(gap.kind);
    if (known == names_.end() || gap.name.find('*') != std::string::npos) {
      return 0;
    }
    const std::map<std::string, const Gap*>& missing = missing_.at(gap.kind);
    std::size_t count = 0;
    for (const std::string& name : known->second) {
      const bool about = pattern.front() == '*'
                             ? name.ends_with(pattern.substr(1))
                             : name.starts_with(pattern.substr(0, pattern.size() - 1));
      if (!about) {
        continue;
      }
      const auto found = missing.find(name);
      if (found == missing.end() || !alike(*found->second, gap)) {
        return 0;
      }
      ++count;
    }
    return count;
  }

  /// The first line of those above that never run either.
  [[nodiscard]] std::string block_of(const Gap& gap) const {
    const auto at = lines_.find(gap.name);
    if (at == lines_.end()) {
      return gap.name;
    }
    const std::map<std::string, const Gap*>& missing = missing_.at(gap.kind);
    std::size_t first = at->second;
    const auto file = [](const std::string& name) { return name.substr(0, name.find(':')); };
    while (first > 0) {
      const auto above = missing.find(order_[first - 1]);
      if (above == missing.end() || !alike(*above->second, gap) ||
          file(order_[first - 1]) != file(gap.name)) {
        break;
      }
      --first;
    }
    return order_[first];
  }

  const CoverageReport& report_;
  std::map<std::string, std::map<std::string, const Gap*>> missing_;  // by kind, by name
  std::map<std::string, std::set<std::string>> names_;                // of all points, by kind
  std::map<std::string, std::size_t> lines_;  // statements' places in order_
  std::vector<std::string> order_;
  std::map<std::string, std::vector<std::size_t>> by_key_;
  std::vector<GapGroup> groups_;
};

/// What one and several of a kind are called when they are decided.
std::string counted(const std::string& kind, std::size_t count) {
  struct Words {
    const char* one;
    const char* many;
  };
  static const std::map<std::string, Words> words{
      {"statement", {"statement never runs", "statements never run"}},
      {"condition", {"condition never comes out one way", "ways of conditions never come out"}},
      {"hardware", {"event of the hardware never happens", "events of the hardware never happen"}},
      {"reading",
       {"reading of the manual makes no difference", "readings of the manual make no difference"}},
      {"parameter",
       {"value of a parameter makes no difference", "values of parameters make no difference"}},
      {"property", {"part of a property never matters", "parts of properties never matter"}},
      {"vacuous", {"property holds vacuously", "properties hold vacuously"}}};
  const Words& found = words.at(kind);
  return fmt::format("{} {}", count, count == 1 ? found.one : found.many);
}

}  // namespace

std::vector<GapGroup> grouped(const CoverageReport& report) {
  return Grouping(report).run();
}

std::string what_is_missing(const CoverageReport& report) {
  std::map<std::string, std::size_t> counts;
  std::vector<std::string> kinds;
  std::size_t open = 0;
  for (const Gap& gap : report.gaps) {
    if (gap.reason.empty() && gap.decided && counts[gap.kind]++ == 0) {
      kinds.push_back(gap.kind);
    }
    open += gap.reason.empty() && !gap.decided ? 1 : 0;
  }
  std::string result;
  for (const std::string& kind : kinds) {
    result += (result.empty() ? "" : ", ") + counted(kind, counts[kind]);
  }
  if (open > 0) {
    result += (result.empty() ? "" : ", ") + fmt::format("{} not seen, and undecided", open);
  }
  return result;
}

}  // namespace airlock
