// What `rebasis inspect` says about each layer of a trace.
#pragma once

#include "workloads/encode/sizes.h"
#include "workloads/trace/trace.h"

namespace rebasis::cli {

struct TraceLayerFigures {
  encode::LayerSizes sizes;
  std::uint64_t activation_bytes = 0;
  double weight_sparsity = 0;      ///< zero weights (dense, ternary) or zero coefficients (SmartDeal) of all
  double row_sparsity = 0;         ///< SmartDeal: zero coefficient rows of all; otherwise: zero kernel rows of all
  double group_sparsity = 0;       ///< ternary: zero groups of all
  double activation_sparsity = 0;  ///< zero activations of all
  bool synthetic = false;          ///< weights or activations
};

/// Checks the layer and counts; reads its index bits, its activations and, unless in SmartDeal form, its weights.
[[nodiscard]] TraceLayerFigures layer_figures(const trace::TraceReader& reader, const trace::LayerInfo& layer);

}  // namespace rebasis::cli
