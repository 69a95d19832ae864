// KVM's modules, taken out of a kernel's package.
#pragma once

#include <string>
#include <vector>

#include "checker/reproduce/packages.hpp"

namespace airlock {

/// What a module's .modinfo says that it depends on: "kvm", "ccp".
std::vector<std::string> dependencies_of(const std::string& module);

/// Unpacks the image and KVM's modules for AMD, with all that they depend on, from the one package
/// in `folder`, which is then deleted. Throws Unavailable.
void unpack_kernel(const std::string& folder, const ProcessOptions& options);

/// What unpack_kernel() left in `folder`. Throws Unavailable if that is not there.
Kernel kernel_in(const std::string& folder);

}  // namespace airlock
