// Frames are delta-encoded (Een, Mishchenko, Brayton 2011): a lemma is stored once, at the highest
// level where it is known to hold, and holds at all lower ones. What is not usual is that they are
// kept per location, and that "this location is not reachable within k steps", the empty cube, is a
// number rather than a lemma: it starts as the distance in the control flow graph, so that the
// solver is never asked about locations that the program cannot have reached yet.
#include "checker/prove/frames.hpp"

#include <algorithm>
#include <cassert>

namespace airlock::prove {
namespace {

std::uint64_t signature_of(const Cube& cube) {
  std::uint64_t signature = 0;
  for (const Literal literal : cube) {
    signature |= std::uint64_t{1} << ((literal * 0x9E3779B1U) >> 26U);
  }
  return signature;
}

bool subsumes(const Lemma& lemma, const Cube& cube, std::uint64_t signature) {
  return (lemma.signature & ~signature) == 0 && lemma.cube.size() <= cube.size() &&
         std::includes(cube.begin(), cube.end(), lemma.cube.begin(), lemma.cube.end());
}

}  // namespace

BitMap::BitMap(const TransitionSystem& system, const ControlGraph& graph)
    : first_(system.variables.size()) {
  for (VarId id = 0; id < system.variables.size(); ++id) {
    if (std::find(graph.control.begin(), graph.control.end(), id) != graph.control.end()) {
      continue;
    }
    first_[id] = size();
    for (unsigned bit = 0; bit < system.variables[id].sort.width(); ++bit) {
      places_.push_back({id, bit});
    }
  }
}

bool contains(const Cube& cube, const BitState& state) {
  return std::all_of(cube.begin(), cube.end(),
                     [&](Literal literal) { return state[bit_of(literal)] == sign_of(literal); });
}

Frames::Frames(const ControlGraph& graph) : lemmas_(graph.locations.size()) {
  for (const Location& location : graph.locations) {
    open_from_.push_back(location.distance);
  }
}

bool Frames::blocks(LocationId location, const Cube& cube, std::uint32_t level) const {
  if (closed(location, level)) {
    return true;
  }
  const std::uint64_t signature = signature_of(cube);
  const auto& here = lemmas_[location];
  return std::any_of(here.begin(), here.end(), [&](const Lemma& lemma) {
    return lemma.level >= level && subsumes(lemma, cube, signature);
  });
}

bool Frames::excludes(LocationId location, const BitState& state, std::uint32_t level) const {
  if (closed(location, level)) {
    return true;
  }
  const auto& here = lemmas_[location];
  return std::any_of(here.begin(), here.end(), [&](const Lemma& lemma) {
    return lemma.level >= level && contains(lemma.cube, state);
  });
}

void Frames::add(LocationId location, const Cube& cube, std::uint32_t level) {
  auto& here = lemmas_[location];
  const std::size_t before = here.size();
  if (cube.empty()) {
    open_from_[location] =
        std::max(open_from_[location], level == Lemma::forever ? level : level + 1);
    here.erase(std::remove_if(here.begin(), here.end(),
                              [&](const Lemma& old) { return old.level <= level; }),
               here.end());
  } else {
    const Lemma lemma{cube, level, signature_of(cube), {}};
    here.erase(std::remove_if(here.begin(), here.end(),
                              [&](const Lemma& old) {
                                return old.level <= level &&
                                       subsumes(lemma, old.cube, old.signature);
                              }),
               here.end());
    here.push_back(lemma);
  }
  size_ = size_ - before + here.size();
}

bool Frames::converged(std::uint32_t level) const {
  for (LocationId location = 0; location < lemmas_.size(); ++location) {
    if (open_from_[location] == level + 1) {
      return false;
    }
    for (const Lemma& lemma : lemmas_[location]) {
      if (lemma.level == level) {
        return false;
      }
    }
  }
  return true;
}

Invariant frame_invariant(const TransitionSystem& system, const ControlGraph& graph,
                          const BitMap& bits, const Frames& frames, std::uint32_t level) {
  Invariant result;
  for (LocationId id = 0; id < graph.locations.size(); ++id) {
    if (frames.closed(id, level)) {
      continue;
    }
    Invariant::Place place;
    for (std::size_t i = 0; i < graph.control.size(); ++i) {
      const VarId variable = graph.control[i];
      place.at.push_back(
          {variable, system.variables[variable].sort.mask(), graph.locations[id].values[i]});
    }
    for (const Lemma& lemma : frames.lemmas(id)) {
      if (lemma.level >= level) {
        Invariant::Clause clause;
        for (const Literal literal : lemma.cube) {
          const BitMap::Place where = bits.place(bit_of(literal));
          clause.push_back({where.variable, where.bit, !sign_of(literal)});
        }
        place.clauses.push_back(std::move(clause));
      }
    }
    result.places.push_back(std::move(place));
  }
  return result;
}

}  // namespace airlock::prove
