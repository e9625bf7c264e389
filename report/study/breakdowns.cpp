#include "report/study/breakdowns.h"

#include <map>
#include <set>

namespace rebasis::report {

namespace {

using nlohmann::json;

constexpr std::size_t most_points = 2'000;
constexpr std::size_t most_layers = 40'000;

/// Names in the order of their first use.
class Names {
 public:
  std::size_t index(const std::string& name) {
    const auto [place, added] = index_.emplace(name, names_.size());
    if (added) names_.push_back(name);
    return place->second;
  }
  [[nodiscard]] const std::vector<std::string>& all() const { return names_; }

 private:
  std::map<std::string, std::size_t> index_;
  std::vector<std::string> names_;
};

std::vector<std::size_t> chosen_rows(const dse::StudyResults& results, const std::vector<std::size_t>& first) {
  std::vector<std::size_t> rows(first.begin(),
                                first.begin() + static_cast<std::ptrdiff_t>(std::min(first.size(), most_points)));
  const std::set<std::size_t> taken(rows.begin(), rows.end());
  for (std::size_t row = 0; row < results.size() && rows.size() < most_points; ++row) {
    if (results.status[row] == dse::PointStatus::done && !taken.contains(row)) rows.push_back(row);
  }
  return rows;
}

}  // namespace

json breakdowns(const dse::StudyResults& results, const std::vector<std::size_t>& first) {
  const dse::Store store(results.store, dse::Store::Mode::read);
  Names components, workloads, layers;
  json points = json::object();
  std::size_t layer_count = 0;
  for (const std::size_t row : chosen_rows(results, first)) {
    if (layer_count > most_layers) break;
    json energy = json::array(), rows = json::array();
    if (const auto point = store.find(results.ids[row])) {
      for (const auto& [component, picojoules] : point->energy)
        energy.push_back({components.index(component), picojoules});
    }
    for (const dse::LayerRow& layer : store.layers(results.ids[row]))
      rows.push_back(
          {workloads.index(layer.workload), layers.index(layer.name), layer.cycles, layer.energy_pj, layer.dram_bytes});
    layer_count += rows.size();
    if (!energy.empty() || !rows.empty())
      points[std::to_string(row)] = {{"energy", std::move(energy)}, {"layers", std::move(rows)}};
  }
  return {{"components", components.all()},
          {"workloads", workloads.all()},
          {"layers", layers.all()},
          {"points", std::move(points)}};
}

}  // namespace rebasis::report
