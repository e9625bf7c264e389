// What `rebasis compare` was asked to do.
#pragma once

#include <string>
#include <vector>

namespace rebasis::cli {

struct CompareRequest {
  std::vector<std::string> files;         ///< networks (.onnx) and traces
  std::vector<std::string> accelerators;  ///< presets and files
  std::vector<std::string>
      drams;  ///< models; "bandwidth:8" is the model `bandwidth` at 8 GB/s; the first is the main one
  std::vector<std::string> recipes;    ///< ACCELERATOR=RECIPE
  std::vector<std::string> retrained;  ///< ACCELERATOR=NETWORK.onnx
  std::vector<std::string> sets;       ///< key=value for all, ACCELERATOR:key=value for one
  std::string energy;                  ///< table for all; "": each its own
  std::string fidelity = "fast";
  std::string baseline, traffic_baseline;  ///< "": chosen
  std::string folder;
  std::string inputs, labels;
  std::vector<std::string> compress_options;  ///< "--mean", "0.28", ... handed on
  std::size_t jobs = 0;                       ///< 0: one a core
  bool include_fc = false;
  bool exclude_operators = false;
  bool fresh = false;
};

}  // namespace rebasis::cli
