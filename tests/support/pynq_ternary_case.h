// Random layers and configurations of the PE-wise ternary accelerator, and layers with a given number of non-zero
// groups.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/pynq_ternary/names.h"
#include "sim/pynq_ternary/plan.h"
#include "tests/support/dice.h"

namespace rebasis::test {

/// A layer and one image; 8- or 16-bit activations.
struct TernaryCase {
  sim::pynq_ternary::TernaryLayer layer;
  std::vector<std::uint8_t> activations;  ///< bytes, little-endian
  bool wide = false;                      ///< 16 bits
  [[nodiscard]] sim::Activations image() const;
  [[nodiscard]] std::string describe() const;
};

/// A ternary layer of any shape whose groups of `group_channels` channels are zero with a random probability.
TernaryCase random_ternary_layer(Dice& dice);
/// One of the layers that stay in full precision.
TernaryCase random_full_precision_layer(Dice& dice);

/// A convolution M x C x 3 x 3 on `map` x `map` pixels with padding 1, 16-bit activations; exactly `nonzero` of its
/// groups of 16 channels hold weights, spread over filters by the dice.
TernaryCase layer_with_groups(std::int64_t channels, std::int64_t map, std::int64_t nonzero, Dice& dice);

/// The parameters of preset pynq-z1-ternary.
arch::PynqTernarySpec board_spec();
/// Every parameter varied; ternary PEs or MACs.
arch::PynqTernarySpec random_board_spec(Dice& dice);

/// A layer mapped on a configuration, with what it refers to.
class MappedCase {
 public:
  MappedCase(TernaryCase layer, const arch::PynqTernarySpec& spec);
  [[nodiscard]] sim::LayerPlan& plan() { return *plan_; }
  [[nodiscard]] const sim::CounterNames& names() const { return names_; }
  [[nodiscard]] const arch::PynqTernarySpec& spec() const { return spec_; }
  [[nodiscard]] const sim::Activations& image() const { return image_; }
  [[nodiscard]] std::size_t shells() const;
  [[nodiscard]] sim::LayerRun run_fast();
  [[nodiscard]] sim::Cycle cycles() { return run_fast().counters.cycles; }

 private:
  TernaryCase layer_;
  arch::PynqTernarySpec spec_;
  sim::CounterNames names_;
  sim::Activations image_;
  std::unique_ptr<sim::LayerPlan> plan_;
};

}  // namespace rebasis::test
