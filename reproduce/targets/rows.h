// What targets have in common: making rows, reading counts of networks.
#pragma once

#include <string>
#include <vector>

#include "reproduce/target.h"

namespace rebasis::reproduce {

inline constexpr double megabyte = 1e6;
inline constexpr double mebibyte = 1024.0 * 1024.0;

/// A number that follows from counts alone.
[[nodiscard]] Row counted(std::string name, std::string quantity, std::string unit, double ours,
                          std::optional<double> published);
/// A number of synthetic weights; with `simulated` of synthetic activations, too.
[[nodiscard]] Row synthetic(std::string name, std::string quantity, std::string unit, std::optional<double> ours,
                            std::optional<double> published, bool simulated = false);
/// A number that an earlier training gave.
[[nodiscard]] Row measured(std::string name, std::string quantity, std::string unit, std::optional<double> ours,
                           std::optional<double> published);
[[nodiscard]] Row missing(std::string name, std::string quantity, std::string unit, std::optional<double> published,
                          std::string reason);

/// "source: command; date; how it was measured"
[[nodiscard]] std::string made_by(const Table& measured);

/// Of one layer of `rebasis networks show --json`.
struct LayerCounts {
  std::string name, op;
  double filters = 0, weights = 0, macs = 0, inputs = 0, outputs = 0;  ///< inputs, outputs: activations of an image
  std::string shape;                                                   ///< "64x3x7x7"
};
struct NetworkCounts {
  double parameters = 0, macs = 0;
  std::vector<LayerCounts> layers;
};
[[nodiscard]] NetworkCounts counts_of(Lab& lab, const std::string& network);

/// "1.23"
[[nodiscard]] std::string fixed(double value, int digits = 2);

}  // namespace rebasis::reproduce
