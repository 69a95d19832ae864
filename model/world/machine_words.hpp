// What the tables of registers and operations say to those who change C text.
#pragma once

#include "model/software/machine_words.hpp"

namespace airlock {

const MachineWords& machine_words();

}  // namespace airlock
