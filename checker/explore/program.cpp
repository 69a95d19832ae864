// The kernels. Each is one loop over columns that do not overlap (the register allocator never
// gives a result the column of an operand), with nothing in it that would keep a compiler from
// vectorising: no calls, no branches where a mask will do.
#include "checker/explore/program.hpp"

#include <algorithm>
#include <cassert>

#include "checker/explore/vectors.hpp"

namespace airlock::explicit_state {
namespace {

template <class F>
inline void map(Word* __restrict dst, const Word* __restrict a, std::size_t n, F f) {
  for (std::size_t i = 0; i < n; ++i) {
    dst[i] = f(a[i]);
  }
}
template <class F>
inline void map(Word* __restrict dst, const Word* __restrict a, const Word* __restrict b,
                std::size_t n, F f) {
  for (std::size_t i = 0; i < n; ++i) {
    dst[i] = f(a[i], b[i]);
  }
}
template <class F>
inline void map(Word* __restrict dst, const Word* __restrict a, const Word* __restrict b,
                const Word* __restrict c, std::size_t n, F f) {
  for (std::size_t i = 0; i < n; ++i) {
    dst[i] = f(a[i], b[i], c[i]);
  }
}

/// c is 0 or 1.
inline Word choose(Word c, Word t, Word f) {
  return f ^ ((f ^ t) & (Word{0} - c));
}

inline Word shift_arithmetic(Word a, Word b, unsigned width, Word mask) {
  const unsigned up = 64 - width;
  const auto value = static_cast<std::int64_t>(a << up) >> up;
  return static_cast<Word>(value >> std::min<Word>(b, 63)) & mask;
}

}  // namespace

void Frame::prepare(const Program& program) {
  if (storage_.size() < program.registers * lanes) {
    storage_.resize(program.registers * lanes);
    columns_.resize(program.registers);
    for (Register r = 0; r < program.registers; ++r) {
      columns_[r] = own_column(r);
    }
  }
  for (Register r = 0; r < std::max(program.inputs, redirected_); ++r) {
    columns_[r] = own_column(r);
  }
  redirected_ = program.inputs;
}

AIRLOCK_VECTORS
void Frame::run(const std::vector<Instruction>& code, std::size_t n) const {
  assert(n <= lanes);
  for (const Instruction& i : code) {
    Word* const dst = columns_[i.dst];
    const Word* const a = columns_[i.a];
    const Word* const b = columns_[i.b];
    const Word* const c = columns_[i.c];
    const Word x = i.x;
    const Word y = i.y;
    switch (i.kernel) {
      case Kernel::fill: std::fill(dst, dst + n, x); break;
      case Kernel::field: map(dst, a, n, [=](Word p) { return (p >> x) & y; }); break;
      case Kernel::keep: map(dst, a, n, [=](Word p) { return (p & x) | y; }); break;
      case Kernel::flip: map(dst, a, n, [=](Word p) { return p ^ x; }); break;
      case Kernel::place: map(dst, a, b, n, [=](Word p, Word q) { return p | (q << x); }); break;
      case Kernel::shift_or: map(dst, a, n, [=](Word p) { return (p << x) | y; }); break;
      case Kernel::and_: map(dst, a, b, n, [](Word p, Word q) { return p & q; }); break;
      case Kernel::or_: map(dst, a, b, n, [](Word p, Word q) { return p | q; }); break;
      case Kernel::xor_: map(dst, a, b, n, [](Word p, Word q) { return p ^ q; }); break;
      case Kernel::add: map(dst, a, b, n, [=](Word p, Word q) { return (p + q) & y; }); break;
      case Kernel::add_value: map(dst, a, n, [=](Word p) { return (p + x) & y; }); break;
      case Kernel::sub: map(dst, a, b, n, [=](Word p, Word q) { return (p - q) & y; }); break;
      case Kernel::mul: map(dst, a, b, n, [=](Word p, Word q) { return (p * q) & y; }); break;
      case Kernel::udiv:
        map(dst, a, b, n, [=](Word p, Word q) { return q == 0 ? y : p / q; });
        break;
      case Kernel::urem:
        map(dst, a, b, n, [](Word p, Word q) { return q == 0 ? p : p % q; });
        break;
      case Kernel::shl:
        map(dst, a, b, n, [=](Word p, Word q) { return q >= x ? 0 : (p << q) & y; });
        break;
      case Kernel::lshr:
        map(dst, a, b, n, [=](Word p, Word q) { return q >= x ? 0 : p >> q; });
        break;
      case Kernel::ashr: {
        const auto width = static_cast<unsigned>(x);
        map(dst, a, b, n, [=](Word p, Word q) { return shift_arithmetic(p, q, width, y); });
        break;
      }
      case Kernel::eq: map(dst, a, b, n, [](Word p, Word q) { return Word{p == q}; }); break;
      case Kernel::eq_value: map(dst, a, n, [=](Word p) { return Word{p == x}; }); break;
      case Kernel::below: map(dst, a, b, n, [](Word p, Word q) { return Word{p < q}; }); break;
      case Kernel::below_value: map(dst, a, n, [=](Word p) { return Word{p < x}; }); break;
      case Kernel::above_value: map(dst, a, n, [=](Word p) { return Word{p > x}; }); break;
      case Kernel::at_most: map(dst, a, b, n, [](Word p, Word q) { return Word{p <= q}; }); break;
      case Kernel::below_signed:
        map(dst, a, b, n, [=](Word p, Word q) { return Word{(p ^ x) < (q ^ x)}; });
        break;
      case Kernel::at_most_signed:
        map(dst, a, b, n, [=](Word p, Word q) { return Word{(p ^ x) <= (q ^ x)}; });
        break;
      case Kernel::select:
        map(dst, a, b, c, n, [](Word p, Word q, Word r) { return choose(p, q, r); });
        break;
      case Kernel::select_then:
        map(dst, a, b, n, [=](Word p, Word q) { return choose(p, x, q); });
        break;
      case Kernel::select_else:
        map(dst, a, b, n, [=](Word p, Word q) { return choose(p, q, x); });
        break;
      case Kernel::select_values: map(dst, a, n, [=](Word p) { return choose(p, x, y); }); break;
    }
  }
}

}  // namespace airlock::explicit_state
