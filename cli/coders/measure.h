// The sizes of a trace's layers with each coder.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "common/progress.h"
#include "workloads/trace/trace.h"

namespace rebasis::cli {

/// One layer with one coder.
struct CodedSize {
  std::uint64_t bytes = 0;
  std::map<std::string, std::uint64_t> bits;  ///< by part; what is missing to 8 x bytes is padding
  double encode_s = 0, decode_s = 0;          ///< the shortest of three; 0: not measured
};

struct LayerSizesByCoder {
  std::string name, encoding;
  bool synthetic = false;                   ///< the weights
  std::int64_t rows = 0, columns = 0;       ///< of the coded matrix
  int bits = 8;                             ///< of a value stored dense
  std::uint64_t values = 0, zeros = 0;      ///< of the coded matrix
  std::uint64_t weights = 0;                ///< of the layer; other than `values` in SmartDeal form
  std::uint64_t uncoded_bytes = 0;          ///< encode::uncoded_bytes()
  std::map<std::string, CodedSize> coders;  ///< by name

  [[nodiscard]] std::uint64_t fp32_bytes() const { return 4 * weights; }
  [[nodiscard]] std::uint64_t dense_bytes() const { return (values * static_cast<std::uint64_t>(bits) + 7) / 8; }
  /// The coder with the fewest bytes; the first by name of several.
  [[nodiscard]] const std::string& best() const;
};

/// Encodes every layer with every coder, decodes it again and compares; a difference is an internal error. Layers are
/// worked on in parallel unless `timed`.
[[nodiscard]] std::vector<LayerSizesByCoder> measure_coders(const trace::TraceReader& reader,
                                                            const std::vector<const trace::LayerInfo*>& layers,
                                                            const std::vector<std::string>& coders, bool timed,
                                                            Progress& progress);

/// Sums over layers. The name of the mixture of each layer's best coder is `best_of_each`: its bytes are the layers'
/// least and a byte a layer that names the coder.
inline constexpr const char* best_of_each = "(best of each layer)";
struct CoderTotals {
  std::uint64_t values = 0, zeros = 0, weights = 0, uncoded_bytes = 0, fp32_bytes = 0, dense_bytes = 0;
  double dense_bits = 0;                       ///< of all values, without padding: what MB/s are MB of
  std::map<std::string, CodedSize> coders;     ///< with best_of_each
  std::map<std::string, std::size_t> best_in;  ///< layers in which a coder is the best
};
[[nodiscard]] CoderTotals total_of(const std::vector<LayerSizesByCoder>& layers);

}  // namespace rebasis::cli
