#include "workloads/compress/smartdeal/evolution.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "common/error.h"
#include "common/file.h"

namespace rebasis::compress::smartdeal {

void FilterHistory::start(std::span<const float> weights, std::size_t elements, std::size_t slices) {
  elements_ = elements;
  slices_ = slices;
  squared_norm_ = 0;
  std::uint64_t non_zeros = 0;
  for (const float weight : weights) {
    squared_norm_ += static_cast<double>(weight) * static_cast<double>(weight);
    non_zeros += weight != 0.0F ? 1 : 0;
  }
  points_.assign(1, Point{0.0, elements - non_zeros, 0.0});
}

Evolution combine(const std::string& layer, std::span<const FilterHistory> filters) {
  Evolution evolution{layer, {}, {}, {}};
  std::size_t points = 0;
  double norm = 0, elements = 0, slices = 0;
  for (const FilterHistory& filter : filters) {
    points = std::max(points, filter.points().size());
    norm += filter.squared_norm();
    elements += static_cast<double>(filter.elements());
    slices += static_cast<double>(filter.slices());
  }
  for (std::size_t k = 0; k < points; ++k) {
    double error = 0, zeros = 0, distance = 0;
    for (const FilterHistory& filter : filters) {
      const FilterHistory::Point& point = filter.points()[std::min(k, filter.points().size() - 1)];
      error += point.squared_error;
      zeros += static_cast<double>(point.zeros);
      distance += point.distance;
    }
    evolution.error.push_back(norm > 0 ? std::sqrt(error / norm) : 0.0);
    evolution.sparsity.push_back(zeros / elements);
    evolution.distance.push_back(distance / slices);
  }
  return evolution;
}

std::string to_csv(std::span<const Evolution> layers) {
  std::string text = "layer,iteration,error,sparsity,basis_distance\n";
  for (const Evolution& layer : layers) {
    for (std::size_t k = 0; k < layer.error.size(); ++k) {
      text += fmt::format("\"{}\",{},{:.9g},{:.9g},{:.9g}\n", layer.layer, k, layer.error[k], layer.sparsity[k],
                          layer.distance[k]);
    }
  }
  return text;
}

std::string to_json(std::span<const Evolution> layers) {
  nlohmann::json list = nlohmann::json::array();
  for (const Evolution& layer : layers) {
    list.push_back({{"layer", layer.layer},
                    {"error", layer.error},
                    {"sparsity", layer.sparsity},
                    {"basis_distance", layer.distance}});
  }
  return nlohmann::json{{"schema", 1}, {"layers", list}}.dump(1) + "\n";
}

void check_evolution_path(const std::string& path) {
  const std::string ending = std::filesystem::path(path).extension().string();
  if (ending != ".csv" && ending != ".json" && ending != ".svg") {
    fail_input(path + ": the evolution is written as .csv, .json or .svg; choose one of these endings");
  }
}

void write_evolution(const std::string& path, std::span<const Evolution> layers) {
  check_evolution_path(path);
  const std::string ending = std::filesystem::path(path).extension().string();
  write_file(path, ending == ".csv" ? to_csv(layers) : ending == ".json" ? to_json(layers) : to_svg(layers));
}

}  // namespace rebasis::compress::smartdeal
