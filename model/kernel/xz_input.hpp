// The bytes of an .xz file, decompressed by as many threads as there are processors.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace airlock::kernel {

class XzInput {
 public:
  explicit XzInput(const std::string& path);
  ~XzInput();
  XzInput(const XzInput&) = delete;
  XzInput& operator=(const XzInput&) = delete;

  /// The next bytes, which are valid until the next call; empty at the end. Throws
  /// std::runtime_error if the file is damaged or truncated.
  std::string_view next();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace airlock::kernel
