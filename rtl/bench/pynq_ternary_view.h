// Registers of the ternary accelerator's clocked model, and random layers for its benches.
#pragma once

#include "sim/pynq_ternary/clocked/group_indexer.h"
#include "sim/pynq_ternary/clocked/pe.h"
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

/// A ternary layer with kernels of up to 5 x 5 on a PE of 4 x 3 x 3 lanes, eight stages.
class TernaryJob {
 public:
  TernaryJob(test::Dice& dice, std::int64_t pes, std::int64_t bits)
      : spec_(specification(pes, bits, dice)),
        names_(sim::pynq_ternary::counter_names(spec_)),
        layer_(random_layer(dice)),
        units_(layer_, spec_),
        job{layer_, units_, steps_, spec_, names_},
        counters(names_) {}

  static constexpr std::int64_t channels = 4, rows = 3, columns = 3, lanes = 36, depth = 8;

 private:
  static arch::PynqTernarySpec specification(std::int64_t pes, std::int64_t bits, test::Dice& dice) {
    arch::PynqTernarySpec spec = arch::pynq_ternary_parameters().resolve({});
    spec.pes = pes;
    spec.groups_per_cycle = bits;
    spec.skip_groups = dice.chance(0.8);
    spec.pe_channels = channels;
    spec.pe_rows = rows;
    spec.pe_columns = columns;
    spec.pe_depth = depth;
    return spec;
  }
  static sim::pynq_ternary::TernaryLayer random_layer(test::Dice& dice) {
    sim::pynq_ternary::TernaryLayer layer;
    layer.info.name = "random";
    layer.info.op = "conv";
    layer.info.encoding = "ternary";
    LayerShape& shape = layer.info.shape;
    shape.M = dice.between(1, 12);
    shape.C = dice.between(1, 24);
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
