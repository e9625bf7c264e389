// A network in succinct form measured against ordinary forms: bytes, and the time of integer inference straight from
// each form.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "workloads/succinct/network.h"
#include "workloads/trace/trace.h"

namespace rebasis::succinct {

struct MeasureOptions {
  std::string layers = "*";         ///< names of layers, * and ? as in file names
  std::int64_t image = 0;           ///< whose activations are the inputs
  double threshold = 10;            ///< MACs per parameter from which a layer is block-wise (section 4.1)
  int repeats = 5;                  ///< of each timing, CPU time of the thread; the shortest counts
  std::vector<std::string> coders;  ///< further forms: decode with this coder, then compute
};

/// One form of one layer.
struct FormResult {
  std::string name;
  std::uint64_t bytes = 0;    ///< in memory between inferences
  std::uint64_t scratch = 0;  ///< beside it during an inference, to fetch operands
  double read_s = 0;          ///< fetching all operands once, nothing computed
  double run_s = 0;           ///< an inference
};

struct LayerResult {
  std::string name;
  std::int64_t parameters = 0, nonzeros = 0, macs = 0;
  int bits = 0;  ///< of a weight, stored dense
  RasType type = RasType::block_dense;
  std::vector<FormResult> forms;  ///< the same order in every layer
  [[nodiscard]] double macs_per_parameter() const;
};

struct NetworkResult {
  std::string trace, network;
  MeasureOptions options;
  std::vector<LayerResult> layers;
  TreeBytes succinct;  ///< of the whole network, both trees
  std::uint64_t main_symbols = 0, main_alphabet = 0, value_symbols = 0, value_alphabet = 0;
  double main_levels = 0, value_levels = 0;  ///< mean levels of an access
};

/// Names of the forms that every measurement has.
inline constexpr const char* dense_name = "dense";
inline constexpr const char* succinct_name = "succinct";
/// The ordinary forms among which "a" of the paper's tables is chosen: the smallest over all layers.
[[nodiscard]] const std::vector<std::string>& ordinary_forms();

/// Dense or tuples, element-wise or block-wise: block-wise from `threshold` MACs per parameter on, and whichever of
/// dense and tuples has fewer bits of entropy.
[[nodiscard]] RasType choose_type(const encode::WeightMatrix& matrix, double macs_per_parameter, double threshold);

/// Measures the layers of a trace. `progress` is told each layer. Throws Error(bad_input) for layers without integer
/// weights (SmartDeal's form), an image that the trace has not, or a pattern that names no layer. Each form's outputs
/// are compared with the dense form's; a difference is an internal error.
[[nodiscard]] NetworkResult measure(const trace::TraceReader& trace, const MeasureOptions& options,
                                    const std::function<void(const std::string&)>& progress);

/// Sums over the layers of a form.
[[nodiscard]] FormResult total(const NetworkResult& result, const std::string& form);
/// The ordinary form with the fewest bytes in total, before any succinct structure.
[[nodiscard]] std::string best_ordinary(const NetworkResult& result);

}  // namespace rebasis::succinct
