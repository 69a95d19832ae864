// Symbolic execution of flat code.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "model/software/analysis.hpp"
#include "model/software/lower.hpp"

namespace airlock::c {

/// What a slot holds on a path.
struct Value {
  /// missing: the result of a function that returned none; dangling: a pointer to a local whose
  /// block has been left
  enum class Kind { uninitialised, missing, number, pointer, dangling };
  Kind kind = Kind::uninitialised;
  Expr number;
  Address pointer;
  friend bool operator==(const Value&, const Value&) = default;
};

struct Frame {
  FunctionId function = none;
  unsigned pc = 0;                      ///< suspended frames: where to continue
  Slot dest = none;                     ///< of the caller: where the result goes
  Loc noted;                            ///< the last statement recorded as a cause
  std::map<unsigned, unsigned> rounds;  ///< per head
  std::set<unsigned> visited;           ///< heads passed in this step
};

/// One way through a step.
struct Path {
  Step step;
  std::vector<Frame> frames;
  std::map<Slot, Value> slots;
  std::vector<Cause> log;  ///< the causes recorded so far
  Expr narrowed;           ///< what was assumed besides branches
  bool accessed = false;   ///< a shared access has happened
  std::string next;        ///< when cut: what comes next, for the location's name
};

/// A path that ends before its function does.
struct Undefined {
  Path path;
  std::string reason;
  Loc loc;
};

struct Ends {
  std::vector<std::pair<Path, Value>> returned;
  std::vector<Undefined> undefined;  ///< steps that have ended (Step::ended) are complete
  std::vector<Undefined> excluded;   ///< by an assume(); see ExecuteOptions
  std::vector<Path> cut;
};

struct ExecuteOptions {
  bool threaded = false;       ///< cut into steps
  bool keep_excluded = false;  ///< runs that an assume() excludes are ends, too
  std::function<bool(const std::string&)> shared;
  const std::vector<std::vector<bool>>* heads_with_steps = nullptr;
  std::size_t ways_apart = few_ways;  ///< where there are more, they are joined
};

class Executor {
 public:
  Executor(const Unit& unit, TransitionSystem& system, const Platform& platform,
           const GlobalBindings& globals, ExecuteOptions options);

  /// A path at the beginning of a function without parameters.
  [[nodiscard]] Path begin(const Step& step, FunctionId function) const;
  /// Runs to the ends of all paths.
  void run(Path start, Ends& ends);
  [[nodiscard]] bool is_shared(const Address& leaf, Loc loc);

 private:
  struct LeafInfo {
    enum class Kind { variable, constant, pointer };
    Kind kind = Kind::constant;
    VarId variable = 0;
    bool shared = false;
    bool writable = true;
    std::uint64_t value = 0;
    Address pointer;
    const Type* type = nullptr;
    std::string path;
  };
  struct Candidate {
    Expr condition;
    Address leaf;
  };

  /// Where ways meet in a function, and its loops.
  struct Shape {
    std::vector<bool> meets;                           ///< instructions with several before them
    std::vector<std::pair<unsigned, unsigned>> loops;  ///< first and last instruction, outer first
  };
  using Position = std::vector<std::vector<unsigned>>;
  struct EarlierFirst {
    bool operator()(const Position& a, const Position& b) const;
  };

  // Joining (execute_join.cpp).
  bool run_forking(const Path& start, Ends& ends);
  void run_joining(Path start, Ends& ends);
  const Shape& shape(FunctionId function);
  Position position(const Path& path);
  /// Where `pc` is in the frame's function, by the loops around it.
  std::vector<unsigned> place_in(const Frame& frame, unsigned pc);
  [[nodiscard]] bool is_live(const Path& path, Slot slot) const;
  [[nodiscard]] std::optional<Path> join(const Path& yes, const Path& no, bool strict) const;
  [[nodiscard]] std::vector<Path> join_all(std::vector<Path> paths, std::size_t common,
                                           bool strict) const;
  void join_into(std::vector<Path>& paths, Path path, bool strict) const;
  void join_ends(Ends& ends);
  void join_early(std::vector<Undefined>& ends);

  void count_instruction(const Path& path, Loc loc);
  void count_bytes(const Path& path, Loc loc);
  void limit_waiting(std::uint64_t bytes, Loc loc) const;
  static std::uint64_t bytes_of(const Path& path);
  bool advance(Path& path, Ends& ends, std::vector<Path>& forks);
  bool access(Path& path, const Instruction& instruction, Ends& ends);
  bool branch(Path& path, const Instruction& instruction, std::vector<Path>& forks, Ends& ends);
  bool call(Path& path, const Instruction& instruction);
  bool intrinsic(Path& path, const Instruction& instruction, std::vector<Path>& forks, Ends& ends);
  bool leave(Path& path, const Instruction& instruction, Ends& ends);
  bool any_bits(Path& path, const Instruction& instruction);
  bool operate_on(Path& path, const Instruction& instruction, Ends& ends);

  // Merging (execute_merge.cpp).
  bool try_merge(Path& path, const Instruction& instruction, Expr condition, Ends& ends);
  bool run_to(Path& path, std::size_t depth, unsigned join, Ends& ends);
  bool merge(Path& path, const Path& yes, const Path& no, Expr condition);

  // Memory (execute_memory.cpp).
  const LeafInfo& info(const Address& leaf, Loc loc);
  [[nodiscard]] std::optional<ObjectLeaf> machine_object(const std::string& path, Loc loc) const;
  bool candidates(Path& path, const Instruction& instruction, std::vector<Candidate>& out,
                  Expr& out_of_range, Ends& ends);
  bool pointed_to(Path& path, const Operand& pointer, Loc loc, Address& out, Ends& ends);
  bool compare_pointers(Path& path, const Instruction& instruction, Ends& ends);

  // Lifetimes (execute_lifetimes.cpp).
  /// What the top frame leaves by going to `target`.
  void end_lifetimes(Path& path, unsigned target) const;
  void end_lifetime(Path& path, const Object& object) const;
  void end_lifetimes_of(FunctionId function, Path& path, Value& result) const;
  bool read(Path& path, const Address& leaf, const Type* type, Loc loc, Value& out, Ends& ends);
  void write(Path& path, const Address& leaf, const Value& value, Expr condition, Loc loc);
  [[nodiscard]] std::string describe(const Address& leaf) const;
  [[nodiscard]] std::string outlives(const Address& leaf) const;

  bool go(Path& path, unsigned target, Ends& ends);
  void note(Path& path, const Instruction& instruction);
  Value operand(const Path& path, const Operand& o) const;
  bool number(Path& path, const Operand& o, Loc loc, Expr& out, Ends& ends);
  bool assume(Path& path, Expr condition, Loc loc, Ends& ends);
  bool split_undefined(Path& path, Expr condition, const std::string& reason, Loc loc, Ends& ends);
  bool end_undefined(Path& path, const std::string& reason, Loc loc, Ends& ends);
  void cut(Path& path, const std::string& next, Ends& ends);
  /// Where the path is, for people: "any_bool() model.c:1:2".
  [[nodiscard]] std::string place_name(const std::string& what, Loc loc) const;
  [[nodiscard]] std::string in_entry(const Path& path) const;
  /// The same for one visit of one place, however one comes to it.
  std::string input_key(const Path& path, const std::string& name);
  /// The same for a local without a value: for one round through its declaration.
  std::string local_key(const Path& path, const std::string& name, const Address& local);
  bool choose(Path& path, const std::string& key, const std::string& name, Sort sort,
              const std::string& argument, Expr& out) const;
  [[nodiscard]] const FunctionInfo& function_of(const Path& path) const {
    return unit_.functions[path.frames.back().function];
  }

  const Unit& unit_;
  TransitionSystem& system_;
  const Platform& platform_;
  const GlobalBindings& globals_;
  ExecuteOptions options_;
  std::map<Address, LeafInfo> infos_;
  unsigned speculating_ = 0;
  std::map<FunctionId, Shape> shapes_;
  Effort step_;            ///< of the step that is being run
  std::size_t nodes_ = 0;  ///< of the pool, when it was last looked at
};

}  // namespace airlock::c
