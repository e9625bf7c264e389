// How a decomposition develops over the iterations (paper appendix A, figure 11).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace rebasis::compress::smartdeal {

/// Sums over the slices of one filter at the start and after each fit of B.
class FilterHistory {
 public:
  struct Point {
    double squared_error = 0;  ///< ||W - Ce B||_F^2
    std::uint64_t zeros = 0;   ///< in the quantised Ce
    double distance = 0;  ///< sum over slices of ||B' - I||_F; B' is B, with rows of unit norm when step 1 normalises
  };
  /// Point 0: Ce = W, B = I. `elements` of Ce, padding included.
  void start(std::span<const float> weights, std::size_t elements, std::size_t slices);
  void add(double squared_error, std::uint64_t zeros, double distance) {
    points_.push_back({squared_error, zeros, distance});
  }

  [[nodiscard]] const std::vector<Point>& points() const { return points_; }
  [[nodiscard]] std::size_t elements() const { return elements_; }
  [[nodiscard]] std::size_t slices() const { return slices_; }
  [[nodiscard]] double squared_norm() const { return squared_norm_; }

 private:
  std::vector<Point> points_;
  std::size_t elements_ = 0, slices_ = 0;
  double squared_norm_ = 0;
};

/// The three curves of figure 11 for one layer.
struct Evolution {
  std::string layer;
  std::vector<double> error;     ///< ||W - Ce B||_F / ||W||_F over the layer
  std::vector<double> sparsity;  ///< zeros in Ce over its elements
  std::vector<double> distance;  ///< mean over slices of ||B' - I||_F
};

/// Adds up the filters of a layer; one that stopped early keeps its last point.
[[nodiscard]] Evolution combine(const std::string& layer, std::span<const FilterHistory> filters);

/// Columns layer, iteration, error, sparsity, basis_distance.
[[nodiscard]] std::string to_csv(std::span<const Evolution> layers);
/// {"schema": 1, "layers": [{"layer", "error": [...], "sparsity": [...], "basis_distance": [...]}]}.
[[nodiscard]] std::string to_json(std::span<const Evolution> layers);
/// Three panels over the iterations, a thin line a layer and a thick one for their mean.
[[nodiscard]] std::string to_svg(std::span<const Evolution> layers);

/// Writes `path` in the format of its ending: .csv, .json or .svg. Another ending is refused before any work is done
/// when check_evolution_path is called first.
void write_evolution(const std::string& path, std::span<const Evolution> layers);
void check_evolution_path(const std::string& path);

}  // namespace rebasis::compress::smartdeal
