// What is inside an ExprPool. Internal to the expr*.cpp files.
#pragma once

#include <array>
#include <bit>
#include <deque>
#include <unordered_map>
#include <unordered_set>

#include "model/system/expr.hpp"

namespace airlock {

struct ExprNode {
  ExprPool* pool = nullptr;
  std::uint64_t value = 0;  // constant, index, or hi << 8 | lo
  std::array<Expr, 3> args{};
  std::uint32_t id = 0;
  Op op = Op::constant;
  Sort sort;
  std::uint8_t arity = 0;
};

struct NodeHash {
  std::size_t operator()(const ExprNode* n) const {
    std::uint64_t h = n->value * 0x9E3779B97F4A7C15ULL;
    h ^= static_cast<std::uint64_t>(n->op) << 56U;
    h ^= static_cast<std::uint64_t>(n->sort.is_bool() ? 0 : n->sort.width()) << 48U;
    for (unsigned i = 0; i < n->arity; ++i) {
      h = (std::rotl(h, 23) ^ n->args.at(i).id()) * 0xC2B2AE3D27D4EB4FULL;
    }
    return static_cast<std::size_t>(h ^ (h >> 29U));
  }
};

struct NodeEqual {
  bool operator()(const ExprNode* a, const ExprNode* b) const {
    return a->op == b->op && a->sort == b->sort && a->value == b->value && a->args == b->args;
  }
};

struct ExprPool::Impl {
  std::deque<ExprNode> nodes;
  std::unordered_set<const ExprNode*, NodeHash, NodeEqual> index;
  std::unordered_map<std::uint64_t, Expr> extracts;  // pushed down, by (node id, hi, lo)
  std::unordered_map<std::uint64_t, Expr> binaries;  // simplified, by (op, node id, node id)
};

}  // namespace airlock
