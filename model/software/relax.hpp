// What a fix says, piece by piece, and the same text with pieces that need not be kept to.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "model/software/machine_words.hpp"
#include "model/software/program.hpp"

namespace airlock {

/// A piece of what a function says.
struct Element {
  enum class Kind : std::uint8_t {
    statement,  ///< relaxed: may be skipped
    condition,  ///< an operand of a condition; relaxed: may come out either way
    value,  ///< what is returned, or a variable's first value; relaxed: or any bits that registers
            ///< have
    order,  ///< one statement before or after another; relaxed: or the other way round
  };
  Kind kind;
  SourceLocation location;
  std::string text;  ///< "n = get();", "must_switch()", "f() after local_irq_disable()"
};

/// Which functions' pieces are meant.
struct ElementScope {
  std::set<std::string> without;  ///< all functions of the file but these
  /// If not empty: instead, statements that call one of these, and only where they stand to the
  /// interrupt boundaries around them.
  std::set<std::string> calls_of = {};
};

/// The pieces, in the order of the text.
std::vector<Element> elements_of(const SourceFile& file, const ElementScope& scope,
                                 const MachineWords& words);

/// The file in which the pieces `which` (indices into elements_of) are relaxed: whatever the
/// original does it still can do. What was on a line stays on it.
std::string relaxed(const SourceFile& file, const ElementScope& scope,
                    const std::set<std::size_t>& which, const MachineWords& words);

}  // namespace airlock
