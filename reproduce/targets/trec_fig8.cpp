#include <fmt/format.h>

#include <map>

#include "reproduce/bar_chart.h"
#include "reproduce/targets/rows.h"

namespace rebasis::reproduce {
namespace {

/// A measured row "NETWORK, batch N".
struct Point {
  std::string network, batch;
  double learned = 0, random = 0;
};

std::vector<Point> points_of(const Table& ours) {
  std::vector<Point> points;
  for (const TableRow& row : ours.rows) {
    const auto place = row.name.find(", batch ");
    if (place == std::string::npos) continue;
    const auto learned = row.values.find("ratio");
    const double random = row.values.at("random");
    points.push_back({row.name.substr(0, place), row.name.substr(place + 8),
                      learned == row.values.end() ? random : learned->second, random});
  }
  return points;
}

BarChart chart(const std::vector<Point>& points) {
  BarChart chart;
  chart.title = "Redundancy against the batch size";
  chart.axis = "mean r_t of the layers, random vectors";
  chart.below = "Fashion-MNIST, networks trained on it; images that share buckets";
  std::map<std::string, std::size_t> series;
  for (const Point& point : points) {
    const auto [found, added] = series.emplace(point.network, series.size());
    if (added) {
      chart.series.push_back(point.network);
      chart.values.emplace_back();
    }
    if (found->second == 0) chart.groups.push_back(point.batch);
    chart.values[found->second].emplace_back(point.random);
  }
  return chart;
}

void compute(const Table& published, Lab& /*lab*/, Outcome& outcome) {
  const Table ours = measured_table("trec");
  outcome.made_by = made_by(ours);
  outcome.assumption = "the network and its images; the figure's are not stated in the appendix";
  const std::vector<Point> points = points_of(ours);
  bool grows = !points.empty();
  std::map<std::string, Point> last;
  double least = 1;
  for (const Point& point : points) {
    outcome.rows.push_back(measured(point.network + ", " + point.batch + " images", "mean r_t, random vectors", "",
                                    point.random, std::nullopt));
    if (point.learned != point.random)
      outcome.rows.push_back(measured(point.network + ", " + point.batch + " images", "mean r_t, learned vectors", "",
                                      point.learned, std::nullopt));
    if (const auto before = last.find(point.network); before != last.end()) {
      grows = grows && point.random > before->second.random && point.learned >= before->second.learned;
      least = std::min(least, point.random - before->second.random);
    }
    last[point.network] = point;
  }
  outcome.verdicts.push_back({published.claim("grows"), grows ? Holds::yes : Holds::no,
                              fmt::format("r_t grows from each batch size to the next in every network, by {:.4f} at "
                                          "least",
                                          least)});
  const BarChart bars = chart(points);
  outcome.figures.push_back({"trec-fig8.svg", bars.title, to_svg(bars)});
}

const TargetRegistration registration({"trec-fig8", 210, compute});

}  // namespace
}  // namespace rebasis::reproduce
