// Which network each input file is, and which trace an accelerator runs.
#pragma once

#include <string>
#include <vector>

namespace rebasis::cli {

/// A trace that the user gave.
struct GivenTrace {
  std::string path;
  std::string network;         ///< name of the network's file, or of the network when there is none
  std::string network_sha256;  ///< "" unknown
  std::string inputs_sha256;   ///< "" unknown
  std::string recipe;          ///< "" unknown
  long long images = 1;
  bool dense = false;  ///< plain 8-bit weights in every layer, which every accelerator reads
};

struct ComparedNetwork {
  std::string name;
  std::string onnx;  ///< path; "" when only traces were given
  std::string sha256;
  std::vector<GivenTrace> traces;
};

/// Reads the headers of traces and the checksums of networks, and groups them: files of one network have its name and,
/// where known, its checksum. Fails (bad input) on other files, on two networks of one name, on two traces of a network
/// with one recipe, and on traces of a network with different inputs or numbers of images, which would not be
/// comparable.
[[nodiscard]] std::vector<ComparedNetwork> read_networks(const std::vector<std::string>& files);

/// The same from what is known already; in the order of first appearance.
[[nodiscard]] std::vector<ComparedNetwork> group_networks(const std::vector<ComparedNetwork>& onnx,
                                                          const std::vector<GivenTrace>& traces);

/// What an accelerator that was made for `recipe` runs of a network.
struct TraceChoice {
  const GivenTrace* given = nullptr;  ///< null: to be compressed from the network
  std::string note;                   ///< why it is not the recipe that the accelerator was made for; "" when it is
};
/// A given trace with that recipe; else the network is compressed; else, without an ONNX file, a trace with a variant
/// of the recipe ("smartdeal-rows" for "smartdeal"), else one of plain 8-bit weights (unpruned if there is one), else
/// the first. `accelerator` is for messages. Fails (bad input) when the recipe is needed and unknown.
[[nodiscard]] TraceChoice choose_trace(const ComparedNetwork& network, const std::string& accelerator,
                                       const std::string& recipe);

}  // namespace rebasis::cli
