#include "tests/benchmark/explicit/system_from_json.hpp"

#include <algorithm>
#include <bit>
#include <stdexcept>
#include <string>

namespace airlock::benchmark {
namespace {

using nlohmann::json;

unsigned bits_for(std::uint64_t largest) {
  return std::max(1U, static_cast<unsigned>(std::bit_width(largest)));
}

class Builder {
 public:
  TransitionSystem build(const json& description) {
    for (const json& v : description.at("variables")) {
      const unsigned width = bits_for(v.at("values").get<std::uint64_t>() - 1);
      system_.add_variable(v.at("name"), Sort::bits(width),
                           system_.pool->bits(width, v.at("initial").get<std::uint64_t>()));
    }
    for (const json& r : description.at("rules")) {
      Rule rule;
      rule.name = r.at("name");
      rule.guard = predicate(r.at("guard"));
      for (const auto& [name, value] : r.at("updates").items()) {
        const VarId id = find(name);
        const unsigned width = system_.variables[id].sort.width();
        rule.updates.push_back({id, fit(number(value), width)});
      }
      system_.rules.push_back(std::move(rule));
    }
    validate(system_);
    return std::move(system_);
  }

 private:
  [[nodiscard]] VarId find(const std::string& name) const {
    const auto id = system_.find_variable(name);
    if (!id) {
      throw std::runtime_error("no variable " + name);
    }
    return *id;
  }

  static Expr fit(Expr e, unsigned width) {
    return e.width() > width   ? extract(e, width - 1, 0)
           : e.width() < width ? zero_extend(e, width)
                               : e;
  }

  Expr number(const json& e) {
    if (e.is_number()) {
      const auto value = e.get<std::uint64_t>();
      return system_.pool->bits(bits_for(value), value);
    }
    if (e.is_string()) {
      return system_.variable(find(e));
    }
    const std::string op = e.at(0);
    if (op == "%") {
      return modulo(number(e.at(1)), e.at(2).get<std::uint64_t>());
    }
    const Expr a = number(e.at(1));
    const Expr b = number(e.at(2));
    const unsigned width = std::max(a.width(), b.width()) + (op == "+" ? 1U : 0U);
    if (op == "+") {
      return fit(a, width) + fit(b, width);
    }
    if (op == "-") {
      return fit(a, width) - fit(b, width);
    }
    throw std::runtime_error("no operator " + op);
  }

  static Expr modulo(Expr a, std::uint64_t by) {
    if (std::has_single_bit(by)) {
      return by == 1 ? same_sort(a, 0) : fit(a, bits_for(by - 1));
    }
    const unsigned width = std::max(a.width(), bits_for(by));
    const Expr wide = fit(a, width);
    return fit(urem(wide, same_sort(wide, by)), bits_for(by - 1));
  }

  Expr predicate(const json& e) {
    if (e.is_boolean()) {
      return system_.pool->boolean(e.get<bool>());
    }
    const std::string op = e.at(0);
    if (op == "not") {
      return !predicate(e.at(1));
    }
    if (op == "and" || op == "or") {
      Expr all = system_.pool->boolean(op == "and");
      for (std::size_t i = 1; i < e.size(); ++i) {
        all = op == "and" ? all & predicate(e.at(i)) : all | predicate(e.at(i));
      }
      return all;
    }
    Expr a = number(e.at(1));
    Expr b = number(e.at(2));
    const unsigned width = std::max(a.width(), b.width());
    a = fit(a, width);
    b = fit(b, width);
    if (op == "==") {
      return eq(a, b);
    }
    if (op == "!=") {
      return ne(a, b);
    }
    if (op == "<") {
      return ult(a, b);
    }
    if (op == "<=") {
      return ule(a, b);
    }
    throw std::runtime_error("no operator " + op);
  }

  TransitionSystem system_;
};

}  // namespace

TransitionSystem system_from_json(const json& description) {
  return Builder().build(description);
}

}  // namespace airlock::benchmark
