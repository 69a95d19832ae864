// The printout: kept statements on the tree's own lines, and the declarations that they need.
#pragma once

#include <string>
#include <vector>

#include "model/kernel/slicer.hpp"

namespace airlock::kernel {

class Printer {
 public:
  Printer(Slicer& slicer, Slice& slice)
      : slicer_(slicer), slice_(slice), analysis_(slicer.analysis()) {}
  void run();

 private:
  struct Around {
    const FunctionText* function;
  };
  std::string function_text(const FunctionText* function);
  std::string signature(const FunctionText* function);
  std::string statement(const Node* node);
  std::string simple(const Node* node);
  int distance(unsigned from);
  const char* side(unsigned id, bool yes, bool no);
  std::string declaration(const Node* node);
  std::string returns(const Node* node);
  std::string body_of(const Node* node);
  bool stays(const Node* node);
  bool label_stays(const std::string& label);
  std::string blanks(const Node* node) const;
  std::string blanks(std::uint32_t begin, std::uint32_t end) const;
  std::string between(std::uint32_t begin, std::uint32_t end) const;
  void note(const Node* node, const std::string& rule);
  void note(const FunctionText* function, const std::string& rule);
  void rewrote(const Node* node, const Met& met);
  std::string header();
  std::string structs();
  std::string entries();

  Slicer& slicer_;
  Slice& slice_;
  Analysis& analysis_;
  FunctionState* in_ = nullptr;
  Need* need_ = nullptr;
};

}  // namespace airlock::kernel
