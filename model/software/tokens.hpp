// The tokens of C text, with the macros that each comes from.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/software/source.hpp"

namespace airlock::c {

/// The macros inside whose bodies a token stands: C does not expand a macro within itself (C11
/// 6.10.3.4p2).
struct Within {
  std::string macro;
  std::shared_ptr<const Within> outer;
};

struct Token {
  enum class Kind { word, number, character, string, punctuator, end };
  Kind kind = Kind::end;
  std::string text;
  Loc loc;
  std::shared_ptr<const Within> within;

  [[nodiscard]] bool is(std::string_view what) const {
    return kind == Kind::punctuator && text == what;
  }
  [[nodiscard]] bool is_within(const std::string& macro) const;
};

/// The tokens of `text`, comments left out, without an end. `begin` is where the text begins; with
/// `fixed` all tokens are there.
[[nodiscard]] std::vector<Token> tokens_of(std::string_view text, Loc begin, bool fixed,
                                           const std::shared_ptr<const Within>& within);

}  // namespace airlock::c
