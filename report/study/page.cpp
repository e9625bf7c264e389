#include "report/study/page.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "dse/results/sensitivity.h"
#include "report/html_page.h"
#include "report/study/breakdowns.h"
#include "report/study/columns.h"

namespace rebasis::report {

namespace {

using nlohmann::json;

std::string text_of(const json& data) { return data.dump(-1, ' ', false, json::error_handler_t::replace); }

json study_facts(const dse::StudyResults& results) {
  const dse::Study& study = results.study;
  json objectives = json::array(), constraints = json::array(), workloads = json::array();
  for (std::size_t k = 0; k < study.objectives.size(); ++k)
    objectives.push_back({{"metric", results.objectives[k]}, {"maximise", study.objectives[k].maximise}});
  for (const dse::Expression& constraint : study.constraints) constraints.push_back(constraint.text());
  for (const dse::Workload& workload : study.workloads) workloads.push_back(workload.name);
  return {{"name", study.name},       {"description", study.description},
          {"store", results.store},   {"accelerator", study.accelerator},
          {"recipe", study.recipe},   {"strategy", study.strategy.name},
          {"seed", study.seed},       {"set", study.set},
          {"workloads", workloads},   {"aggregate", study.aggregate},
          {"objectives", objectives}, {"constraints", constraints},
          {"where", results.where},   {"synthetic", results.synthetic}};
}

json settings_of(const dse::StudyResults& results) {
  json columns = json::array();
  for (const dse::SettingColumn& column : results.settings) {
    json texts = json::array(), numbers = json::array();
    for (const dse::Value& value : column.values) {
      texts.push_back(value.text);
      if (column.numeric) numbers.push_back(*value.number);
    }
    columns.push_back({{"name", column.name},
                       {"dimension", column.dimension},
                       {"values", texts},
                       {"numbers", numbers},
                       {"codes", coded_column(column.codes)}});
  }
  return columns;
}

json metrics_of(const dse::StudyResults& results) {
  json columns = json::array();
  for (const dse::MetricColumn& column : results.metrics)
    columns.push_back({{"name", column.metric.name},
                       {"unit", column.metric.unit},
                       {"description", column.metric.description},
                       {"better_high", column.metric.better_high},
                       {"column", number_column(column.values)}});
  return columns;
}

json points_of(const dse::StudyResults& results) {
  std::vector<std::uint32_t> status, admissible;
  std::vector<double> ids;
  for (std::size_t row = 0; row < results.size(); ++row) {
    status.push_back(static_cast<std::uint32_t>(results.status[row]));
    admissible.push_back(results.admissible[row] != 0 ? 1U : 0U);
    ids.push_back(static_cast<double>(results.ids[row]));
  }
  return {{"count", results.size()},
          {"ids", number_column(ids)},
          {"status", coded_column(status)},
          {"admissible", coded_column(admissible)},
          {"reasons", results.reasons},
          {"reason", coded_column(results.reason_codes)},
          {"seconds", number_column(results.seconds)}};
}

json sensitivities(const dse::StudyResults& results) {
  json list = json::array();
  const auto part = [](const std::optional<double>& value) { return value ? json(*value) : json(); };
  for (const std::size_t metric : results.objectives) {
    const dse::Sensitivity found = dse::sensitivity(results, metric);
    json effects = json::array();
    for (const dse::Effect& effect : found.effects)
      effects.push_back({{"name", effect.name},
                         {"first", part(effect.first_order)},
                         {"total", part(effect.total)},
                         {"alone", part(effect.one_at_a_time)},
                         {"groups", effect.groups}});
    list.push_back({{"metric", metric},
                    {"method", to_text(found.method)},
                    {"points", found.points},
                    {"effects", std::move(effects)}});
  }
  return list;
}

json history_of(const std::vector<dse::Progress>& history) {
  json list = json::array();
  for (const dse::Progress& step : history) list.push_back({step.evaluations, step.volume});
  return list;
}

/// The other study's front, as values of this study's objectives.
json comparison_of(const dse::StudyResults& results, const dse::StudyResults& other) {
  const dse::StudyComparison found = dse::compare(results, other);
  const dse::Findings theirs = dse::find(other);
  json front = json::array();
  for (const std::size_t row : theirs.front) {
    json values = json::array();
    for (const std::size_t metric : other.objectives) values.push_back(other.metrics[metric].values[row]);
    front.push_back({{"id", other.ids[row]}, {"values", std::move(values)}});
  }
  return {{"name", other.study.name},
          {"store", other.store},
          {"synthetic", other.synthetic},
          {"front", std::move(front)},
          {"history", history_of(theirs.history)},
          {"volumes", {found.volume_a, found.volume_b}},
          {"covers", {found.a_covers_b, found.b_covers_a}},
          {"together", {found.together, found.from_a, found.from_b}}};
}

}  // namespace

std::string study_page(const dse::StudyResults& results, const dse::Findings& findings,
                       const dse::StudyResults* other) {
  json best = json::array();
  for (const auto& row : findings.best) best.push_back(row ? json(*row) : json());
  json data{{"study", study_facts(results)},
            {"settings", settings_of(results)},
            {"metrics", metrics_of(results)},
            {"points", points_of(results)},
            {"front", findings.front},
            {"best", std::move(best)},
            {"volume",
             {{"value", findings.volume},
              {"reference", findings.box.reference},
              {"ideal", findings.box.ideal},
              {"history", history_of(findings.history)}}},
            {"sensitivity", sensitivities(results)},
            // A text in the text: the page parses it when a point is chosen, not before it draws.
            {"breakdowns", text_of(breakdowns(results, findings.front))}};
  if (other != nullptr) data["compare"] = comparison_of(results, *other);
  return html_page("Rebasis: study " + results.study.name + (results.synthetic ? " (SYNTHETIC)" : ""), "study",
                   text_of(data), study_script);
}

}  // namespace rebasis::report
