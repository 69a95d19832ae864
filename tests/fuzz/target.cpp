#include "tests/fuzz/target.hpp"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <random>

#ifdef AIRLOCK_LIBFUZZER  // else driver.cpp has main()
#include "checker/support/known_leaks.hpp"
#endif
#include "model/system/input_error.hpp"

namespace airlock::fuzz {
namespace {

[[noreturn]] void unfit(const char* why, const std::string& message) {
  std::fprintf(stderr, "the message %s:\n%s\n", why, message.c_str());
  std::abort();
}

void check_message(const std::string& message) {
  if (message.find("error: ") == std::string::npos) {
    unfit("does not say 'error: '", message);
  }
  for (const char c : message) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\n') || byte == 0x7F) {
      unfit("has control characters", message);
    }
  }
}

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// Words, runs of blanks, and single characters of anything else.
std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t end = at + 1;
    if (is_word(text[at])) {
      while (end < text.size() && is_word(text[end])) {
        ++end;
      }
    } else if (text[at] == ' ' || text[at] == '\n' || text[at] == '\t') {
      while (end < text.size() && text[end] == text[at]) {
        ++end;
      }
    }
    words.push_back(text.substr(at, end - at));
    at = end;
  }
  return words;
}

}  // namespace

void expect_answer(const std::function<void()>& read) {
  try {
    read();
  } catch (const InputError& error) {
    check_message(error.what());
  }
}

std::string mutate_words(std::string text, std::size_t max_size, unsigned seed,
                         const std::vector<std::string_view>& vocabulary) {
  std::minstd_rand random(seed);
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random()) % n; };
  std::vector<std::string> words = words_of(text);
  for (std::size_t changes = 1 + below(4); changes != 0; --changes) {
    const std::string own = words.empty() ? "" : words[below(words.size())];
    const std::string word =
        below(2) == 0 || own.empty() ? std::string(vocabulary[below(vocabulary.size())]) : own;
    const std::size_t at = words.empty() ? 0 : below(words.size());
    const auto place = words.begin() + static_cast<std::ptrdiff_t>(at);
    const std::size_t length = std::min<std::size_t>(1 + below(12), words.size() - at);
    const auto end = place + static_cast<std::ptrdiff_t>(length);
    switch (words.empty() ? 0 : below(5)) {
      case 0: words.insert(place, word); break;
      case 1: *place = word; break;
      case 2: words.erase(place, end); break;
      case 3: std::swap(*place, words[below(words.size())]); break;
      default: {
        const std::vector<std::string> copy(place, end);
        const auto to = words.begin() + static_cast<std::ptrdiff_t>(below(words.size()));
        words.insert(to, copy.begin(), copy.end());
      }
    }
  }
  text.clear();
  for (const std::string& word : words) {
    text += word;
  }
  text.resize(std::min(text.size(), max_size));
  return text;
}

}  // namespace airlock::fuzz
