#include "tests/checker/prove/lockstep.hpp"

#include <bit>

namespace airlock::test {
namespace {

class Builder {
 public:
  explicit Builder(const LockstepOptions& options)
      : options_(options),
        pc_bits_(static_cast<unsigned>(std::bit_width(options.locations))),
        pc_(add("pc", pc_bits_)),
        guest_mode_(add("guest_mode", 1)),
        physical_(add("physical", options.width)),
        reference_(add("reference", options.width)),
        guest_(add("guest", options.width)),
        masked_(add("masked", 1)) {
    for (unsigned i = 0; i < options.locals; ++i) {
      locals_.push_back(add("local" + std::to_string(i), options.width));
    }
    if (options.counter != 0) {
      counter_ = add("counter", options.counter);
    }
    system_.control = {pc_, guest_mode_};
  }

  Lockstep build() {
    for (unsigned at = 0; at < options_.locations; ++at) {
      program_step(at);
    }
    guest_steps();
    interrupts();
    Lockstep result{std::move(system_), {}};
    const TransitionSystem& made = result.system;
    result.target = eq(made.variable(pc_), made.pool->bits(pc_bits_, 0)) &
                    ne(made.variable(physical_), made.variable(reference_));
    return result;
  }

 private:
  VarId add(const std::string& name, unsigned width) {
    return system_.add_variable(name, Sort::bits(width), system_.pool->bits(width, 0));
  }
  Expr get(VarId id) const { return system_.variable(id); }
  Expr number(VarId id, std::uint64_t value) const { return same_sort(get(id), value); }

  void rule(const std::string& name, const std::string& actor, Expr guard,
            std::vector<Update> updates, std::vector<InputId> inputs = {}) {
    system_.rules.push_back({name, actor, guard, std::move(updates), std::move(inputs), {}});
  }

  /// Saves the register, moves it through the locals, enters the guest in the middle of the loop,
  /// and restores it on the way back. It is masked while what was saved must stay current.
  void program_step(unsigned at) {
    const unsigned middle = options_.locations / 2;
    const unsigned after = (at + 1) % options_.locations;
    std::vector<Update> updates{{pc_, number(pc_, after)}};
    const unsigned last = options_.locals - 1;
    if (at == 2) {
      updates.push_back({masked_, number(masked_, 1)});
    } else if (at == 3) {
      updates.push_back({locals_[0], get(physical_)});
    } else if (at > 3 && at <= 3 + last) {
      updates.push_back({locals_[at - 3], get(locals_[at - 4])});
    } else if (at == middle - 1) {
      updates.push_back({physical_, get(guest_)});
    } else if (at == middle) {
      updates.push_back({guest_mode_, number(guest_mode_, 1)});
    } else if (at == middle + 1) {
      updates.push_back({guest_, get(physical_)});
    } else if (at == options_.locations - 4) {
      updates.push_back({physical_, restored(get(locals_[last]))});
    } else if (at == options_.locations - 3) {
      updates.push_back({masked_, number(masked_, 0)});
    } else if (at == options_.locations - 1 && counter_) {
      updates.push_back({*counter_, get(*counter_) + number(*counter_, 1)});
    }
    rule("line" + std::to_string(at), "program",
         eq(get(pc_), number(pc_, at)) & eq(get(guest_mode_), number(guest_mode_, 0)),
         std::move(updates));
  }

  Expr restored(Expr saved) const {
    if (!options_.bug) {
      return saved;
    }
    const Expr forgotten = with_bit(saved, 1, system_.pool->boolean(false));
    return counter_ ? ite(eq(get(*counter_), ~number(*counter_, 0)), forgotten, saved) : forgotten;
  }

  void guest_steps() {
    const Expr guest = eq(get(guest_mode_), number(guest_mode_, 1));
    for (unsigned i = 0; i < options_.width; ++i) {
      const InputId value = system_.add_input("value" + std::to_string(i), Sort::boolean(), "");
      rule("guest_writes" + std::to_string(i), "guest", guest,
           {{physical_, with_bit(get(physical_), i, system_.input(value))}}, {value});
    }
    rule("exit", "guest", guest, {{guest_mode_, number(guest_mode_, 0)}});
  }

  void interrupts() {
    const Expr allowed =
        eq(get(masked_), number(masked_, 0)) & eq(get(guest_mode_), number(guest_mode_, 0));
    for (unsigned i = 0; i < options_.interrupts; ++i) {
      const std::uint64_t flip = std::uint64_t{1} << (i % options_.width);
      rule("irq" + std::to_string(i), "irq", allowed,
           {{physical_, get(physical_) ^ number(physical_, flip)},
            {reference_, get(reference_) ^ number(reference_, flip)}});
    }
  }

  LockstepOptions options_;
  TransitionSystem system_;
  unsigned pc_bits_;
  VarId pc_;
  VarId guest_mode_;
  VarId physical_;
  VarId reference_;
  VarId guest_;
  VarId masked_;
  std::optional<VarId> counter_;
  std::vector<VarId> locals_;
};

}  // namespace

Lockstep lockstep(const LockstepOptions& options) {
  return Builder(options).build();
}

}  // namespace airlock::test
