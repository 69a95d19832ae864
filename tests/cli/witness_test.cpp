// trace --witness: counterexamples of another tool, told as traces of the model.
#include <algorithm>
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "tests/cli/command.hpp"

namespace airlock {
namespace {

/// A model, its circuit for always_clean, and ABC's witness against it.
struct Found {
  test::Scratch scratch;
  std::string model = scratch.write("tiny.c", test::tiny_model);
  std::string witness = scratch.path("witness");

  Found() {
    const std::string circuit = scratch.path("tiny.aig");
    const std::string exporting =
        test::command_line({"export", model, "--property", "always_clean", "--to", "aiger"});
    REQUIRE(test::shell(exporting + " >" + shell_quote(circuit)).status == 0);
    const std::string script = "read_aiger " + circuit + "; pdr; write_cex -a " + witness;
    REQUIRE(test::shell("berkeley-abc -q " + shell_quote(script)).status == 0);
  }

  [[nodiscard]] test::Result replay(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments{"trace",        model,       "--property",
                                       "always_clean", "--witness", witness};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return test::airlock(arguments);
  }

  /// What is said to a witness with this text.
  [[nodiscard]] test::Result replay_text(const std::string& text) const {
    const std::string path = scratch.write("doctored", text);
    return test::airlock({"trace", model, "--property", "always_clean", "--witness", path});
  }
};

void check_refused(const test::Result& result, const std::string& because) {
  CAPTURE(result.out);
  CAPTURE(result.err);
  CHECK(result.status == 2);
  CHECK(result.out.empty());
  CHECK(result.err.find(because) != std::string::npos);
  CHECK(result.err.find("expected: ") != std::string::npos);
}

}  // namespace

TEST_CASE("a counterexample that abc finds becomes a trace of the model") {
  const Found found;
  const test::Result text = found.replay();
  CHECK(text.status == 1);
  CHECK(text.out.find("always_clean") != std::string::npos);
  const auto own = nlohmann::json::parse(
      test::airlock({"trace", found.model, "--property", "always_clean", "--format", "json"}).out);
  const auto theirs = nlohmann::json::parse(found.replay({"--format", "json"}).out);
  CHECK(theirs["verdict"] == "violated");
  CHECK(theirs["steps"] >= own["steps"]);
  CHECK(theirs["trace"].size() == theirs["steps"]);
}

TEST_CASE("a witness that is cut short, foreign or wrong is refused") {
  const Found found;
  const std::string abc = test::slurp(found.witness);
  REQUIRE(abc.ends_with("# DONE\n"));
  const std::string standard = "1\nb0\n" + abc.substr(0, abc.find('#')) + "\n.\n";
  CHECK(found.replay_text(standard).status == 1);
  CHECK(found.replay_text("c a comment\n" + standard).out == found.replay_text(abc).out);
  check_refused(found.replay_text(""), "cut short");
  check_refused(found.replay_text("1\n"), "cut short");
  check_refused(found.replay_text("1\nb1\n"), "no such target");
  check_refused(found.replay_text("0\nb0\n.\n"), "cannot be reached");
  check_refused(found.replay_text("\x7f"
                                  "ELF"),
                "not a witness");
  check_refused(found.replay_text("1\nb0\n01\n"), "another circuit");
  check_refused(found.replay_text("0101\n"), "another circuit");
  for (const std::size_t length : {abc.size() / 4, abc.size() / 2, abc.size() * 3 / 4}) {
    check_refused(found.replay_text(abc.substr(0, length)), "error: ");
  }
  std::string other = standard;  // the environment picks rules that cannot fire
  std::replace(other.begin() + static_cast<std::ptrdiff_t>(abc.find('\n') + 5), other.end(), '0',
               '1');
  check_refused(found.replay_text(other), "ends before its target is reached");
  check_refused(test::airlock({"trace", found.model, "--property", "always_clean", "--witness",
                               found.scratch.path("none")}),
                "cannot be read");
}

TEST_CASE("a witness for another property is refused") {
  const Found found;
  check_refused(test::airlock({"trace", found.model, "--property", "reachable_guest", "--witness",
                               found.witness}),
                "another circuit");
}

}  // namespace airlock
