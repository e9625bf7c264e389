#include "report/study/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "dse/results/sensitivity.h"
#include "report/text_layout.h"
#include "report/units_text.h"

namespace rebasis::report {

namespace {

constexpr std::size_t width = 100;
constexpr std::size_t shown_reasons = 8;
constexpr std::size_t shown_front = 20;

/// As in every table of Rebasis: picojoules as joules, counts without a prefix only where they are small.
std::string value_text(const dse::Metric& metric, double value) {
  if (std::isnan(value)) return "-";
  if (metric.unit == "pJ") return with_prefix(value * 1e-12, "J");
  if (metric.unit == "pJ s") return with_prefix(value * 1e-12, "J s");
  if (metric.unit == "s" || metric.unit == "B") return with_prefix(value, metric.unit);
  return std::abs(value) >= 1000 ? grouped(value) : three_digits(value);
}

std::string setting_text(const dse::SettingColumn& column, std::size_t row) {
  return column.codes[row] == dse::no_value ? "-" : shortened(column.values[column.codes[row]].text, 24);
}

std::string heading(const dse::StudyResults& results) {
  const dse::Study& study = results.study;
  std::string out = fmt::format("study {} ({})\n", shortened(study.name, 60), shortened(results.store, 60));
  if (results.synthetic) out += "SYNTHETIC: weights or activations of its workloads are made up\n";
  if (!study.description.empty()) out += wrapped(study.description, width);
  std::string objectives;
  for (const dse::Objective& objective : study.objectives)
    objectives +=
        (objectives.empty() ? "" : ", ") + std::string(objective.maximise ? "most " : "least ") + objective.metric;
  out += "objectives: " + objectives + "\n";
  std::string conditions;
  for (const dse::Expression& constraint : study.constraints)
    conditions += (conditions.empty() ? "" : "; ") + constraint.text();
  for (const std::string& condition : results.where) conditions += (conditions.empty() ? "" : "; ") + condition;
  if (!conditions.empty()) out += wrapped("constraints: " + shortened(conditions, 400), width);
  if (!results.others.empty()) {
    out += "the store has other studies, which --study shows:";
    for (const std::string& other : results.others) out += " " + shortened(other, 60);
    out += "\n";
  }
  return out;
}

std::string statuses(const dse::StudyResults& results, const dse::Findings& findings) {
  std::string out = fmt::format("\n{} points", grouped(static_cast<double>(results.size())));
  for (const dse::PointStatus status : {dse::PointStatus::done, dse::PointStatus::infeasible, dse::PointStatus::failed,
                                        dse::PointStatus::running, dse::PointStatus::queued}) {
    if (const std::size_t count = results.count(status); count > 0)
      out += fmt::format("{} {} {}", status == dse::PointStatus::done ? ":" : ",", grouped(static_cast<double>(count)),
                         to_text(status));
  }
  const std::size_t admissible = results.admissible_rows().size();
  out += "\n";
  if (admissible < results.count(dse::PointStatus::done))
    out += fmt::format("{} of those done meet the constraints\n", grouped(static_cast<double>(admissible)));
  if (!findings.front.empty())
    out += fmt::format("{} on the Pareto front; hypervolume {} of the box from the best values to the reference\n",
                       grouped(static_cast<double>(findings.front.size())), percentage(findings.volume));
  return out;
}

/// The most frequent reasons of one status.
std::string reasons(const dse::StudyResults& results, dse::PointStatus status) {
  std::vector<std::size_t> counts(results.reasons.size(), 0);
  for (std::size_t row = 0; row < results.size(); ++row) {
    if (results.status[row] == status) ++counts[results.reason_codes[row]];
  }
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] > 0) order.push_back(i);
  }
  if (order.empty()) return "";
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return counts[a] > counts[b]; });
  std::string out = fmt::format("\nwhy points are {}\n", to_text(status));
  for (std::size_t i = 0; i < std::min(order.size(), shown_reasons); ++i) {
    const std::string& reason = results.reasons[order[i]];
    out += fmt::format("{:>8}  {}\n", counts[order[i]],
                       reason.empty() ? "no reason is stored" : shortened(reason, width - 10));
  }
  if (order.size() > shown_reasons)
    out += fmt::format("{:>8}  {} other reasons\n", "...", order.size() - shown_reasons);
  return out;
}

/// Settings that tell the points of the study apart.
std::vector<std::size_t> varying(const dse::StudyResults& results) {
  std::vector<std::size_t> columns;
  for (std::size_t i = 0; i < results.settings.size(); ++i) {
    if (results.settings[i].dimension && results.settings[i].values.size() > 1) columns.push_back(i);
  }
  return columns;
}

std::string point_table(const dse::StudyResults& results, const std::vector<std::size_t>& rows) {
  const std::vector<std::size_t> columns = varying(results);
  std::vector<Row> table{{"id"}};
  for (const std::size_t metric : results.objectives) table[0].push_back(results.metrics[metric].metric.name);
  for (const std::size_t column : columns) table[0].push_back(shortened(results.settings[column].name, 24));
  for (const std::size_t row : rows) {
    Row& line = table.emplace_back(Row{std::to_string(results.ids[row])});
    for (const std::size_t metric : results.objectives)
      line.push_back(value_text(results.metrics[metric].metric, results.metrics[metric].values[row]));
    for (const std::size_t column : columns) line.push_back(setting_text(results.settings[column], row));
  }
  return aligned(table, 0);
}

std::string front_table(const dse::StudyResults& results, const dse::Findings& findings) {
  if (findings.front.empty()) return "\nno point is done and meets the constraints: there is no front\n";
  std::vector<std::size_t> rows = findings.front;
  const std::vector<double>& first = results.metrics[results.objectives.front()].values;
  std::stable_sort(rows.begin(), rows.end(), [&](std::size_t a, std::size_t b) { return first[a] < first[b]; });
  std::vector<std::size_t> shown;  // spread over the front when it is long
  const std::size_t count = std::min(rows.size(), shown_front);
  for (std::size_t i = 0; i < count; ++i) shown.push_back(rows[count == 1 ? 0 : i * (rows.size() - 1) / (count - 1)]);
  const std::string note =
      rows.size() > count ? fmt::format(", {} of {}; --csv has all", count, rows.size()) : std::string();
  return fmt::format("\nPareto front{}\n{}", note, point_table(results, shown));
}

std::string sensitivity_table(const dse::StudyResults& results) {
  std::string out;
  const auto share = [](const std::optional<double>& value) { return value ? percentage(*value) : std::string("-"); };
  for (const std::size_t metric : results.objectives) {
    const dse::Sensitivity found = dse::sensitivity(results, metric);
    if (found.method == dse::VarianceMethod::none) continue;
    std::vector<Row> table{{"dimension", "first order", "total", "one at a time"}};
    for (const dse::Effect& effect : found.effects)
      table.push_back(
          {shortened(effect.name, 40), share(effect.first_order), share(effect.total), share(effect.one_at_a_time)});
    out += fmt::format("\nwhat moves {} ({})\n{}", found.metric,
                       found.method == dse::VarianceMethod::grid ? "a full grid: exact shares of the variance"
                                                                 : "a sample: first-order shares are estimates",
                       aligned(table));
  }
  return out;
}

}  // namespace

std::string study_summary(const dse::StudyResults& results, const dse::Findings& findings) {
  return heading(results) + statuses(results, findings) + reasons(results, dse::PointStatus::infeasible) +
         reasons(results, dse::PointStatus::failed) + front_table(results, findings) + sensitivity_table(results);
}

std::string best_points(const dse::StudyResults& results, const dse::Findings& findings) {
  std::string out;
  for (std::size_t k = 0; k < results.objectives.size(); ++k) {
    const dse::Objective& objective = results.study.objectives[k];
    if (!findings.best[k]) fail_input({results.store}, "has no point that is done and meets the constraints");
    const std::size_t row = *findings.best[k];
    out += fmt::format("{}{} {}: point {}\n", out.empty() ? "" : "\n", objective.maximise ? "most" : "least",
                       objective.metric, results.ids[row]);
    std::vector<Row> table;
    for (const dse::MetricColumn& column : results.metrics)
      table.push_back({"  " + column.metric.name, value_text(column.metric, column.values[row])});
    for (const dse::SettingColumn& column : results.settings)
      table.push_back({"  " + shortened(column.name, 40), setting_text(column, row)});
    out += aligned(table) + fmt::format("  rebasis sweep --point {} {}\n", results.ids[row], results.store);
  }
  return out;
}

std::string study_comparison(const dse::StudyResults& a, const dse::StudyResults& b) {
  const dse::StudyComparison found = dse::compare(a, b);
  const auto line = [](const dse::StudyResults& of, std::size_t kept, double volume, double covers) {
    return Row{shortened(of.study.name + " (" + of.store + ")", 50),
               grouped(static_cast<double>(of.count(dse::PointStatus::done))), grouped(static_cast<double>(kept)),
               percentage(volume), percentage(covers)};
  };
  std::string out = "\nbeside each other\n";
  out += aligned({{"", "points done", "on the joint front", "hypervolume", "covers the other"},
                  line(a, found.from_a, found.volume_a, found.a_covers_b),
                  line(b, found.from_b, found.volume_b, found.b_covers_a)});
  if (found.volume_b > 0)
    out += fmt::format("hypervolume of the first / second: {}\n", three_digits(found.volume_a / found.volume_b));
  return out;
}

}  // namespace rebasis::report
