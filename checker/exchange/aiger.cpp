// Binary AIGER 1.9 (Biere, Heljanko and Wieringa, "AIGER 1.9 And Beyond", 2011): inputs, latches
// that all start at 0, a bad state detector per target, symbols, and a comment that says what the
// circuit is. Nodes are numbered inputs first, then latches, then the gates that something needs.
#include <fmt/format.h>
#include <ostream>

#include "checker/exchange/circuit.hpp"
#include "checker/exchange/names.hpp"

namespace airlock {
namespace {

using exchange::Circuit;
using exchange::Literal;

class Writer {
 public:
  Writer(std::ostream& out, const Circuit& circuit) : out_(out), circuit_(circuit) { number(); }

  void write(const ExportInput& input) {
    const std::size_t gates = gates_.size();
    const std::size_t leaves = circuit_.inputs.size() + circuit_.latches.size();
    out_ << fmt::format("aig {} {} {} 0 {} {}\n", leaves + gates, circuit_.inputs.size(),
                        circuit_.latches.size(), gates, circuit_.bad.size());
    for (const Circuit::Latch& latch : circuit_.latches) {
      out_ << renumbered(latch.next) << '\n';
    }
    for (const Literal bad : circuit_.bad) {
      out_ << renumbered(bad) << '\n';
    }
    write_gates();
    write_symbols(input);
    out_ << "c\n";
    for (const std::string& line : input.about) {
      out_ << exchange::one_line(line) << '\n';
    }
    out_ << "Names of latches: variable[bit]; '!' before it: the latch holds the complement.\n";
  }

 private:
  void number() {
    const auto& nodes = circuit_.aig.nodes();
    std::vector<bool> needed(nodes.size(), false);
    for (const Circuit::Latch& latch : circuit_.latches) {
      needed[latch.next >> 1U] = true;
    }
    for (const Literal bad : circuit_.bad) {
      needed[bad >> 1U] = true;
    }
    for (std::size_t node = nodes.size(); node-- > 1;) {
      if (needed[node]) {
        needed[nodes[node].a >> 1U] = true;
        needed[nodes[node].b >> 1U] = true;
      }
    }
    number_.assign(nodes.size(), 0);
    Literal last = 0;
    for (const Circuit::Input& input : circuit_.inputs) {
      number_[input.literal >> 1U] = ++last;
    }
    for (const Circuit::Latch& latch : circuit_.latches) {
      number_[latch.current >> 1U] = ++last;
    }
    for (std::uint32_t node = 1; node < nodes.size(); ++node) {
      if (needed[node] && circuit_.aig.is_gate(node)) {
        number_[node] = ++last;
        gates_.push_back(node);
      }
    }
  }

  [[nodiscard]] Literal renumbered(Literal a) const { return 2 * number_[a >> 1U] | (a & 1U); }

  void write_gates() {
    for (const std::uint32_t node : gates_) {
      Literal a = renumbered(circuit_.aig.nodes()[node].a);
      Literal b = renumbered(circuit_.aig.nodes()[node].b);
      if (a < b) {
        std::swap(a, b);
      }
      write_difference(2 * number_[node] - a);
      write_difference(a - b);
    }
  }

  /// Seven bits at a time, the lowest first.
  void write_difference(Literal x) {
    while (x >= 0x80U) {
      out_.put(static_cast<char>(x | 0x80U));
      x >>= 7U;
    }
    out_.put(static_cast<char>(x));
  }

  void write_symbols(const ExportInput& input) {
    for (std::size_t i = 0; i < circuit_.inputs.size(); ++i) {
      out_ << fmt::format("i{} {}\n", i, exchange::one_line(circuit_.inputs[i].name));
    }
    for (std::size_t i = 0; i < circuit_.latches.size(); ++i) {
      out_ << fmt::format("l{} {}\n", i, exchange::one_line(circuit_.latches[i].name));
    }
    for (std::size_t i = 0; i < input.targets.size(); ++i) {
      out_ << fmt::format("b{} {}\n", i, exchange::one_line(input.targets[i].name));
    }
  }

  std::ostream& out_;
  const Circuit& circuit_;
  std::vector<Literal> number_;       // by node
  std::vector<std::uint32_t> gates_;  // that are written, in order
};

}  // namespace

void write_aiger(std::ostream& out, const ExportInput& input) {
  const Circuit circuit = exchange::circuit_of(input);
  Writer(out, circuit).write(input);
}

}  // namespace airlock
