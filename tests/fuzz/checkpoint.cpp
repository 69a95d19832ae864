// Checkpoints: bytes as a search that was put by, for `airlock explore --resume`.
//
// Every input is read twice: as it is, and with its name, version, system and checksum put right,
// as a forger would. As it is, it must be refused or be gone on with to the result of a search from
// the beginning. Forged, it may say too many states; but it must not crash, a target must not come
// out unreachable that is not, and a path must lead to its target. (The systems here are small
// enough for every state of a checkpoint to be expanded again. docs/reliability.md says what a
// forger of a large one can do.)
//
// The kept inputs that are whole were written by explore() itself, with an interval of 0.
#include "checker/explore/checkpoint.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "checker/explore/explore.hpp"
#include "model/system/interpreter.hpp"
#include "tests/fuzz/target.hpp"

namespace airlock {
namespace {

namespace fs = std::filesystem;
using explicit_state::Word;

constexpr std::size_t version_at = 2;  // words of the head
constexpr std::size_t identity_at = 3;
constexpr std::size_t words_at = 4;

/// Counters that start anywhere below 2, two of them with room for more than a word of `padding`.
struct Subject {
  TransitionSystem system;
  std::vector<Expr> targets;
  ExploreResult truth;
  Word identity = 0;
  Word words = 0;

  explicit Subject(unsigned padding) {
    const InputId first = system.add_input("first", Sort::bits(1), "any start");
    system.initial_inputs = {first};
    const VarId n = system.add_variable("n", Sort::bits(4), zero_extend(system.input(first), 4));
    const VarId m = system.add_variable("m", Sort::bits(4), system.pool->bits(4, 0));
    if (padding != 0) {
      system.add_variable("wide", Sort::bits(padding), system.pool->bits(padding, 5));
    }
    const Expr vn = system.variable(n);
    const Expr vm = system.variable(m);
    const auto rule = [&](const char* name, Expr guard, VarId id, Expr value) {
      system.rules.push_back({name, "counter", guard, {{id, value}}, {}, {}});
    };
    rule("up", ult(vn, same_sort(vn, 6)), n, vn + same_sort(vn, 2));
    rule("follow", ult(vm, vn), m, vm + same_sort(vm, 1));
    rule("end", eq(vm, same_sort(vm, 7)), n, same_sort(vn, 9));
    targets = {eq(vn, same_sort(vn, 9)), eq(vn, same_sort(vn, 12)), eq(vm, same_sort(vm, 3))};
    validate(system);
    truth = run({});
    const explicit_state::Layout layout(system);
    identity = explicit_state::identity_of(system, targets, layout);
    words = layout.words();
  }

  [[nodiscard]] ExploreResult run(const std::string& resume) const {
    ExploreOptions options;
    options.stop_when_decided = false;
    options.resume = resume;
    return explore(system, targets, {}, options);
  }

  /// What must be true of any result, forged or not.
  void check(const ExploreResult& result) const {
    for (std::size_t t = 0; t < targets.size(); ++t) {
      const Outcome& outcome = result.outcomes[t];
      if (outcome.answer == Reachability::unreachable &&
          truth.outcomes[t].answer != Reachability::unreachable) {
        throw std::logic_error("a checkpoint makes a target unreachable");
      }
      if (outcome.answer == Reachability::reachable &&
          evaluate(targets[t], replay(system, outcome.path.value()).back()) == 0) {
        throw std::logic_error("a checkpoint leads to no target");
      }
    }
  }

  void check_whole(const ExploreResult& result) const {
    check(result);
    if (!result.complete || result.states != truth.states ||
        result.transitions != truth.transitions || result.depth != truth.depth ||
        result.deadlocks != truth.deadlocks) {
      throw std::logic_error("a checkpoint that is accepted gives another result");
    }
  }
};

/// Where the input lies as a file; made once, taken away at exit.
class Directory {
 public:
  Directory() {
    std::string name = (fs::temp_directory_path() / "airlock-fuzz-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) {
      throw std::runtime_error("no temporary directory");
    }
    path_ = name;
  }
  ~Directory() { fs::remove_all(path_); }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  [[nodiscard]] std::string write(const std::string& bytes) const {
    const fs::path file = path_ / "search";
    std::ofstream(file, std::ios::binary) << bytes;
    return file.string();
  }

 private:
  fs::path path_;
};

std::vector<Word> words_of(const std::string& bytes) {
  std::vector<Word> words;
  for (std::size_t at = 0; at + sizeof(Word) <= bytes.size(); at += sizeof(Word)) {
    std::memcpy(&words.emplace_back(), &bytes[at], sizeof(Word));
  }
  return words;
}

std::string bytes_of(const std::vector<Word>& words) {
  return {reinterpret_cast<const char*>(words.data()), words.size() * sizeof(Word)};  // NOLINT
}

/// With a head for this system and the right sum.
std::string forged(const std::string& bytes, const Subject& subject) {
  std::vector<Word> words = words_of(bytes);
  words.resize(std::max<std::size_t>(words.size(), words_at + 2));
  std::memcpy(words.data(), "AIRLOCK EXPLORE\n", 2 * sizeof(Word));
  words[version_at] = 1;
  words[identity_at] = subject.identity;
  words[words_at] = subject.words;
  words.back() = explicit_state::checksum_of({words.data(), words.size() - 1});
  return bytes_of(words);
}

void read(const std::string& bytes) {
  static const Directory directory;
  static const Subject narrow(0);
  static const Subject wide(61);
  const std::vector<Word> words = words_of(bytes);
  const Subject& subject = words.size() > words_at && words[words_at] == 2 ? wide : narrow;
  fuzz::expect_answer([&] { subject.check_whole(subject.run(directory.write(bytes))); });
  fuzz::expect_answer([&] { subject.check(subject.run(directory.write(forged(bytes, subject)))); });
}

}  // namespace
}  // namespace airlock

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  airlock::read(airlock::fuzz::text_of(data, size));
  return 0;
}

#ifdef AIRLOCK_LIBFUZZER

#include <random>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

/// Three times out of four whole words are changed: a checkpoint is a list of numbers.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned seed) {
  if (seed % 4 == 0) {
    return LLVMFuzzerMutate(data, size, max_size);
  }
  using airlock::Word;
  std::vector<Word> words = airlock::words_of(airlock::fuzz::text_of(data, size));
  std::minstd_rand random(seed);
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random()) % n; };
  for (std::size_t changes = 1 + below(3); changes != 0; --changes) {
    const std::size_t at = below(words.size() + 1);
    const auto place = words.begin() + static_cast<std::ptrdiff_t>(at);
    const std::size_t length = std::min(1 + below(4), words.size() - at);
    const auto end = place + static_cast<std::ptrdiff_t>(length);
    const Word value = below(3) == 0   ? below(16)
                       : below(2) == 0 ? Word{1} << below(64)
                       : words.empty() ? 0
                                       : words[below(words.size())] + below(3) - 1;
    switch (at == words.size() ? 0 : below(5)) {
      case 0: words.insert(place, value); break;
      case 1: *place = value; break;
      case 2: words.erase(place, end); break;
      case 3: std::swap(*place, words[below(words.size())]); break;
      default: {
        const std::vector<Word> copy(place, end);
        const auto to = words.begin() + static_cast<std::ptrdiff_t>(below(words.size()));
        words.insert(to, copy.begin(), copy.end());
      }
    }
  }
  std::string changed = airlock::bytes_of(words);
  changed.resize(std::min(changed.size(), max_size));
  std::copy(changed.begin(), changed.end(), data);
  return changed.size();
}

#endif
