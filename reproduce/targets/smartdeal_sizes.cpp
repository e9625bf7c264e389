#include "reproduce/targets/smartdeal_sizes.h"

#include <fmt/format.h>

namespace rebasis::reproduce {
namespace {

/// MLP-1's sizes are in units of 2^20 bytes, all others of 10^6.
double unit_of(const Table& published, const SizedNetwork& network) {
  const TableRow* const row = published.find(network.row);
  return row != nullptr && row->texts.contains("megabyte") && row->texts.at("megabyte") == "mebi" ? mebibyte : megabyte;
}

void add_rows(const Table& published, Outcome& outcome, const SizedNetwork& network, const SmartDealSize& size,
              double parameters) {
  const double unit = unit_of(published, network);
  const auto value = [&](const char* column) { return published.value(network.row, column); };
  const std::string& name = network.row;
  outcome.rows.push_back(counted(name, "dense size", "MB", 4 * parameters / unit, value("dense")));
  outcome.rows.push_back(synthetic(name, "size", "MB", size.total / unit, value("size")));
  outcome.rows.push_back(synthetic(name, "compression rate", "x", size.original / size.total, value("rate")));
  outcome.rows.push_back(synthetic(name, "B", "MB", size.basis / unit, value("basis")));
  outcome.rows.push_back(synthetic(name, "Ce, coded non-zeros", "MB", size.coefficients / unit, value("coefficients")));
  outcome.rows.push_back(synthetic(name, "index of zeros", "MB", size.index / unit, std::nullopt));
  outcome.rows.push_back(
      synthetic(name, "sparsity", "%", 100 * size.zeros, value("sparsity") ? value("sparsity") : std::nullopt));
}

}  // namespace

SmartDealSize size_of(const nlohmann::json& compressed) {
  const nlohmann::json& bytes = compressed.at("bytes");
  const auto part = [&](const char* name) { return bytes.at(name).get<double>(); };
  SmartDealSize size{part("total"), part("basis"),  part("coefficients"),
                     part("index"), part("tables"), part("dense"),
                     part("bias"),  part("fp32"),   compressed.at("sparsity").get<double>()};
  const double nonzeros = size.original / 4 * (1 - size.zeros);
  size.bits = nonzeros > 0 ? 8 * size.coefficients / nonzeros : 0;
  return size;
}

Recipe row_sparse(double share, double theta, const std::string& keys) {
  return {"smartdeal", fmt::format("description: SmartDeal with {:.4g} % of each layer's coefficient rows zero\n"
                                   "passes:\n  - smartdeal: {{threshold: {:g}, vector_ratio: {:.6g}{}}}\n",
                                   100 * share, theta, share, keys)};
}

SizedNetwork sized_network(const TableRow& row) {
  return {row.name, row.texts.at("network"), row.values.at("sparsity") / 100, {row.texts.at("recipe")}};
}

std::vector<SmartDealSize> size_rows(const Table& published, Lab& lab, Outcome& outcome,
                                     const std::vector<SizedNetwork>& networks) {
  std::vector<TraceSpec> specs;
  for (const SizedNetwork& network : networks) specs.push_back({network.network, network.recipe, true});
  const std::vector<nlohmann::json> compressed = lab.compress(specs);
  std::vector<SmartDealSize> sizes;
  for (std::size_t i = 0; i < networks.size(); ++i) {
    sizes.push_back(size_of(compressed[i]));
    add_rows(published, outcome, networks[i], sizes.back(), counts_of(lab, networks[i].network).parameters);
  }
  return sizes;
}

void size_sensitivity(Lab& lab, Outcome& outcome, const SizedNetwork& network) {
  struct Setting {
    const char *assumption, *setting, *keys;
    double theta = published_theta;
  };
  const double theta = network.sparsity > 0 ? published_theta : 0;
  const std::vector<Setting> settings{
      {"where zero rows are", "the same share in every filter, not in every layer", ", vector_scope: filter", theta},
      {"columns of 1x1 and fully connected layers", "2", ", reshape_columns: 2", theta},
      {"columns of 1x1 and fully connected layers", "6", ", reshape_columns: 6", theta},
      {"rows of a slice at most", "96", ", max_slice_rows: 96", theta},
      {"rows of a slice at most", "384", ", max_slice_rows: 384", theta},
      {"powers of two", "4, not 8", ", max_exponents: 4", theta},
      {"small coefficients", "zero below 0.02 (theta), besides the rows", "", 0.02},
      {"layers that 8-bit weights make smaller", "in SmartDeal form all the same", ", leave_if_larger: false", theta}};
  std::vector<TraceSpec> specs{{network.network, network.recipe, true}};
  for (const Setting& one : settings)
    specs.push_back({network.network, row_sparse(network.sparsity, one.theta, one.keys), true});
  const std::vector<nlohmann::json> compressed = lab.compress(specs);
  const SmartDealSize usual = size_of(compressed.at(0));
  for (std::size_t i = 0; i < settings.size(); ++i) {
    const SmartDealSize size = size_of(compressed[i + 1]);
    outcome.sensitivity.push_back({settings[i].assumption, settings[i].setting, "compression rate, " + network.row, "x",
                                   size.original / size.total, usual.original / usual.total});
  }
}

}  // namespace rebasis::reproduce
