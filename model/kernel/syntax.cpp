#include "model/kernel/syntax.hpp"

#include <cctype>

namespace airlock::kernel {

const Node* bare(const Node* node) {
  while (node != nullptr && node->is == Is::paren && !node->kids.empty()) {
    node = node->kids[0];
  }
  return node;
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::size_t at = 0;
  const auto part = [&](std::size_t i) {
    return std::isalnum(static_cast<unsigned char>(text[i])) != 0 || text[i] == '_';
  };
  while (at < text.size()) {
    if (!part(at)) {
      ++at;
      continue;
    }
    const std::size_t begin = at;
    while (at < text.size() && part(at)) {
      ++at;
    }
    if (std::isdigit(static_cast<unsigned char>(text[begin])) == 0) {
      words.emplace_back(text.substr(begin, at - begin));
    }
  }
  return words;
}

}  // namespace airlock::kernel
