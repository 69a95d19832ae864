#include "checker/notation/terms.hpp"

#include <algorithm>

namespace airlock::notation {

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

std::string Terms::operator()(Expr e) {
  if (const auto found = texts_.find(e.id()); found != texts_.end()) {
    return found->second;
  }
  std::vector<std::string> arguments;
  for (unsigned i = 0; i < e.arity(); ++i) {
    arguments.push_back((*this)(e.arg(i)));
  }
  std::string text = write_(e, arguments);
  if (e.arity() > 0 && uses_[e.id()] > 1) {
    const std::string name = "t" + std::to_string(definitions_.size());
    definitions_.push_back({name, e.sort(), std::move(text)});
    text = name;
  }
  return texts_[e.id()] = text;
}

std::uint64_t written_size(Expr e, std::uint64_t limit) {
  std::unordered_map<std::uint32_t, std::uint64_t> memo;
  const std::function<std::uint64_t(Expr)> size = [&](Expr node) {
    if (const auto found = memo.find(node.id()); found != memo.end()) {
      return found->second;
    }
    std::uint64_t total = 1;
    for (unsigned i = 0; i < node.arity(); ++i) {
      total = std::min(limit, total + size(node.arg(i)));
    }
    return memo[node.id()] = total;
  };
  return size(e);
}

}  // namespace airlock::notation
