#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <sstream>

#include "checker/testgen/test_file.hpp"
#include "model/system/input_error.hpp"

namespace airlock {
namespace {

constexpr std::size_t most_instructions = 60;

class Reader {
 public:
  Reader(const std::string& path, const std::string& text) : path_(path), stream_(text) {}

  GuestTest read() {
    if (!next() || line_ != "airlock test 1") {
      fail("this is no test of this version", "airlock test 1");
    }
    while (next()) {
      if (indented_) {
        instruction();
      } else {
        section();
      }
    }
    finish();
    return std::move(test_);
  }

 private:
  [[noreturn]] void fail(const std::string& message, const std::string& expected) const {
    throw InputError({path_, number_, number_ == 0 ? 0U : 1U}, message, whole_, expected);
  }

  /// The next line that says something, without its comment.
  bool next() {
    while (std::getline(stream_, whole_)) {
      ++number_;
      line_ = whole_;
      if (!line_.empty() && line_.back() == '\r') {
        line_.pop_back();
      }
      if (line_ == "#" || line_.starts_with("# ")) {
        continue;
      }
      line_ = line_.substr(0, line_.find(" # "));
      indented_ = line_.starts_with(' ') || line_.starts_with('\t');
      const std::size_t begin = line_.find_first_not_of(" \t");
      if (begin == std::string::npos) {
        continue;
      }
      line_ = line_.substr(begin, line_.find_last_not_of(" \t") + 1 - begin);
      return true;
    }
    whole_.clear();
    return false;
  }

  static std::vector<std::string> words(const std::string& text) {
    std::istringstream stream(text);
    return {std::istream_iterator<std::string>(stream), {}};
  }

  void section() {
    const std::size_t space = std::min(line_.find(' '), line_.size());
    const std::string key = line_.substr(0, space);
    const std::size_t begin = line_.find_first_not_of(' ', space);
    const std::string rest = begin == std::string::npos ? "" : line_.substr(begin);
    for (auto [name, where] :
         {std::pair{"model", &test_.model}, std::pair{"fix", &test_.fix},
          std::pair{"property", &test_.property}, std::pair{"says", &test_.sentence}}) {
      if (key == name) {
        once(key, where->empty());
        *where = rest;
        return;
      }
    }
    for (auto [name, where] : {std::pair{"needs", &test_.needs}, std::pair{"host", &test_.host},
                               std::pair{"not-by-a-guest", &test_.not_by_a_guest}}) {
      if (key == name) {
        where->push_back(rest);
        return;
      }
    }
    if (key == "guest") {
      once(key, program_ == nullptr);
      program_ = &test_.program;
      bare_ = &test_.bare_metal;
      bare_said_ = false;
    } else if (key == "control") {
      end_of_program();
      test_.controls.push_back({rest, {}, {}});
      program_ = &test_.controls.back().program;
      bare_ = &test_.controls.back().bare_metal;
      bare_said_ = false;
    } else if (key == "bare-metal") {
      once(key, bare_ != nullptr && !bare_said_);
      *bare_ = seen(rest);
      bare_said_ = true;
    } else if (key == "predicted") {
      once(key, program_ != nullptr && !predicted_said_ && test_.controls.empty());
      test_.predicted = seen(rest);
      predicted_said_ = true;
    } else {
      fail("'" + key + "' is no part of a test",
           "model, fix, property, says, needs, host, not-by-a-guest, guest, bare-metal, predicted "
           "or control");
    }
  }

  void once(const std::string& key, bool good) const {
    if (!good) {
      fail("'" + key + "' is in the wrong place, or there twice", "each part of a test once");
    }
  }

  std::vector<Seen> seen(const std::string& text) const {
    std::vector<Seen> result;
    if (text == "nothing") {
      return result;
    }
    for (const std::string& word : words(text)) {
      const std::optional<Seen> each = seen_of(word);
      if (!each || each->after > instructions(*program_)) {
        fail("'" + word + "' is nothing that this guest can see",
             "dr6=VALUE@N, debugctl=VALUE@N, DB@N or GP@N, N being an instruction's number; or "
             "nothing");
      }
      result.push_back(*each);
    }
    if (result.empty()) {
      fail("nothing is said", "what the guest sees, or the word nothing");
    }
    return result;
  }

  void instruction() {
    if (program_ == nullptr || bare_said_) {
      fail("an instruction outside of a program", "guest or control before it");
    }
    const std::vector<std::string> all = words(line_);
    const std::optional<GuestOp> op = op_of(all.front());
    if (!op) {
      fail("'" + all.front() + "' is no instruction of a test",
           "nop, taken_branch, bus_lock, popf, syscall, sysret, iret, mov_from_dr6, mov_to_dr6, "
           "rdmsr_debugctl, wrmsr_debugctl, always_exits, page_fault or db_handler");
    }
    GuestStep step{*op};
    std::size_t used = 1;
    if (*op == GuestOp::mov_to_dr6 || *op == GuestOp::wrmsr_debugctl) {
      const std::string value = all.size() > 1 ? all[1] : "";
      const auto [end, error] =
          std::from_chars(value.data(), value.data() + value.size(), step.value, 16);
      if (error != std::errc{} || end != value.data() + value.size()) {
        fail("the value that is written is missing", "a hexadecimal number");
      }
      ++used;
    }
    const bool tf = *op == GuestOp::popf || *op == GuestOp::iret || *op == GuestOp::sysret;
    for (; used < all.size(); ++used) {
      if (all[used] == "TF" && tf && !step.tf) {
        step.tf = true;
      } else if (all[used] == "CPL3" && *op == GuestOp::iret && !step.user) {
        step.user = true;
      } else {
        fail("'" + all[used] + "' has no meaning here",
             "TF for popf, iret and sysret; CPL3 for iret");
      }
    }
    program_->push_back(step);
    if (program_->size() > most_instructions) {
      fail("the program is too long", "60 lines at most");
    }
  }

  void end_of_program() const {
    if (program_ == nullptr || !predicted_said_) {
      fail("something is missing before this", "guest, bare-metal and predicted");
    }
    if (!bare_said_ || instructions(*program_) == 0 ||
        program_->front().op == GuestOp::db_handler) {
      fail("the program before this is not complete",
           "instructions, not a db_handler first, and bare-metal");
    }
  }

  void finish() {
    number_ = 0;
    end_of_program();
    if (as_far_as_predicted(test_, test_.bare_metal) == test_.predicted) {
      fail("bare metal and the prediction are the same: this tests nothing", "two that differ");
    }
  }

  const std::string& path_;
  std::istringstream stream_;
  std::string whole_;
  std::string line_;
  bool indented_ = false;
  unsigned number_ = 0;
  GuestTest test_;
  GuestProgram* program_ = nullptr;
  std::vector<Seen>* bare_ = nullptr;
  bool bare_said_ = false;
  bool predicted_said_ = false;
};

}  // namespace

GuestTest read_test(const std::string& path, const std::string& text) {
  return Reader(path, text).read();
}

}  // namespace airlock
