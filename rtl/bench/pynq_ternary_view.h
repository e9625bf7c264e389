// Registers of the ternary accelerator's clocked model, and random layers for its benches.
#pragma once

#include "sim/pynq_ternary/clocked/array_core.h"
#include "sim/pynq_ternary/names.h"
#include "tests/support/dice.h"

namespace rebasis::sim::pynq_ternary {

class RegisterView {
 public:
  struct Flight {
    std::int64_t stage;
    const std::vector<std::int64_t>* operands;
  };
  static std::vector<Flight> flights(const ProcessingElement& pe) {
    std::vector<Flight> view;
    for (const auto& flight : pe.flights_) view.push_back({flight.stage, &flight.operands});
    return view;
  }
  // Of the array, what PE 0 gets in a cycle.
  static std::optional<PeTrip> trip(const ArrayCore& core) { return core.trip_of(0); }
  static PeWeights in_use(const ArrayCore& core) { return core.in_use(0); }
  static const WindowRegisters& window(const ArrayCore& core) { return core.window_; }
  static const ProcessingElement& pe(const ArrayCore& core) { return core.pes_.front(); }

  struct Scanner {
    std::int64_t position, length;
    bool settled;
  };
  static std::vector<Scanner> scanners(const GroupIndexer& indexer) {
    std::vector<Scanner> view;
    for (const auto& scanner : indexer.scanners_) view.push_back({scanner.position, scanner.length, scanner.settled});
    return view;
  }
};

}  // namespace rebasis::sim::pynq_ternary

namespace rebasis::rtl {

/// PEs of `channels` x 3 x 3 lanes.
inline arch::PynqTernarySpec pe_specification(std::int64_t channels, std::int64_t depth) {
  arch::PynqTernarySpec spec = arch::pynq_ternary_parameters().resolve({});
  spec.pe_channels = channels;
  spec.pe_depth = depth;
  return spec;
}

/// A random ternary layer with kernels of up to 5 x 5 on such PEs.
class TernaryJob {
 public:
  TernaryJob(test::Dice& dice, const arch::PynqTernarySpec& spec, std::int64_t filters = 12)
      : spec_(spec),
        names_(sim::pynq_ternary::counter_names(spec_)),
        layer_(random_layer(dice, spec.pe_channels, filters)),
        units_(layer_, spec_),
        job{layer_, units_, steps_, spec_, names_},
        counters(names_) {}

 private:
  static sim::pynq_ternary::TernaryLayer random_layer(test::Dice& dice, std::int64_t channels, std::int64_t filters) {
    sim::pynq_ternary::TernaryLayer layer;
    layer.info.name = "random";
    layer.info.op = "conv";
    layer.info.encoding = "ternary";
    LayerShape& shape = layer.info.shape;
    shape.M = dice.between(1, filters);
    shape.C = dice.between(1, 6 * std::min<std::int64_t>(channels, 6));
    shape.R = dice.pick<std::int64_t>({1, 2, 3, 3, 3, 5});
    shape.S = dice.pick<std::int64_t>({1, 2, 3, 3, 3, 5});
    shape.H = shape.W = 5;
    layer.codes.resize(static_cast<std::size_t>(shape.weights()));
    const double group = dice.pick<double>({0, 0.1, 0.4, 1}), weight = dice.pick<double>({0.5, 1});
    bool kept = false;
    for (std::size_t i = 0; i < layer.codes.size(); ++i) {
      if (i % static_cast<std::size_t>(channels * shape.R * shape.S) == 0) kept = dice.chance(group);
      if (kept && dice.chance(weight)) layer.codes[i] = dice.chance(0.5) ? 1 : -1;
    }
    return layer;
  }

  arch::PynqTernarySpec spec_;
  sim::CounterNames names_;
  sim::pynq_ternary::TernaryLayer layer_;
  sim::pynq_ternary::UnitTable units_;
  sim::StepPlan steps_;

 public:
  sim::pynq_ternary::Job job;
  sim::Counters counters;
};

}  // namespace rebasis::rtl
