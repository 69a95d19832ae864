#include "checker/notation/terms.hpp"

#include <algorithm>

namespace airlock::notation {
namespace {

/// Levels of text beyond which a node gets a name though it is used once. Readers recurse, ours
/// among them, and a chain of n levels would be n texts of n levels each.
constexpr unsigned max_depth = 500;

}  // namespace

Terms::Terms(WriteNode write, const std::vector<Expr>& roots) : write_(std::move(write)) {
  std::vector<Expr> stack = roots;
  while (!stack.empty()) {
    const Expr e = stack.back();
    stack.pop_back();
    if (++uses_[e.id()] == 1) {
      for (unsigned i = 0; i < e.arity(); ++i) {
        stack.push_back(e.arg(i));
      }
    }
  }
}

std::string Terms::operator()(Expr root) {
  std::vector<Expr> stack{root};
  while (!stack.empty()) {
    const Expr e = stack.back();
    if (texts_.contains(e.id())) {
      stack.pop_back();
      continue;
    }
    const std::size_t before = stack.size();
    for (unsigned i = e.arity(); i-- > 0;) {  // the first argument is written first
      if (!texts_.contains(e.arg(i).id())) {
        stack.push_back(e.arg(i));
      }
    }
    if (stack.size() == before) {
      stack.pop_back();
      write(e);
    }
  }
  return texts_.at(root.id()).text;
}

/// Its arguments have been written.
void Terms::write(Expr e) {
  std::vector<std::string> arguments;
  unsigned depth = 0;
  for (unsigned i = 0; i < e.arity(); ++i) {
    const Written& argument = texts_.at(e.arg(i).id());
    arguments.push_back(argument.text);
    depth = std::max(depth, argument.depth + 1);
  }
  std::string text = write_(e, arguments);
  if (e.arity() > 0 && (uses_[e.id()] > 1 || depth >= max_depth)) {
    const std::string name = "t" + std::to_string(definitions_.size());
    definitions_.push_back({name, e.sort(), std::move(text)});
    text = name;
    depth = 0;
  }
  texts_.emplace(e.id(), Written{std::move(text), depth});
}

std::uint64_t written_size(Expr root, std::uint64_t limit) {
  std::unordered_map<std::uint32_t, std::uint64_t> memo;
  std::vector<Expr> stack{root};
  while (!stack.empty()) {
    const Expr e = stack.back();
    const std::size_t before = stack.size();
    std::uint64_t total = 1;
    for (unsigned i = 0; i < e.arity(); ++i) {
      const auto known = memo.find(e.arg(i).id());
      if (known == memo.end()) {
        stack.push_back(e.arg(i));
      } else {
        total = std::min(limit, total + known->second);
      }
    }
    if (stack.size() == before) {
      stack.pop_back();
      memo.emplace(e.id(), total);
    }
  }
  return memo.at(root.id());
}

}  // namespace airlock::notation
