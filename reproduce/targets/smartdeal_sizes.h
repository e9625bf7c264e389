// Sizes of networks in SmartDeal form: what Tables II to VI have in common.
#pragma once

#include <string>
#include <vector>

#include "reproduce/targets/rows.h"

namespace rebasis::reproduce {

/// Parts of a compressed network, bytes.
struct SmartDealSize {
  double total = 0, basis = 0, coefficients = 0, index = 0, tables = 0, dense = 0, bias = 0, original = 0;
  double zeros = 0;  ///< share of all coefficients, and of the weights of layers that are left alone
  double bits = 0;   ///< coded bits of a non-zero coefficient, if all weights were coefficients
};
[[nodiscard]] SmartDealSize size_of(const nlohmann::json& compressed);

/// SmartDeal with a share of the coefficient rows of every layer zero, theta and more keys of the pass:
/// ", reshape_columns: 6".
[[nodiscard]] Recipe row_sparse(double share, double theta = 0, const std::string& keys = "");
inline constexpr double published_theta = 4e-3;

/// A row of a published table of sizes, its network and sparsity (0..1).
struct SizedNetwork {
  std::string row, network;
  double sparsity = 0;
  Recipe recipe;
};
/// Rows of a published table that name their network and the shipped recipe that imposes their sparsity.
[[nodiscard]] SizedNetwork sized_network(const TableRow& row);
/// Dense size, size, rate, B, Ce and sparsity of each beside the published ones.
[[nodiscard]] std::vector<SmartDealSize> size_rows(const Table& published, Lab& lab, Outcome& outcome,
                                                   const std::vector<SizedNetwork>& networks);

/// Compression rate of `network` under other settings of the decomposition.
void size_sensitivity(Lab& lab, Outcome& outcome, const SizedNetwork& network);

}  // namespace rebasis::reproduce
