// What a Program holds.
#pragma once

#include <map>
#include <memory>

#include "model/software/analysis.hpp"
#include "model/software/parse.hpp"

namespace airlock {

struct Program::Impl {
  c::Unit unit;
  const Platform* platform = nullptr;  ///< for bit names; borrowed from the caller of check
  std::unique_ptr<c::FileReader> reader;
  std::unique_ptr<c::Checker> checker;
  std::vector<c::SyntaxFile> files;
  std::vector<Function> functions;
  std::vector<ProgramParameter> parameters;
  std::vector<GlobalLeaf> globals;
};

}  // namespace airlock
