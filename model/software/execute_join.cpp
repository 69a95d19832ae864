// Joining ways where they meet.
//
// A step with few ways keeps them apart (`few_ways`): one rule per way has a short guard and says
// plainly what ran. Ways multiply, though: twelve independent branches are 4,096, and a real
// kernel's loop of one exit and one entry has handlers times requests times injections. A step that
// turns out to have many ways is run again, and then ways that meet go on as one. In specs/kvm's
// `merged` that is one step: 183 rules became 106, built in 21 instead of 33 ms. (64 is the number
// from which arms used to be joined before; what it costs engines has not been measured.)
//
// Where do they meet? Of all ways that are under way, the one that is earliest in the program's
// text goes on (in a called function: earlier than its caller behind the call; in a loop: a smaller
// round is earlier). So when a place is the earliest, everything that can come to it has come, and
// all that is there is joined, whether by an if's end, a switch's, a goto's label, a loop's exit or
// a return. The text's order is a matter of how much is joined, never of what is true.
//
// What can be joined: the same calls, the same pointers, values wherever either has one that may
// still be read; and a condition that tells the ways apart (Step::join). All others stay two ways.
// Ways that have made their shared access and ways that have not stay apart, too: the next access
// ends a step of the first and not of the second.
//
// An input belongs to a place and a round, not to a way (input_key), so that ways that have been
// joined, and others that have not, mean the same by it: boot() and actors run twice.
#include <algorithm>
#include <tuple>

#include "model/software/execute.hpp"

namespace airlock::c {
namespace {

constexpr std::size_t max_ways = 20000;
/// Of conditions, one after the other. Beyond that ways stay apart.
constexpr std::size_t max_depth = 5000;

/// The value that is `yes` where the condition holds, else `no`; nothing if there is none.
std::optional<Value> join_values(const Value& yes, const Value& no, Expr side) {
  if (yes.kind == Value::Kind::number && no.kind == Value::Kind::number) {
    return Value{Value::Kind::number, ite(side, yes.number, no.number), {}};
  }
  return yes == no ? std::optional(yes) : std::nullopt;
}

bool joinable(const Value& yes, const Value& no) {
  return (yes.kind == Value::Kind::number && no.kind == Value::Kind::number) || yes == no;
}

std::vector<Frame> join_frames(const std::vector<Frame>& yes, const std::vector<Frame>& no) {
  std::vector<Frame> result = yes;
  for (std::size_t i = 0; i < result.size(); ++i) {
    result[i].noted = yes[i].noted == no[i].noted ? yes[i].noted : Loc{};
    result[i].visited.insert(no[i].visited.begin(), no[i].visited.end());
    for (const auto& [head, count] : no[i].rounds) {
      unsigned& rounds = result[i].rounds[head];
      rounds = std::max(rounds, count);
    }
  }
  return result;
}

}  // namespace

const Executor::Shape& Executor::shape(FunctionId id) {
  const auto known = shapes_.find(id);
  if (known != shapes_.end()) {
    return known->second;
  }
  const FunctionInfo& function = unit_.functions[id];
  Shape result;
  std::vector<unsigned> before(function.code.size() + 1, 0);
  std::map<unsigned, unsigned> loops;  // last instruction by first
  for (unsigned i = 0; i < function.code.size(); ++i) {
    for (const unsigned next : successors(function, i)) {
      ++before[next];
      if (next <= i) {
        unsigned& last = loops[next];
        last = std::max(last, i);
      }
    }
  }
  for (const unsigned count : before) {
    result.meets.push_back(count > 1);
  }
  // Loops that overlap (by goto) are made to lie in each other.
  for (bool changed = true; changed;) {
    changed = false;
    for (auto& [first, last] : loops) {
      for (const auto& [inner, end] : loops) {
        if (inner > first && inner <= last && end > last) {
          last = end;
          changed = true;
        }
      }
    }
  }
  result.loops.assign(loops.begin(), loops.end());
  return shapes_.emplace(id, std::move(result)).first->second;
}

std::vector<unsigned> Executor::place_in(const Frame& frame, unsigned pc) {
  std::vector<unsigned> result;
  for (const auto& [first, last] : shape(frame.function).loops) {
    if (first <= pc && pc <= last) {
      const auto rounds = frame.rounds.find(first);
      result.push_back(first);
      result.push_back(rounds == frame.rounds.end() ? 0 : rounds->second);
    }
  }
  result.push_back(pc);
  return result;
}

/// Per frame: the loops around its place, each with its round, and the place.
Executor::Position Executor::position(const Path& path) {
  Position result;
  for (const Frame& frame : path.frames) {
    result.push_back(place_in(frame, frame.pc));
  }
  return result;
}

bool Executor::EarlierFirst::operator()(const Position& a, const Position& b) const {
  const auto [mine, theirs] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (mine == a.end() || theirs == b.end()) {
    return mine != a.end();  // what is in a call comes before what follows it
  }
  return *mine < *theirs;
}

void Executor::run_joining(Path start, Ends& ends) {
  step_ = {};
  const Loc loc = function_of(start).loc;
  std::map<Position, std::vector<Path>, EarlierFirst> work;
  std::size_t waiting = 0;
  std::uint64_t bytes = 0;  // of those that wait
  const auto add = [&](Path path) {
    Position at = position(path);
    bytes += bytes_of(path);
    limit_waiting(bytes, loc);
    work[std::move(at)].push_back(std::move(path));
    ++waiting;
  };
  add(std::move(start));
  while (!work.empty()) {
    auto earliest = work.extract(work.begin());
    waiting -= earliest.mapped().size();
    for (const Path& path : earliest.mapped()) {
      bytes -= bytes_of(path);
    }
    for (Path& path : join_all(std::move(earliest.mapped()), 0, false)) {
      std::vector<Path> forks;
      std::size_t depth = path.frames.size();
      while (advance(path, ends, forks)) {
        const Frame& frame = path.frames.back();
        if (path.frames.size() < depth || shape(frame.function).meets[frame.pc]) {
          add(std::move(path));
          break;
        }
        depth = path.frames.size();
      }
      for (Path& fork : forks) {
        add(std::move(fork));
      }
    }
    const std::size_t ways = waiting + ends.returned.size() + ends.undefined.size() +
                             ends.excluded.size() + ends.cut.size();
    if (ways > max_ways) {
      unit_.sources.fail(loc, "more than " + std::to_string(max_ways) + " ways through one step",
                         "fewer branches, or a step between them");
    }
  }
  join_ends(ends);
}

bool Executor::is_live(const Path& path, Slot slot) const {
  for (std::size_t i = 0; i < path.frames.size(); ++i) {
    const Frame& frame = path.frames[i];
    const FunctionInfo& function = unit_.functions[frame.function];
    if (slot < function.first_slot || slot >= function.end_slot) {
      continue;
    }
    const bool suspended = i + 1 < path.frames.size();
    if (suspended && function.code[frame.pc - 1].dest == slot) {
      return false;  // the call's result is still to come
    }
    return function.live[frame.pc][slot - function.first_slot];
  }
  return false;
}

/// `strict`: what will not be read counts too.
std::optional<Path> Executor::join(const Path& yes, const Path& no, bool strict) const {
  if (yes.accessed != no.accessed || yes.next != no.next) {
    return std::nullopt;
  }
  const auto counts = [&](Slot slot) { return strict || is_live(yes, slot); };
  for (const auto& [slot, value] : yes.slots) {
    const auto other = no.slots.find(slot);
    if (counts(slot) && (other == no.slots.end() || !joinable(value, other->second))) {
      return std::nullopt;
    }
  }
  for (const auto& [slot, value] : no.slots) {
    if (counts(slot) && yes.slots.count(slot) == 0) {
      return std::nullopt;
    }
  }
  auto step = Step::join(yes.step, no.step);
  if (!step) {
    return std::nullopt;
  }
  const Expr side = step->second;
  Path result{std::move(step->first),
              join_frames(yes.frames, no.frames),
              {},
              yes.log,
              yes.narrowed,
              yes.accessed,
              yes.next};
  for (const auto& [slot, value] : yes.slots) {
    const auto other = no.slots.find(slot);
    if (other != no.slots.end() && joinable(value, other->second)) {
      result.slots[slot] = *join_values(value, other->second, side);
    }
  }
  return result;
}

/// The paths have assumed the same up to `common`, and are at one place.
std::vector<Path> Executor::join_all(std::vector<Path> paths, std::size_t common,
                                     bool strict) const {
  std::vector<std::pair<Expr, std::vector<Path>>> groups;  // by what they assumed next
  std::vector<Path> result;
  for (; groups.size() < 2 && result.empty(); ++common) {
    if (!groups.empty()) {
      paths = std::move(groups.front().second);
      groups.clear();
    }
    if (paths.size() < 2 || common > max_depth) {
      return paths;
    }
    for (Path& path : paths) {
      if (path.step.assumed().size() <= common) {
        result.push_back(std::move(path));
        continue;
      }
      const Expr next = path.step.assumed()[common];
      auto group = std::find_if(groups.begin(), groups.end(),
                                [&](const auto& each) { return each.first == next; });
      if (group == groups.end()) {
        group = groups.insert(group, {next, {}});
      }
      group->second.push_back(std::move(path));
    }
    if (groups.empty()) {
      return result;
    }
  }
  for (auto& [next, group] : groups) {
    group = join_all(std::move(group), common, strict);
  }
  for (auto& [next, group] : groups) {
    for (Path& path : group) {
      join_into(result, std::move(path), strict);
    }
  }
  return result;
}

/// Adds `path`, joined with as many of `paths` as can be.
void Executor::join_into(std::vector<Path>& paths, Path path, bool strict) const {
  for (auto other = paths.begin(); other != paths.end();) {
    std::optional<Path> joined = join(*other, path, strict);
    if (joined) {
      path = std::move(*joined);
      paths.erase(other);
      other = paths.begin();
    } else {
      ++other;
    }
  }
  paths.push_back(std::move(path));
}

/// Ways that end at one place, or with one reason.
void Executor::join_ends(Ends& ends) {
  std::map<std::pair<Position, std::string>, std::vector<Path>> cut;
  for (Path& path : ends.cut) {
    path.accessed = true;
    cut[{position(path), path.next}].push_back(std::move(path));
  }
  ends.cut.clear();
  for (auto& [place, paths] : cut) {
    for (Path& path : join_all(std::move(paths), 0, true)) {
      ends.cut.push_back(std::move(path));
    }
  }
  std::vector<Path> returned;
  for (auto& [path, value] : ends.returned) {
    path.slots = {{none, value}};
    path.accessed = true;
    returned.push_back(std::move(path));
  }
  ends.returned.clear();
  for (Path& path : join_all(std::move(returned), 0, true)) {
    const Value value = path.slots.at(none);
    ends.returned.emplace_back(std::move(path), value);
  }
  join_early(ends.undefined);
  join_early(ends.excluded);
}

/// Those that ended at one place for one reason.
void Executor::join_early(std::vector<Undefined>& ends) {
  std::map<std::tuple<std::string, std::uint32_t, std::uint32_t, std::uint32_t>, std::vector<Path>>
      by_end;
  for (Undefined& each : ends) {
    const auto key = std::tuple{each.reason, each.loc.file, each.loc.line, each.loc.column};
    each.path.frames.clear();
    each.path.slots.clear();
    each.path.accessed = true;
    by_end[key].push_back(std::move(each.path));
  }
  ends.clear();
  for (auto& [key, paths] : by_end) {
    const auto& [reason, file, line, column] = key;
    for (Path& path : join_all(std::move(paths), 0, true)) {
      ends.push_back({std::move(path), reason, {file, line, column}});
    }
  }
}

}  // namespace airlock::c
