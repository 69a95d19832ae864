// What a fuzz target is: one function over bytes that may refuse them, by throwing an InputError,
// and may do nothing else but return. Whatever else happens is a finding: another exception, a
// crash, a report of a sanitizer, too much time, too much memory.
//
// A target is built in two ways. With Clang's libFuzzer (preset "fuzz", scripts/fuzz) it makes up
// its own input. With driver.cpp (every other preset) it is an ordinary program that reads the
// files it is given, so that CI runs the kept corpus with any compiler.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace airlock::fuzz {

/// The bytes as text.
inline std::string text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};  // NOLINT: libFuzzer's interface
}

/// Runs `read`; an InputError is an answer, everything else goes on to the caller. The message must
/// be fit for a terminal: one or more lines of printable text, the first of which says "error: ".
/// Aborts if it is not.
void expect_answer(const std::function<void()>& read);

/// Changes `text` as someone who edits a file of words would: drops, repeats, swaps and replaces
/// whole words, with words of its own or of `vocabulary`. Deterministic in `seed`; at most
/// `max_size` bytes.
std::string mutate_words(std::string text, std::size_t max_size, unsigned seed,
                         const std::vector<std::string_view>& vocabulary);

}  // namespace airlock::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
