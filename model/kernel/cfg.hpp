// The control flow of one function: a node per simple statement, condition, jump and label.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/kernel/syntax.hpp"

namespace airlock::kernel {

struct Point {
  enum class Kind { entry, exit, simple, variable, branch, select, jump, label, returns };
  Kind kind = Kind::simple;
  const Node* node = nullptr;   ///< the statement, `variable`, or the statement that branches
  const Node* value = nullptr;  ///< of branches: the condition; of returns: the value or null
  /// branch: then, else. select: one per case in `cases`, then the way past them. Others: one.
  std::vector<unsigned> next;
  std::vector<const Node*> cases;  ///< of a select: the case_ nodes; null value: default
  unsigned after = 0;              ///< jumps and returns: what stands behind them in the text
  bool iterator = false;           ///< a loop head made of an iterating macro
};

struct Cfg {
  static constexpr unsigned entry = 0, exit = 1;
  std::vector<Point> points;
  std::map<const Node*, unsigned> of;  ///< statement (or variable, or condition) -> its point
  std::map<std::string, unsigned> labels;
};

Cfg build_cfg(const Node* body);

}  // namespace airlock::kernel
