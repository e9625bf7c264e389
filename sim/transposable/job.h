// One pass of one layer of a training step: what the array is asked to compute, in integers.
//
//   forward          Y[n][m][e][f]  = sum over c, r, s of     W[m][c][r][s] X[n][c][eU + rD - P][fU + sD - P]
//   backward_data    dX[n][c][h][w] = sum over m, r, s of     W[m][c][r][s] dY[n][m][e][f],  h = eU + rD - P, w
//   likewise backward_weight  dW[m][c][r][s] = sum over n, e, f of    dY[n][m][e][f] X[n][c][eU + rD - P][fU + sD - P]
//                    db[m]          = sum over n, e, f of    dY[n][m][e][f]
#pragma once

#include <cstdint>
#include <vector>

#include "arch/transposable/spec.h"
#include "sim/core/sequence/step_plan.h"
#include "workloads/encode/smartdeal_form.h"
#include "workloads/trace/trace.h"
#include "workloads/training_step/step.h"

namespace rebasis::sim::transposable {

using training::Pass;

/// Sums over filters [first, last) and rows of Ce [first, last).
class RowSums {
 public:
  RowSums() = default;
  RowSums(std::int64_t filters, std::int64_t rows, const std::vector<std::uint8_t>& values);
  [[nodiscard]] std::int64_t sum(Range filters, Range rows) const;

 private:
  std::int64_t rows_ = 0;
  std::vector<std::int64_t> prefix_;  ///< [filters + 1][rows + 1]
};

/// A layer that takes part in training. Weight x of a filter, in the order [C/groups][R][S], is column x % n of row
/// x / n of the filter's Ce.
struct TrainedLayer {
  trace::LayerInfo info;
  bool has_bias = false;
  bool factored = false;       ///< weights are kept as Ce and B
  encode::SmartDealForm form;  ///< of a factored layer
  RowSums nonzeros, rows;      ///< non-zero coefficients; rows of Ce that have one
  std::vector<std::int64_t> slice_of_row;

  [[nodiscard]] const LayerShape& shape() const { return info.shape; }
  [[nodiscard]] std::int64_t n() const { return form.info.n; }
  /// Rows of Ce that weights [first, last) of a filter lie in.
  [[nodiscard]] Range rows_of(Range weights) const { return {weights.first / n(), (weights.last + n() - 1) / n()}; }
  /// Fills the tables from `form`.
  void index();
};

/// Bytes of weights by class, as they lie in DRAM.
struct StoredWeights {
  std::uint64_t weights = 0, basis = 0, index = 0;
};

struct Job {
  const TrainedLayer* layer = nullptr;
  Pass pass = Pass::forward;
  std::int64_t images = 1;
  bool weight_gradient = true;  ///< of backward_weight: dW is wanted
  bool bias_gradient = false;   ///< of backward_weight: db is wanted

  [[nodiscard]] const LayerShape& shape() const { return layer->shape(); }
  /// Filters and channels of a group that are results, and that are operands, in the passes that read weights. The
  /// weight-gradient pass has filters in the rows and channels in the columns of the array, as the forward pass.
  [[nodiscard]] bool transposed() const { return pass == Pass::backward_data; }
  /// Rows of the map over which tiles are cut: of X in backward_data, else of Y.
  [[nodiscard]] std::int64_t map_rows() const { return transposed() ? shape().H : shape().E(); }
  /// Products that the pass is made of; none when gradients of biases are all that is wanted.
  [[nodiscard]] std::int64_t macs() const {
    const bool sums_alone = pass == Pass::update || (pass == Pass::backward_weight && !weight_gradient);
    return sums_alone ? 0 : images * shape().macs();
  }
};

/// What a step computes. `conv.rows` are rows of map_rows(); columns are whole.
struct Tile {
  ConvTile conv;
  Range images;
};

/// Convolution groups that share the array: as many as fit both sides of it.
[[nodiscard]] std::int64_t groups_at_once(const Job& job, const arch::TransposableSpec& spec);

/// Weights of a tile in DRAM, and in the weight buffer (coefficients there with their zeros).
[[nodiscard]] StoredWeights stored_weights(const Job& job, const arch::TransposableSpec& spec, const ConvTile& tile);
[[nodiscard]] std::int64_t buffered_weights(const Job& job, const arch::TransposableSpec& spec, const ConvTile& tile);

/// Filters of a tile, counted over all groups; a tile of several groups has all filters of each.
[[nodiscard]] Range all_filters(const LayerShape& shape, const ConvTile& tile);

}  // namespace rebasis::sim::transposable
