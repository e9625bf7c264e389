// `rebasis networks export`, which needs libonnx: done here in rebasis-torch, handed over to it elsewhere.
#pragma once

#include <cstdint>
#include <string>

namespace rebasis::cli {

struct ExportRequest {
  std::string network;     ///< name or YAML file
  std::string weights;     ///< "synthetic" or "zeros"
  std::string statistics;  ///< file, or "" for the shipped ones
  std::uint64_t seed = 1;
  std::string output;  ///< ONNX file
};

/// What to print.
[[nodiscard]] std::string export_network(const ExportRequest& request);

}  // namespace rebasis::cli
