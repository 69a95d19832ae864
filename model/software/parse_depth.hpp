// A limit on nesting, so that no input can exhaust the stack.
#pragma once

#include "model/software/parse.hpp"

namespace airlock::c {

constexpr unsigned max_depth = 400;

[[noreturn]] inline void fail_too_deep(const Sources& sources, Loc loc) {
  sources.fail(loc, "nested too deeply",
               "at most " + std::to_string(max_depth) + " levels of nesting");
}

class TreeReader::Deeper {
 public:
  Deeper(TreeReader& reader, TSNode node) : reader_(reader) {
    if (++reader_.depth_ > max_depth) {
      fail_too_deep(reader_.files_.sources_, reader_.loc(node));
    }
  }
  ~Deeper() { --reader_.depth_; }
  Deeper(const Deeper&) = delete;
  Deeper& operator=(const Deeper&) = delete;

 private:
  TreeReader& reader_;
};

}  // namespace airlock::c
