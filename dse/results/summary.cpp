#include "dse/results/summary.h"

#include <algorithm>

#include "dse/results/front.h"

namespace rebasis::dse {

namespace {

using Points = std::vector<std::vector<double>>;

Points picked(const Points& points, const std::vector<std::size_t>& indices) {
  Points out;
  for (const std::size_t i : indices) out.push_back(points[i]);
  return out;
}

Points front_costs(const StudyResults& results) {
  const Points costs = results.costs(results.admissible_rows());
  return picked(costs, pareto_front(costs));
}

/// Points that are done count as evaluations; those that break a constraint add nothing.
std::vector<Progress> history_of(const StudyResults& results, const Box& box) {
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row < results.size(); ++row) {
    if (results.status[row] == PointStatus::done) rows.push_back(row);
  }
  Points points = results.costs(rows);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (results.admissible[rows[i]] == 0) points[i] = box.reference;
  }
  return hypervolume_history(points, box);
}

std::string text_of(const Study& study) {
  std::string text;
  for (const Objective& objective : study.objectives)
    text += (text.empty() ? "" : ", ") + std::string(objective.maximise ? "maximise " : "minimise ") + objective.metric;
  return text;
}

double covered(const Points& by, const Points& points) {
  if (points.empty()) return 0;
  const auto count = std::count_if(points.begin(), points.end(), [&](const auto& point) {
    return std::any_of(by.begin(), by.end(),
                       [&](const auto& other) { return other == point || dominates(other, point); });
  });
  return static_cast<double>(count) / static_cast<double>(points.size());
}

}  // namespace

Findings find(const StudyResults& results) {
  Findings findings;
  const std::vector<std::size_t> rows = results.admissible_rows();
  const Points costs = results.costs(rows);
  const std::vector<std::size_t> front = pareto_front(costs);
  for (const std::size_t i : front) findings.front.push_back(rows[i]);
  const Points points = picked(costs, front);
  findings.best.resize(results.objectives.size());
  if (points.empty()) return findings;
  findings.box = box_of(points);
  findings.volume = hypervolume(points, findings.box);
  findings.history = history_of(results, findings.box);
  for (std::size_t k = 0; k < results.objectives.size(); ++k) {
    const auto least =
        std::min_element(points.begin(), points.end(), [&](const auto& a, const auto& b) { return a[k] < b[k]; });
    findings.best[k] = findings.front[static_cast<std::size_t>(least - points.begin())];
  }
  return findings;
}

StudyComparison compare(const StudyResults& a, const StudyResults& b) {
  if (text_of(a.study) != text_of(b.study))
    fail_input({b.store}, "has the objectives " + text_of(b.study) + ", and " + a.store + " has " + text_of(a.study) +
                              "; only studies with the same objectives, in the same order, compare");
  const Points front_a = front_costs(a), front_b = front_costs(b);
  Points all = front_a;
  all.insert(all.end(), front_b.begin(), front_b.end());
  StudyComparison comparison;
  comparison.a_covers_b = covered(front_a, front_b);
  comparison.b_covers_a = covered(front_b, front_a);
  const std::vector<std::size_t> front = pareto_front(all);
  comparison.together = front.size();
  comparison.from_a = static_cast<std::size_t>(
      std::count_if(front.begin(), front.end(), [&](std::size_t i) { return i < front_a.size(); }));
  comparison.from_b = front.size() - comparison.from_a;
  if (front.empty()) return comparison;
  comparison.box = box_of(picked(all, front));
  comparison.volume_a = hypervolume(front_a, comparison.box);
  comparison.volume_b = hypervolume(front_b, comparison.box);
  return comparison;
}

}  // namespace rebasis::dse
