#include "workloads/train/methods/sd_training_costs.h"

#include <bit>

namespace rebasis::train {

namespace {

constexpr double word = 4;         // bytes of a 32-bit number
constexpr double kept_words = 3;   // weight, momentum and gradient of a trained number
constexpr double moved_words = 5;  // an SGD step with momentum reads weight, momentum, gradient, writes the first two

double form_bytes(const encode::SmartDealForm& form) {
  const encode::EncodedCoefficients encoded = encode::encode(form);
  return static_cast<double>(encoded.row_index.size() + encoded.element_index.size() + encoded.coefficients.size() +
                             encoded.code_lengths.size() + sizeof(std::uint32_t) * encoded.filter_bits.size());
}

/// Bits of a counter between -theta_c and +theta_c, both left out.
double counter_bits(const SwitchRule& rule) {
  return static_cast<double>(std::bit_width(static_cast<std::uint64_t>(2 * rule.counter_threshold - 2)));
}

/// Values that the backward pass needs of the forward pass for one image: the inputs of layers and batch-norms.
double activations(const TrainableNetwork& network) {
  double values = 0;
  for (const TrainedLayer& trained : network.layers()) {
    const LayerShape& shape = trained.layer.shape;
    values += static_cast<double>(shape.C * shape.H * shape.W);
    for (const graph::Node* const reader : network.graph().consumers(trained.layer.output)) {
      if (reader->op != "BatchNormalization") continue;
      values += static_cast<double>(shape.M * trained.layer.output_rows * trained.layer.output_columns);
    }
  }
  return values;
}

}  // namespace

std::map<std::string, double> training_costs(const TrainableNetwork& network, const std::vector<const SdLayer*>& layers,
                                             const SwitchRule& rule) {
  double dense = 0, left = 0, coefficients = 0, basis = 0, basis_tables = 0, counters = 0;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const auto weights = static_cast<double>(network.layers()[i].layer.shape.weights());
    dense += weights;
    if (layers[i] == nullptr) {
      left += weights;
      continue;
    }
    coefficients += form_bytes(layers[i]->form());
    basis += static_cast<double>(layers[i]->basis().numel());
    basis_tables += static_cast<double>(layers[i]->basis().size(0));
    counters += static_cast<double>(layers[i]->trainable()) * counter_bits(rule) / 8;
  }
  return {{"dense/size_bytes", word * dense},
          {"sd/size_bytes", coefficients + basis + basis_tables + word * left},
          {"dense/kept_bytes", kept_words * word * dense},
          {"sd/kept_bytes", coefficients + counters + kept_words * word * (basis + left)},
          {"dense/read_bytes", 2 * word * dense},
          {"sd/read_bytes", 2 * (coefficients + word * (basis + left))},
          {"dense/update_bytes", moved_words * word * dense},
          {"sd/update_bytes", 2 * counters + moved_words * word * (basis + left)},
          {"activation_bytes", word * activations(network)}};
}

}  // namespace rebasis::train
