// One of several sparse nets that share their weights. Included only by parts that link libtorch.
#pragma once

#include <string>
#include <vector>

#include "workloads/train/methods/prune_regrow/sparse_layers.h"

namespace rebasis::train {

struct SubNet {
  std::string name;
  SparsityPattern pattern;
  std::int64_t offset = 0;  ///< steps by which its updates come after those of the first
  LayerTensors masks;       ///< bool
  LayerTensors before;      ///< masks at the start of the epoch
  at::Tensor updates;       ///< i64 [1]
  at::Tensor level;         ///< f64 [1]: share of the units that is pruned now
  // Since the start of the epoch:
  std::int64_t products = 0, negative = 0;  ///< inner products with the gradient of the sub-net before it

  [[nodiscard]] double initial(const RegrowOptions& options) const {
    return pattern.grouped() ? 0 : std::min(options.initial_sparsity, pattern.sparsity);
  }
  [[nodiscard]] double target() const { return pattern.grouped() ? 1 : pattern.sparsity; }
};

/// "NAME/sparsity", "NAME/mask_churn", "NAME/negative_inner_products" (Yang, Fig. 13), "A^B/non_overlap", and by layer
/// "LAYER/NAME/sparsity" and "LAYER/A^B/non_overlap" (Fig. 14).
void report_sub_nets(const std::vector<SubNet>& nets, const SparseLayers& layers,
                     std::map<std::string, double>& metrics);

}  // namespace rebasis::train
