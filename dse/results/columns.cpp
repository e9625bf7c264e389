#include "dse/results/columns.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <unordered_map>

#include "dse/results/scan.h"

namespace rebasis::dse {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};
using Codes = std::unordered_map<std::string, std::uint32_t, TextHash, std::equal_to<>>;

std::uint32_t code_of(Codes& codes, std::string_view text) {
  const auto known = codes.find(text);
  if (known != codes.end()) return known->second;
  return codes.emplace(text, static_cast<std::uint32_t>(codes.size())).first->second;
}

std::vector<std::string> texts_of(const Codes& codes) {
  std::vector<std::string> texts(codes.size());
  for (const auto& [text, code] : codes) texts[code] = text;
  return texts;
}

/// Fills the columns row by row.
class Columns {
 public:
  explicit Columns(StudyResults& results) : results_(results) { (void)code_of(reasons_, ""); }

  void add(const ScannedPoint& point) {
    results_.ids.push_back(point.id);
    results_.status.push_back(point.status);
    results_.reason_codes.push_back(code_of(reasons_, point.reason));
    results_.attempts.push_back(point.attempts);
    results_.seconds.push_back(point.seconds);
    for (SettingColumn& column : results_.settings) column.codes.push_back(no_value);
    for (MetricColumn& column : results_.metrics) column.values.push_back(nan);
    read_texts(point.settings, results_.store, [&](std::string_view name, std::string_view value) {
      const std::size_t column = setting(name);
      results_.settings[column].codes.back() = code_of(values_[column], value);
    });
    read_numbers(point.metrics, results_.store,
                 [&](std::string_view name, double value) { results_.metrics[metric(name)].values.back() = value; });
  }

  void finish() {
    results_.reasons = texts_of(reasons_);
    for (std::size_t i = 0; i < values_.size(); ++i) {
      for (const std::string& text : texts_of(values_[i])) results_.settings[i].values.push_back(value_of(text));
    }
  }

 private:
  /// The column of that name; a new one has no value in any row.
  std::size_t setting(std::string_view name) {
    const std::size_t column = code_of(setting_names_, name);
    if (column == values_.size()) {
      results_.settings.push_back({std::string(name), false, false, {}, std::vector(results_.size(), no_value)});
      values_.emplace_back();
    }
    return column;
  }
  std::size_t metric(std::string_view name) {
    const std::size_t column = code_of(metric_names_, name);
    if (column == results_.metrics.size())
      results_.metrics.push_back({{std::string(name), "", "", false}, std::vector(results_.size(), nan)});
    return column;
  }

  StudyResults& results_;
  Codes reasons_, setting_names_, metric_names_;
  std::vector<Codes> values_;
};

/// Puts the values into their order and says so in the codes.
void order_values(SettingColumn& column, const Dimension* dimension) {
  column.numeric = std::all_of(column.values.begin(), column.values.end(),
                               [](const Value& value) { return value.number.has_value(); });
  const auto listed = [&](const Value& value) {
    if (dimension == nullptr) return std::size_t{0};
    const auto place = std::find(dimension->values.begin(), dimension->values.end(), value);
    return static_cast<std::size_t>(place - dimension->values.begin());
  };
  std::vector<double> rank;
  for (const Value& value : column.values)
    rank.push_back(column.numeric ? *value.number : static_cast<double>(listed(value)));
  std::vector<std::uint32_t> order(column.values.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return rank[a] != rank[b] ? rank[a] < rank[b] : column.values[a].text < column.values[b].text;
  });
  std::vector<std::uint32_t> place(order.size());
  std::vector<Value> values;
  for (std::uint32_t i = 0; i < order.size(); ++i) {
    place[order[i]] = i;
    values.push_back(column.values[order[i]]);
  }
  column.values = std::move(values);
  for (std::uint32_t& code : column.codes) {
    if (code != no_value) code = place[code];
  }
}

void order_settings(StudyResults& results) {
  const std::vector<Dimension>& dimensions = results.study.space.dimensions;
  const auto place = [&](const SettingColumn& column) {
    return std::find_if(dimensions.begin(), dimensions.end(),
                        [&](const Dimension& d) { return d.name == column.name; });
  };
  for (SettingColumn& column : results.settings) {
    const auto dimension = place(column);
    column.dimension = dimension != dimensions.end();
    order_values(column, column.dimension ? &*dimension : nullptr);
  }
  std::sort(results.settings.begin(), results.settings.end(), [&](const SettingColumn& a, const SettingColumn& b) {
    return place(a) != place(b) ? place(a) < place(b) : a.name < b.name;
  });
}

/// What is known of the metrics, and their order. "synthetic" is no metric but a mark.
void order_metrics(StudyResults& results) {
  const std::vector<Metric>& known = metrics();
  const auto place = [&](const MetricColumn& column) {
    return std::find_if(known.begin(), known.end(), [&](const Metric& m) { return m.name == column.metric.name; });
  };
  for (MetricColumn& column : results.metrics) {
    if (place(column) != known.end()) column.metric = *place(column);
    if (column.metric.name == "synthetic")
      results.synthetic = std::any_of(column.values.begin(), column.values.end(), [](double v) { return v > 0; });
  }
  std::erase_if(results.metrics, [](const MetricColumn& column) { return column.metric.name == "synthetic"; });
  std::sort(results.metrics.begin(), results.metrics.end(), [&](const MetricColumn& a, const MetricColumn& b) {
    return place(a) != place(b) ? place(a) < place(b) : a.metric.name < b.metric.name;
  });
  for (const Objective& objective : results.study.objectives) {
    auto column = std::find_if(results.metrics.begin(), results.metrics.end(),
                               [&](const MetricColumn& m) { return m.metric.name == objective.metric; });
    if (column == results.metrics.end()) {  // no point is done yet
      const auto metric =
          std::find_if(known.begin(), known.end(), [&](const Metric& m) { return m.name == objective.metric; });
      results.metrics.push_back({*metric, std::vector(results.size(), nan)});
      column = results.metrics.end() - 1;
    }
    results.objectives.push_back(static_cast<std::size_t>(column - results.metrics.begin()));
  }
}

}  // namespace

void read_columns(StudyResults& results) {
  Columns columns(results);
  scan_points(results.store, results.study_id, [&](const ScannedPoint& point) { columns.add(point); });
  columns.finish();
  order_settings(results);
  order_metrics(results);
}

}  // namespace rebasis::dse
