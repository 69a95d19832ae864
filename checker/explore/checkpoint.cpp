#include "checker/explore/checkpoint.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <unordered_map>

#include "checker/support/atomic_file.hpp"
#include "model/system/input_error.hpp"

namespace airlock::explicit_state {
namespace {

constexpr std::string_view magic = "AIRLOCK EXPLORE\n";  // two words
constexpr Word version = 1;
constexpr std::size_t buffer_words = std::size_t{1} << 15U;

/// Order matters, every bit of every word counts, and no single wrong word goes unnoticed: each
/// step is a permutation of the sum for a given word, and of the word for a given sum.
class Checksum {
 public:
  void add(Word word) { sum_ = std::rotl(sum_ ^ word, 29) * 0x9E3779B97F4A7C15ULL + 1; }
  [[nodiscard]] Word value() const { return hash_step(sum_); }

 private:
  Word sum_ = 0x243F6A8885A308D3ULL;
};

class Writer {
 public:
  explicit Writer(const std::string& path) : file_(path) { buffer_.reserve(buffer_words); }
  void put(Word word) {
    checksum_.add(word);
    buffer_.push_back(word);
    if (buffer_.size() == buffer_words) {
      flush();
    }
  }
  void finish() {
    put(checksum_.value());
    flush();
    file_.commit();
  }

 private:
  void flush() {
    file_.write({reinterpret_cast<const char*>(buffer_.data()), buffer_.size() * sizeof(Word)});
    buffer_.clear();
  }
  AtomicFile file_;
  Checksum checksum_;
  std::vector<Word> buffer_;
};

class Reader {
 public:
  explicit Reader(const std::string& path) : path_(path), file_(path, std::ios::binary) {
    if (!file_) {
      fail(std::string("cannot open the checkpoint: ") + std::strerror(errno),
           "a file that --checkpoint wrote");
    }
    std::error_code error;
    bytes_ = std::filesystem::file_size(path, error);
    if (error) {
      fail("is not a checkpoint", "a file that --checkpoint wrote");
    }
  }
  [[noreturn]] void fail(const std::string& what,
                         const std::string& expected = whole_checkpoint) const {
    throw InputError({path_, 0, 0}, what, {}, expected);
  }
  [[noreturn]] void cut_off() const { fail("the checkpoint is cut off"); }

  Word get() {
    if (at_ == buffer_.size()) {
      fill();
    }
    checksum_.add(buffer_[at_]);
    return buffer_[at_++];
  }
  /// A number of things of which each takes `words` words of the file.
  std::size_t count(std::size_t words) {
    const Word value = get();
    if (value > bytes_ / sizeof(Word) / words) {
      cut_off();
    }
    return static_cast<std::size_t>(value);
  }
  void finish() {
    const Word expected = checksum_.value();
    if (get() != expected) {
      fail("the checkpoint is damaged: its checksum is wrong");
    }
    if (at_ != buffer_.size() || file_.peek() != std::char_traits<char>::eof()) {
      fail("the checkpoint is damaged: something follows its end");
    }
  }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

 private:
  void fill() {
    buffer_.resize(buffer_words);
    file_.read(reinterpret_cast<char*>(buffer_.data()),
               static_cast<std::streamsize>(buffer_words * sizeof(Word)));
    const auto got = static_cast<std::size_t>(file_.gcount());
    if (got < sizeof(Word)) {
      cut_off();
    }
    buffer_.resize(got / sizeof(Word));
    at_ = 0;
  }
  std::string path_;
  std::ifstream file_;
  std::uint64_t bytes_ = 0;
  Checksum checksum_;
  std::vector<Word> buffer_;
  std::size_t at_ = 0;
};

std::array<Word, 2> magic_words() {
  static_assert(magic.size() == 2 * sizeof(Word));
  std::array<Word, 2> words{};
  std::memcpy(words.data(), magic.data(), magic.size());
  return words;
}

/// Hashes expressions by structure: a node's number in its pool may differ from run to run.
class Hasher {
 public:
  void add(Word word) { hash_ = hash_step(hash_ * 0x9E3779B97F4A7C15ULL + word); }
  void add(Expr root) {
    if (!root.valid()) {
      return add(Word{0});
    }
    std::vector<Expr> stack{root};
    while (!stack.empty()) {
      const Expr e = stack.back();
      bool ready = true;
      for (unsigned i = 0; i < e.arity(); ++i) {
        if (known_.find(e.arg(i).id()) == known_.end()) {
          stack.push_back(e.arg(i));
          ready = false;
        }
      }
      if (ready) {
        known_[e.id()] = node(e);
        stack.pop_back();
      }
    }
    add(known_.at(root.id()));
  }
  [[nodiscard]] Word value() const { return hash_; }

 private:
  Word node(Expr e) const {
    Hasher h;
    h.add(static_cast<Word>(e.op()));
    h.add(e.width());
    h.add(e.sort().is_bool() ? 1 : 0);
    if (e.op() == Op::constant) {
      h.add(e.value());
    } else if (e.op() == Op::variable || e.op() == Op::input) {
      h.add(e.index());
    } else if (e.op() == Op::extract) {
      h.add(e.lo());
    }
    for (unsigned i = 0; i < e.arity(); ++i) {
      h.add(known_.at(e.arg(i).id()));
    }
    return h.value();
  }
  Word hash_ = 0;
  std::unordered_map<std::uint32_t, Word> known_;
};

void read_head(Reader& from, std::uint64_t identity, const Layout& layout) {
  if (from.bytes() < magic.size()) {
    from.fail("is not a checkpoint", "a file that --checkpoint wrote");
  }
  for (const Word word : magic_words()) {
    if (from.get() != word) {
      from.fail("is not a checkpoint", "a file that --checkpoint wrote");
    }
  }
  if (from.bytes() % sizeof(Word) != 0) {
    from.fail("the checkpoint is cut off or damaged: it does not end where a number ends");
  }
  if (from.get() != version) {
    from.fail("the checkpoint is of another version of Airlock",
              "one that this version wrote; begin again without --resume");
  }
  if (from.get() != identity || from.get() != layout.words()) {
    from.fail(
        "the checkpoint is of another system: the model, the fix, a parameter, an actor or a "
        "choice differs",
        "a checkpoint of this model, with the same --fix, --set, --actor and --choice");
  }
}

/// One state. Bits that no variable owns would have no place in the visited set.
void read_state(Reader& from, const Layout& layout, Word* state) {
  for (std::size_t w = 0; w < layout.words(); ++w) {
    state[w] = from.get();
    if (layout.width(w) < 64 && state[w] >> layout.width(w) != 0) {
      from.fail("the checkpoint is damaged: a state has a bit that no variable owns");
    }
  }
}

/// What comes before the states.
SavedSearch read_numbers(Reader& from, std::uint64_t identity, const Layout& layout,
                         std::size_t targets) {
  SavedSearch search;
  search.identity = identity;
  search.transitions = from.get();
  search.deadlocks = from.get();
  search.reached.resize(from.count(3 + layout.words()));
  std::vector<bool> named(targets);
  for (SavedSearch::Reached& reached : search.reached) {
    reached.target = static_cast<std::size_t>(from.get());
    if (reached.target >= targets || named[reached.target]) {
      from.fail("the checkpoint is damaged: a target that there is not, or twice");
    }
    named[reached.target] = true;
    reached.states = from.get();
    reached.goal.level = static_cast<std::size_t>(from.get());
    reached.goal.state.resize(layout.words());
    read_state(from, layout, reached.goal.state.data());
  }
  return search;
}

std::uint64_t states_in(const Shards& shards) {
  std::uint64_t count = 0;
  for (const auto& shard : shards) {
    count += shard->states.size();
  }
  return count;
}

/// All levels; returns the number of the last.
std::size_t read_levels(Reader& from, const Layout& layout, Exchange& exchange, Shards& shards) {
  const std::size_t levels = from.count(1);
  if (levels == 0) {
    from.fail("the checkpoint is damaged: it has no states");
  }
  std::vector<Word> state(layout.words());
  for (std::size_t l = 0; l < levels; ++l) {
    const std::uint64_t before = states_in(shards);
    if (l != 0) {
      for (auto& shard : shards) {
        shard->levels.push_back(shard->states.size());
      }
    }
    const std::size_t size = from.count(layout.words());
    for (std::size_t i = 0; i < size; ++i) {
      read_state(from, layout, state.data());
      exchange.restore(state.data());
    }
    exchange.deliver_all();
    if (l == 0 && (size != before || states_in(shards) != before)) {
      from.fail("the checkpoint is damaged: it does not begin at the initial states");
    }
    if (l != 0 && states_in(shards) != before + size) {
      from.fail("the checkpoint is damaged: a state is in it twice");
    }
  }
  return levels - 1;
}

}  // namespace

std::uint64_t identity_of(const TransitionSystem& system, std::span<const Expr> targets,
                          const Layout& layout) {
  Hasher h;
  h.add(version);
  h.add(system.variables.size());
  for (VarId id = 0; id < system.variables.size(); ++id) {
    const Field& at = layout.field(id);
    h.add((Word{at.word} << 16U) | (Word{at.shift} << 8U) | at.width);
    h.add(system.variables[id].initial);
  }
  h.add(system.initial_constraint);
  const auto add_inputs = [&](const std::vector<InputId>& inputs) {
    h.add(inputs.size());
    for (const InputId id : inputs) {
      h.add((Word{id} << 8U) | system.inputs[id].sort.width());
    }
  };
  add_inputs(system.initial_inputs);
  h.add(system.rules.size());
  for (const Rule& rule : system.rules) {
    h.add(rule.guard);
    h.add(rule.updates.size());
    for (const Update& update : rule.updates) {
      h.add(update.variable);
      h.add(update.value);
    }
    add_inputs(rule.inputs);
  }
  h.add(targets.size());
  for (const Expr target : targets) {
    h.add(target);
  }
  return h.value();
}

void write_checkpoint(const std::string& path, const SavedSearch& search, const Layout& layout,
                      const Shards& shards, std::size_t level) {
  Writer to(path);
  for (const Word word : magic_words()) {
    to.put(word);
  }
  to.put(version);
  to.put(search.identity);
  to.put(layout.words());
  to.put(search.transitions);
  to.put(search.deadlocks);
  to.put(search.reached.size());
  for (const SavedSearch::Reached& reached : search.reached) {
    to.put(reached.target);
    to.put(reached.states);
    to.put(reached.goal.level);
    std::for_each(reached.goal.state.begin(), reached.goal.state.end(),
                  [&](Word word) { to.put(word); });
  }
  to.put(level + 1);
  for (std::size_t l = 0; l <= level; ++l) {
    Word size = 0;
    for (const auto& shard : shards) {
      size += shard->level_end(l) - shard->level_begin(l);
    }
    to.put(size);
    for (const auto& shard : shards) {
      for (std::size_t i = shard->level_begin(l); i < shard->level_end(l); ++i) {
        const Word* const state = shard->states[i];
        std::for_each(state, state + layout.words(), [&](Word word) { to.put(word); });
      }
    }
  }
  to.finish();
}

Word checksum_of(std::span<const Word> words) {
  Checksum checksum;
  std::for_each(words.begin(), words.end(), [&](Word word) { checksum.add(word); });
  return checksum.value();
}

SavedSearch read_checkpoint(const std::string& path, std::uint64_t identity, std::size_t targets,
                            const Layout& layout, Exchange& exchange, Shards& shards,
                            std::size_t& level) {
  Reader from(path);
  read_head(from, identity, layout);
  SavedSearch search = read_numbers(from, identity, layout, targets);
  level = read_levels(from, layout, exchange, shards);
  from.finish();
  for (const SavedSearch::Reached& reached : search.reached) {
    if (reached.goal.level >= level) {
      from.fail("the checkpoint is damaged: a target in a level that it does not have");
    }
  }
  return search;
}

}  // namespace airlock::explicit_state
