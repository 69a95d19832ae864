// Searches that are put by and gone on with, and files that are no such thing.
#include "checker/explore/checkpoint.hpp"

#include <cstring>
#include <doctest/doctest.h>

#include "checker/explore/explore.hpp"
#include "checker/explore/recheck.hpp"
#include "checker/support/memory_budget.hpp"
#include "model/system/input_error.hpp"
#include "tests/cli/command.hpp"
#include "tests/support/random_system.hpp"

namespace airlock {
namespace {

using test::Scratch;
using test::slurp;

std::vector<Expr> targets_of(const TransitionSystem& system) {
  std::vector<Expr> targets;
  for (const Property& property : system.properties) {
    targets.push_back(target_of(property));
  }
  return targets;
}

/// `count` counters of 4 bits, one rule each.
TransitionSystem counters(unsigned count) {
  TransitionSystem s;
  for (unsigned i = 0; i < count; ++i) {
    const VarId id = s.add_variable("c" + std::to_string(i), Sort::bits(4), s.pool->bits(4, 0));
    const Expr v = s.variable(id);
    Rule rule;
    rule.name = "count " + std::to_string(i);
    rule.guard = ult(v, same_sort(v, 15));
    rule.updates = {{id, v + same_sort(v, 1)}};
    s.rules.push_back(rule);
  }
  return s;
}

void check_same(const ExploreResult& a, const ExploreResult& b) {
  CHECK(a.complete == b.complete);
  CHECK(a.states == b.states);
  CHECK(a.transitions == b.transitions);
  CHECK(a.depth == b.depth);
  CHECK(a.deadlocks == b.deadlocks);
  REQUIRE(a.outcomes.size() == b.outcomes.size());
  for (std::size_t i = 0; i < a.outcomes.size(); ++i) {
    const Outcome& x = a.outcomes[i];
    const Outcome& y = b.outcomes[i];
    CHECK(x.answer == y.answer);
    CHECK(x.states == y.states);
    CHECK(x.depth == y.depth);
    REQUIRE(x.path.has_value() == y.path.has_value());
    if (x.path) {
      CHECK(x.path->initial_inputs == y.path->initial_inputs);
      REQUIRE(x.path->steps.size() == y.path->steps.size());
      for (std::size_t k = 0; k < x.path->steps.size(); ++k) {
        CHECK(x.path->steps[k].rule == y.path->steps[k].rule);
        CHECK(x.path->steps[k].inputs == y.path->steps[k].inputs);
      }
    }
  }
}

EngineContext with_jobs(unsigned jobs) {
  EngineContext context;
  context.jobs = jobs;
  return context;
}

std::string error_of(const TransitionSystem& system, const std::string& path,
                     std::span<const Expr> targets = {}) {
  ExploreOptions options;
  options.resume = path;
  try {
    explore(system, targets, {}, options);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

/// The numbers of a checkpoint.
using Words = std::vector<explicit_state::Word>;

Words words_of(const std::string& bytes) {
  Words words(bytes.size() / sizeof(Words::value_type));
  std::memcpy(words.data(), bytes.data(), words.size() * sizeof(Words::value_type));
  return words;
}

/// A file of these numbers, with the right checksum at the end: what a forger makes.
std::string forge(const Scratch& scratch, Words words) {
  words.back() = explicit_state::checksum_of({words.data(), words.size() - 1});
  std::string bytes(words.size() * sizeof(Words::value_type), '\0');
  std::memcpy(bytes.data(), words.data(), bytes.size());
  return scratch.write("forged", bytes);
}

/// The whole search of `system`, put by.
Words checkpoint_of(const Scratch& scratch, const TransitionSystem& system,
                    std::span<const Expr> targets) {
  ExploreOptions options{.stop_when_decided = false};
  options.checkpoint = scratch.path("search");
  options.checkpoint_interval = 0;
  explore(system, targets, {}, options);
  return words_of(slurp(options.checkpoint));
}

// Where things are in the checkpoint of a system of one word: name (2), version, system, words,
// transitions, deadlocks, reached targets, levels, states of the first level.
constexpr std::size_t transitions_at = 5;
constexpr std::size_t targets_at = 7;

}  // namespace

TEST_CASE("a search out of memory goes on from its checkpoint to the result of one search") {
  const TransitionSystem s = counters(5);
  const Expr last = eq(s.variable(0), s.pool->bits(4, 15)) & eq(s.variable(4), s.pool->bits(4, 15));
  const std::vector<Expr> targets{last, eq(s.variable(1), s.pool->bits(4, 3)),
                                  s.pool->boolean(false)};
  const ExploreOptions plain{.stop_when_decided = false};
  const ExploreResult whole = explore(s, targets, {}, plain);
  REQUIRE(whole.states == 1U << 20U);
  for (const unsigned jobs : {1U, 2U}) {
    const Scratch scratch;
    MemoryBudget memory(3U << 20U);
    EngineContext context = with_jobs(jobs);
    context.memory = &memory;
    ExploreOptions options = plain;
    options.checkpoint = scratch.path("search");
    const ExploreResult cut = explore(s, targets, context, options);
    REQUIRE_FALSE(cut.complete);
    CHECK(cut.reason.find("memory") != std::string::npos);
    CHECK(cut.states < whole.states);
    CHECK(cut.frontier > 0);
    CHECK(cut.frontier <= cut.states);
    CHECK(cut.depth < whole.depth);
    CHECK(memory.peak() <= memory.limit());
    CHECK(memory.used() == 0);
    options.checkpoint.clear();
    options.resume = scratch.path("search");
    check_same(explore(s, targets, with_jobs(3 - jobs), options), whole);
  }
}

TEST_CASE("random systems resumed from every level end as if never interrupted") {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    const TransitionSystem s = test::random_system(seed);
    const std::vector<Expr> targets = targets_of(s);
    const ExploreOptions plain{.stop_when_decided = false};
    const ExploreResult whole = explore(s, targets, {}, plain);
    const Scratch scratch;
    ExploreOptions options = plain;
    options.checkpoint = scratch.path("search");
    options.checkpoint_interval = 0;
    // Every level is written; a copy is kept of each when its states are shown.
    std::vector<std::string> copies;
    std::uint64_t shown = 0;
    explore(s, targets, {}, options, [&](const State&) {
      if (shown++ % 37 == 0) {
        copies.push_back(slurp(options.checkpoint));
      }
    });
    for (const std::string& copy : copies) {
      options = plain;
      options.resume = scratch.write("copy", copy);
      check_same(explore(s, targets, with_jobs(1 + seed % 3), options), whole);
    }
  }
}

TEST_CASE("a complete search is put by whole, and resuming it ends at once with its figures") {
  const TransitionSystem s = counters(3);
  const std::vector<Expr> targets{eq(s.variable(0), s.pool->bits(4, 15)) &
                                      eq(s.variable(1), s.pool->bits(4, 15)) &
                                      eq(s.variable(2), s.pool->bits(4, 15)),
                                  s.pool->boolean(false)};
  const Scratch scratch;
  ExploreOptions options{.stop_when_decided = false};
  options.checkpoint = scratch.path("search");
  options.checkpoint_interval = 1e9;  // the first, and then no other before the end
  const ExploreResult whole = explore(s, targets, {}, options);
  REQUIRE(whole.complete);
  REQUIRE(whole.depth == 45);
  const std::string good = slurp(options.checkpoint);
  CHECK(good.size() > 4096 * sizeof(explicit_state::Word));  // every state is there
  for (const unsigned jobs : {1U, 2U}) {
    ExploreOptions again{.stop_when_decided = false};
    again.resume = options.checkpoint;
    again.checkpoint = scratch.path("again");
    std::uint64_t visited = 0;
    check_same(explore(s, targets, with_jobs(jobs), again, [&](const State&) { ++visited; }),
               whole);
    CHECK(visited == 0);  // nothing was left to be done
    CHECK(slurp(again.checkpoint).size() == good.size());
  }
}

TEST_CASE("a search forged to have been completed early is refused") {
  const TransitionSystem s = counters(2);
  const Scratch scratch;
  Words words = checkpoint_of(scratch, s, {});
  // The last level's size, which is 0, and the checksum: with the level before taken out, its state
  // is missing.
  REQUIRE(words[words.size() - 2] == 0);
  REQUIRE(words[words.size() - 4] == 1);
  words.erase(words.end() - 4, words.end() - 2);
  --words[targets_at + 1];
  CHECK(error_of(s, forge(scratch, words)).find("missing") != std::string::npos);
}

TEST_CASE("a checkpoint that is cut off anywhere is refused") {
  const TransitionSystem s = counters(2);
  const Scratch scratch;
  ExploreOptions options;
  options.checkpoint = scratch.path("search");
  options.checkpoint_interval = 0;
  explore(s, {}, {}, options);
  const std::string good = slurp(options.checkpoint);
  CHECK(error_of(s, options.checkpoint) == "no error");
  for (std::size_t size = 0; size < good.size(); size += 1 + size / 20) {
    CHECK(error_of(s, scratch.write("cut", good.substr(0, size))).find("checkpoint") !=
          std::string::npos);
  }
  CHECK(error_of(s, scratch.write("longer", good + "12345678")).find("damaged") !=
        std::string::npos);
  CHECK(error_of(s, scratch.write("longer", good + "1")).find("cut off or damaged") !=
        std::string::npos);
}

TEST_CASE("a checkpoint with any one bit wrong is refused") {
  const TransitionSystem s = counters(2);
  const Scratch scratch;
  ExploreOptions options;
  options.checkpoint = scratch.path("search");
  options.checkpoint_interval = 0;
  explore(s, {}, {}, options);
  const std::string good = slurp(options.checkpoint);
  for (std::size_t bit = 0; bit < 8 * good.size(); bit += 1 + bit / 100) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(static_cast<unsigned char>(bad[bit / 8]) ^ (1U << (bit % 8)));
    CHECK(error_of(s, scratch.write("bad", bad)) != "no error");
  }
}

TEST_CASE("a checkpoint forged to miss a state is refused") {
  const TransitionSystem s = counters(2);
  const Scratch scratch;
  const Words good = checkpoint_of(scratch, s, {});
  CHECK(error_of(s, forge(scratch, good)) == "no error");
  // Levels of 1, 2, 3, ... states, each behind its size.
  std::size_t level_at = targets_at + 2;
  REQUIRE(good[level_at] == 1);
  for (std::size_t level = 0; level < 6; ++level) {
    for (std::size_t i = 1; i <= good[level_at]; ++i) {
      Words bad = good;
      bad.erase(bad.begin() + static_cast<std::ptrdiff_t>(level_at + i));
      --bad[level_at];
      CHECK(error_of(s, forge(scratch, bad)).find(level == 0 ? "initial" : "missing") !=
            std::string::npos);
    }
    level_at += 1 + good[level_at];
  }
}

TEST_CASE("a checkpoint forged to begin elsewhere or to count otherwise is refused") {
  const TransitionSystem s = counters(2);
  const Scratch scratch;
  const Words good = checkpoint_of(scratch, s, {});
  Words bad = good;
  bad[targets_at + 3] = 1;  // the initial state
  CHECK(error_of(s, forge(scratch, bad)).find("initial states") != std::string::npos);
  bad = good;
  ++bad[transitions_at];
  CHECK(error_of(s, forge(scratch, bad)).find("transitions") != std::string::npos);
}

TEST_CASE("a checkpoint with a bit that no variable owns is refused") {
  const TransitionSystem s = counters(2);
  const Scratch scratch;
  for (const unsigned bit : {8U, 40U, 63U}) {
    Words bad = checkpoint_of(scratch, s, {});
    bad[targets_at + 5] |= std::uint64_t{1} << bit;
    CHECK(error_of(s, forge(scratch, bad)).find("no variable owns") != std::string::npos);
  }
}

TEST_CASE("a checkpoint forged to reach targets that it does not reach is refused") {
  const TransitionSystem s = counters(2);
  const Scratch scratch;
  const std::vector<Expr> targets{eq(s.variable(0), s.pool->bits(4, 3)), s.pool->boolean(false)};
  const Words good = checkpoint_of(scratch, s, targets);
  REQUIRE(good[targets_at] == 1);
  const auto with = [&](std::size_t at, explicit_state::Word value) {
    Words bad = good;
    bad[targets_at + at] = value;
    return error_of(s, forge(scratch, bad), targets);
  };
  CHECK(with(1, 0) == "no error");
  CHECK(with(1, 1).find("not where it says") != std::string::npos);
  CHECK(with(1, 2).find("a target that there is not") != std::string::npos);
  CHECK(with(1, ~std::uint64_t{0}).find("a target that there is not") != std::string::npos);
  CHECK(with(3, 1000).find("a level that it does not have") != std::string::npos);
  CHECK(with(3, 1).find("nothing leads to") != std::string::npos);
  CHECK(with(4, 0).find("not where it says") != std::string::npos);
  CHECK(with(4, 256).find("no variable owns") != std::string::npos);
  Words twice = good;
  twice[targets_at] = 2;
  twice.insert(twice.begin() + targets_at + 1, good.begin() + targets_at + 1,
               good.begin() + targets_at + 5);
  CHECK(error_of(s, forge(scratch, twice), targets).find("twice") != std::string::npos);
}

TEST_CASE("a large checkpoint is looked at in samples") {
  const TransitionSystem s = counters(4);  // 65,536 states
  const Scratch scratch;
  const explicit_state::Layout layout(s);
  EngineContext context;
  explicit_state::StopSignal stop(context);
  explicit_state::RuleTable table(s, layout, {});
  explicit_state::Expander expander(table, layout, stop);
  explicit_state::Shards shards;
  shards.push_back(std::make_unique<explicit_state::Shard>(layout.words(), nullptr));
  MemoryBudget budget;
  explicit_state::VisitedSet visited(layout, &budget);
  explicit_state::Exchange exchange(layout, visited, shards, &budget);
  // A "search" of every second state: no successor is among them.
  shards[0]->levels = {0};
  for (explicit_state::Word state = 0; state < 65536; state += 2) {
    exchange.restore(&state);
  }
  exchange.deliver_all();
  shards[0]->levels.push_back(shards[0]->states.size());
  const auto flaw = explicit_state::recheck({}, shards, 1, exchange, expander, stop, /*most=*/4096);
  REQUIRE(flaw);
  CHECK(flaw->find("missing") != std::string::npos);
  CHECK(shards[0]->states.size() < 32768 + 4 * 8192);  // not all were expanded
  CHECK(expander.counts.transitions == 0);
}

TEST_CASE("a checkpoint of another system is refused, one of another name is not") {
  TransitionSystem s = counters(2);
  const Scratch scratch;
  ExploreOptions options;
  options.checkpoint = scratch.path("search");
  explore(s, {}, {}, options);
  TransitionSystem other = counters(2);
  other.rules[0].guard = ult(other.variable(0), other.pool->bits(4, 14));
  CHECK(error_of(other, options.checkpoint).find("another system") != std::string::npos);
  other = counters(2);
  other.variables[1].initial = other.pool->bits(4, 1);
  CHECK(error_of(other, options.checkpoint).find("another system") != std::string::npos);
  CHECK(error_of(counters(3), options.checkpoint).find("another system") != std::string::npos);
  const std::vector<Expr> targets{s.pool->boolean(false)};
  CHECK(error_of(s, options.checkpoint, targets).find("another system") != std::string::npos);
  s.rules[0].name = "renamed";
  CHECK(error_of(s, options.checkpoint) == "no error");
}

TEST_CASE("files that are no checkpoints are refused by name") {
  const TransitionSystem s = counters(2);
  const Scratch scratch;
  for (const std::string& path :
       {scratch.path("nothing"), scratch.write("empty", ""), scratch.path(""),
        scratch.write("text", "int main(void) { return 0; }\n"), std::string("/dev/zero")}) {
    const std::string error = error_of(s, path);
    CHECK(error.find(path) == 0);
    CHECK(error.find("checkpoint") != std::string::npos);
  }
}

TEST_CASE("a checkpoint that somebody made up is refused, however right its checksum") {
  using explicit_state::SavedSearch;
  using explicit_state::Word;
  using Levels = std::vector<std::vector<Word>>;
  const TransitionSystem s = counters(2);  // 8 bits
  const Expr target = eq(s.variable(0), s.pool->bits(4, 1));
  const std::vector<Expr> targets{target};
  const explicit_state::Layout layout(s);
  const Word hit = [&] {
    Word word = 0;
    layout.pack({1, 0}, &word);
    return word;
  }();
  const Word other = [&] {
    Word word = 0;
    layout.pack({1, 5}, &word);
    return word;
  }();
  const Scratch scratch;
  const auto error = [&](const std::vector<SavedSearch::Reached>& reached, const Levels& levels) {
    explicit_state::Shards shards;
    shards.push_back(std::make_unique<explicit_state::Shard>(1, nullptr));
    for (const std::vector<Word>& level : levels) {
      shards[0]->levels.push_back(shards[0]->states.size());
      for (const Word state : level) {
        shards[0]->states.append_word(state);
      }
    }
    SavedSearch search;
    search.identity = explicit_state::identity_of(s, targets, layout);
    search.reached = reached;
    search.transitions = 2 + 4;  // of the first two levels
    const std::string path = scratch.path("made-up");
    write_checkpoint(path, search, layout, shards, levels.size() - 1);
    return error_of(s, path, targets);
  };
  const Levels honest{{0}, {hit, 16}, {2, 17, 32}};
  CHECK(error({{0, 1, {{hit}, 1}}}, honest) == "no error");
  CHECK(error({{1, 1, {{hit}, 1}}}, honest).find("damaged") != std::string::npos);
  CHECK(error({{~std::size_t{0}, 1, {{hit}, 1}}}, honest).find("damaged") != std::string::npos);
  CHECK(error({{0, 1, {{hit}, 1}}, {0, 1, {{hit}, 1}}}, honest).find("damaged") !=
        std::string::npos);
  for (const std::size_t level : {std::size_t{2}, std::size_t{3}, ~std::size_t{0}}) {
    CHECK(error({{0, 1, {{hit}, level}}}, honest).find("damaged") != std::string::npos);
  }
  CHECK(error({{0, 1, {{16}, 1}}}, honest).find("damaged") != std::string::npos);
  CHECK(error({{0, 1, {{Word{1} << 60U | hit}, 1}}}, honest).find("damaged") != std::string::npos);
  CHECK(error({}, {{0}, {Word{1} << 60U}}).find("damaged") != std::string::npos);
  // Target states that no step leads to, and that are initial by nobody's leave.
  CHECK(
      error({{0, 1, {{other}, 1}}}, {{0}, {hit, 16, other}, {2, 17, 32, 82, 97}}).find("damaged") !=
      std::string::npos);
  CHECK(error({{0, 1, {{hit}, 0}}}, {{hit}, {32}}).find("damaged") != std::string::npos);
}

TEST_CASE("a checkpoint that cannot be written is an error at the beginning") {
  const TransitionSystem s = counters(2);
  ExploreOptions options;
  options.checkpoint = "/nonexistent/directory/search";
  CHECK_THROWS_AS(explore(s, {}, {}, options), InputError);
}

}  // namespace airlock
