// What `rebasis run` measures, and how it is printed.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "workloads/graph/layers.h"
#include "workloads/tensor.h"
#include "workloads/trace/trace.h"

namespace rebasis::cli {

/// How far outputs are from a reference.
struct Difference {
  double of_range = 0;  ///< largest |y - r| over the largest |r|
  double element = 0;   ///< largest |y - r| / max(|r|, largest |r| / 1000)
};
[[nodiscard]] Difference difference(const Tensor<float>& outputs, const Tensor<float>& reference);

struct RunSummary {
  std::string network, sha256, inputs;
  std::int64_t images = 0;
  std::vector<graph::WeightLayer> layers;
  std::optional<double> accuracy, quantised_accuracy;
  std::optional<Difference> against_reference, against_float;
  std::map<std::string, trace::ActivationInfo> activations;       ///< by layer; empty unless asked for
  std::map<std::string, std::map<std::string, double>> sparsity;  ///< by layer; empty unless asked for
};

[[nodiscard]] std::string summary_text(const RunSummary& summary);
[[nodiscard]] std::string summary_json(const RunSummary& summary);

}  // namespace rebasis::cli
