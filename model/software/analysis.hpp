// Static facts about flat code: liveness, recursion, what a function may touch.
#pragma once

#include <functional>
#include <set>
#include <vector>

#include "model/software/checker.hpp"
#include "model/software/code.hpp"

namespace airlock::c {

/// Fills FunctionInfo::live.
void compute_liveness(const Unit& unit, FunctionInfo& function);

/// Throws InputError naming a cycle of calls.
void reject_recursion(const Unit& unit);

/// Fills Unit::addresses: every place that a pointer may hold.
void collect_addresses(Unit& unit);

/// The leaves that a place may be.
std::set<Address> possible_leaves(const Unit& unit, const Place& place);

/// A function and all that it calls, directly or not.
std::set<FunctionId> callees(const Unit& unit, FunctionId function);

struct Touched {
  std::set<Address> read;
  std::set<Address> written;
};
/// Leaves of globals and of the machine that a function may read and write, callees included.
Touched touched_by(const Unit& unit, FunctionId function);

/// Per function and instruction: for heads, whether some way around the loop passes an instruction
/// for which `visible` holds, in callees too. Index [function][instruction].
std::vector<std::vector<bool>> heads_with_steps(
    const Unit& unit, const std::function<bool(const Instruction&)>& visible);

/// Part of a statement that is worth telling: of a trace, or of what a program consists of.
bool is_told(const Instruction& instruction);

/// True where a truth value is looked at: as a condition, as a result, in an assignment, or as a
/// part of them that need not be (what stands behind && or ||, an arm of ?:). Only in functions
/// that return bool or nothing: others compute values, which are no claims. (A `switch` looks at
/// its value once per case, at one place.)
bool is_evaluation(const FunctionInfo& function, const Instruction& instruction);

/// Successors of instruction `at`, within its function.
std::vector<unsigned> successors(const FunctionInfo& function, unsigned at);

}  // namespace airlock::c
