// What the SmartDeal pass can be told. docs/compression.md describes each key; the names are those of the recipe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "arch/config.h"
#include "arch/parameter.h"

namespace rebasis::compress::smartdeal {

struct Options {
  std::string variant;  ///< paper, code or code-rows: the defaults of the other keys
  // Step 1: quantisation of Ce
  bool normalise = true;           ///< unit-norm columns, norms absorbed into B
  bool column_scale = false;       ///< code-rows: columns scaled by 2^mean(rounding error in log2)
  std::string rounding;            ///< linear or log
  std::int64_t max_exponents = 8;  ///< N_p; 0: as many as the trace can hold
  std::string exponents;           ///< "auto", or P as a list
  // Step 2: fits
  bool quantise_basis_in_loop = true;
  // Step 3: sparsity
  double threshold = 0;         ///< theta
  std::string threshold_scale;  ///< coefficient or weight
  double row_threshold = 0;     ///< a row of a k x k kernel whose L1 norm is below this many theta is zeroed
  double vector_ratio = 0;      ///< share of the coefficient rows that are zeroed, 1 - S_c
  std::string vector_scope;     ///< filter, layer or group
  std::int64_t group_size = 32;
  // End of the iteration
  double tolerance = 1e-10;
  std::int64_t max_iterations = 30;
  // Shapes
  std::int64_t reshape_columns = 3;  ///< n for 1x1 and FC layers
  std::int64_t max_slice_rows = 192;
  std::string factors;  ///< given: Ce and B that the network file brings are taken over; new: decomposed again
  // Layers left alone
  bool leave = false;
  bool leave_depthwise = true;
  bool leave_first = false;
  bool leave_large_kernels = false;
  bool leave_if_larger = true;

  /// P as given, or empty for "auto".
  std::vector<int> fixed_exponents;
};

/// The declaration of every key, for validation, messages and the reference page.
[[nodiscard]] const arch::ParameterSet<Options>& parameters();

/// Options from a recipe: the defaults of `variant`, then the entries. Throws Error(bad_input) with file and line.
[[nodiscard]] Options resolve(const arch::RawConfig& config);

}  // namespace rebasis::compress::smartdeal
