// A limit on nesting, so that no input can exhaust the stack.
#pragma once

#include "model/software/parse.hpp"

namespace airlock::c {

constexpr unsigned max_depth = 400;

class TreeReader::Deeper {
 public:
  Deeper(TreeReader& reader, TSNode node) : reader_(reader) {
    if (++reader_.depth_ > max_depth) {
      reader_.fail(node, "nested too deeply",
                   "at most " + std::to_string(max_depth) + " levels of nesting");
    }
  }
  ~Deeper() { --reader_.depth_; }
  Deeper(const Deeper&) = delete;
  Deeper& operator=(const Deeper&) = delete;

 private:
  TreeReader& reader_;
};

}  // namespace airlock::c
