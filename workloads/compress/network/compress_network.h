// From a network file and inputs to a trace: import, compress, calibrate, run the compressed network, write.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/compress/model.h"
#include "workloads/compress/recipe.h"
#include "workloads/encode/sizes.h"
#include "workloads/io/inputs.h"

namespace rebasis::compress {

struct CompressRequest {
  std::string network;         ///< ONNX file
  std::string inputs, labels;  ///< as of io::load_inputs; labels may be empty
  io::InputOptions input_options;
  std::string output;                      ///< trace file
  std::string calibration_inputs;          ///< images to calibrate and correct on; empty: those of `inputs`
  std::int64_t calibration_images = 1000;  ///< the first ones of them
  std::int64_t trace_images = 1;           ///< the first ones
  std::int64_t batch_size = 250;
  bool with_evolution = false;
  std::string tool_version, command;  ///< for the provenance
};

/// How far a job is: fraction 0..1 of the stage, and what it is doing.
using CompressProgress = std::function<void(std::string_view stage, double fraction, std::string_view step)>;

struct CompressReport {
  Model model;
  std::vector<encode::LayerSizes> sizes;  ///< of the tensors in the trace, a layer
  std::int64_t images = 0;                ///< labelled or compared
  std::int64_t activation_bits = 8;       ///< of signed activations
  std::optional<double> accuracy_before,
      accuracy_after;  ///< with labels: fp32, and compressed with quantised activations
  /// Without labels: ||compressed - fp32||_2 / ||fp32||_2 over the first output of the traced images.
  std::optional<double> output_error;
  std::vector<smartdeal::Evolution> evolution;
};

/// Compresses a network as `recipe` says and writes the trace. Errors as of the parts; nothing is written then.
[[nodiscard]] CompressReport compress_network(const CompressRequest& request, const Recipe& recipe,
                                              const CompressProgress& progress = {});

}  // namespace rebasis::compress
