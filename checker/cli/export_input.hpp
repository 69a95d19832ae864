// What `export` writes and `trace --witness` reads back: one reduction, made the same way.
#pragma once

#include <string>
#include <vector>

#include "checker/cli/session.hpp"
#include "checker/exchange/exchange.hpp"

namespace airlock {

/// The names that --to takes.
std::vector<std::string> export_formats();

/// The subject's system under its pins, reduced to what --property names, all properties if it
/// names none. For Promela and Murphi, which count states, no --property means the whole system.
class ExportedReduction {
 public:
  ExportedReduction(const Session& session, const Fix& fix, Subject& subject);
  [[nodiscard]] const Reduction& reduction() const { return reduction_; }
  /// Borrows from this object.
  [[nodiscard]] ExportInput input() const;

 private:
  std::vector<const Property*> properties_;
  Reduction reduction_;
  std::vector<std::string> about_;
};

}  // namespace airlock
