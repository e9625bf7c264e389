#include "dse/results/results.h"

#include <algorithm>
#include <cmath>

#include "common/text/suggest.h"
#include "dse/results/columns.h"

namespace rebasis::dse {

namespace {

StudyRow chosen_study(const std::string& store, const std::string& wanted, std::vector<std::string>& others) {
  const std::vector<StudyRow> studies = Store(store, Store::Mode::read).studies();
  if (studies.empty())
    fail_input({store}, "the store has no study yet; `rebasis sweep STUDY.yaml --store FILE` adds one");
  // The last of a name is the one that its file holds today.
  const auto found = std::find_if(studies.rbegin(), studies.rend(), [&](const StudyRow& row) {
    return wanted.empty() || row.name == wanted || std::to_string(row.id) == wanted;
  });
  std::vector<std::string> names;
  for (const StudyRow& row : studies) names.push_back(row.name + " (" + std::to_string(row.id) + ")");
  if (found == studies.rend()) fail_input({store}, "has no study " + in_quotes(wanted) + "; it has " + joined(names));
  for (std::size_t i = 0; i < studies.size(); ++i) {
    if (studies[i].id != found->id) others.push_back(names[i]);
  }
  return *found;
}

/// Whether every condition holds, for each row in turn.
class Conditions {
 public:
  Conditions(const StudyResults& results, const std::vector<std::string>& where) : results_(results) {
    for (const Expression& constraint : results.study.constraints) add(constraint, false);
    own_.reserve(where.size());
    for (const std::string& text : where) add(own_.emplace_back(text, SourceLocation{"--where"}), true);
  }

  [[nodiscard]] bool hold(std::size_t row) {
    for (const auto& [name, metric] : metrics_) {
      const double value = results_.metrics[metric].values[row];
      if (std::isnan(value)) return false;
      numbers_[name] = value;
    }
    for (const auto& [name, setting] : settings_) {
      const std::uint32_t code = results_.settings[setting].codes[row];
      if (code == no_value) return false;
      numbers_[name] = *results_.settings[setting].values[code].number;
    }
    return std::all_of(all_.begin(), all_.end(),
                       [&](const Expression* condition) { return condition->holds(numbers_); });
  }

 private:
  void add(const Expression& condition, bool settings_too) {
    all_.push_back(&condition);
    for (const std::string& name : condition.names()) {
      const auto metric = std::find_if(results_.metrics.begin(), results_.metrics.end(),
                                       [&](const MetricColumn& column) { return column.metric.name == name; });
      const auto setting =
          std::find_if(results_.settings.begin(), results_.settings.end(),
                       [&](const SettingColumn& column) { return column.name == name && column.numeric; });
      if (metric != results_.metrics.end()) {
        metrics_[name] = static_cast<std::size_t>(metric - results_.metrics.begin());
      } else if (settings_too && setting != results_.settings.end()) {
        settings_[name] = static_cast<std::size_t>(setting - results_.settings.begin());
      } else if (settings_too) {
        fail_input(condition.where(), "'" + condition.text() + "' names " + name +
                                          ", which is neither a metric nor a numeric setting of the study");
      } else {
        nothing_ = true;  // a metric that no point has yet
      }
    }
  }

 public:
  [[nodiscard]] bool unknown_metric() const { return nothing_; }

 private:
  const StudyResults& results_;
  std::vector<Expression> own_;
  std::vector<const Expression*> all_;
  std::map<std::string, std::size_t> metrics_, settings_;
  std::map<std::string, double> numbers_;
  bool nothing_ = false;
};

void mark_admissible(StudyResults& results, const std::vector<std::string>& where) {
  Conditions conditions(results, where);
  results.admissible.assign(results.size(), 0);
  if (conditions.unknown_metric()) return;
  for (std::size_t row = 0; row < results.size(); ++row) {
    const bool complete = results.status[row] == PointStatus::done &&
                          std::all_of(results.objectives.begin(), results.objectives.end(), [&](std::size_t metric) {
                            return std::isfinite(results.metrics[metric].values[row]);
                          });
    results.admissible[row] = complete && conditions.hold(row) ? 1 : 0;
  }
}

}  // namespace

std::size_t StudyResults::count(PointStatus of) const {
  return static_cast<std::size_t>(std::count(status.begin(), status.end(), of));
}

std::vector<std::size_t> StudyResults::admissible_rows() const {
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row < size(); ++row) {
    if (admissible[row] != 0) rows.push_back(row);
  }
  return rows;
}

std::vector<std::vector<double>> StudyResults::costs(const std::vector<std::size_t>& rows) const {
  std::vector<std::vector<double>> costs;
  costs.reserve(rows.size());
  for (const std::size_t row : rows) {
    std::vector<double>& cost = costs.emplace_back();
    for (std::size_t k = 0; k < objectives.size(); ++k) {
      const double value = metrics[objectives[k]].values[row];
      cost.push_back(study.objectives[k].maximise ? -value : value);
    }
  }
  return costs;
}

std::size_t StudyResults::metric(const std::string& name) const {
  std::vector<std::string> known;
  for (const MetricColumn& column : metrics) {
    if (column.metric.name == name) return known.size();
    known.push_back(column.metric.name);
  }
  fail_unknown_name({store}, "metric", name, known);
}

std::size_t StudyResults::setting(const std::string& name) const {
  std::vector<std::string> known;
  for (const SettingColumn& column : settings) {
    if (column.name == name) return known.size();
    known.push_back(column.name);
  }
  fail_unknown_name({store}, "setting", name, known);
}

StudyResults load_results(const std::string& store, const ResultsRequest& request) {
  StudyResults results;
  results.store = store;
  const StudyRow row = chosen_study(store, request.study, results.others);
  results.study_id = row.id;
  results.study = Study::parse(row.text, row.file);
  results.where = request.where;
  read_columns(results);
  mark_admissible(results, request.where);
  return results;
}

}  // namespace rebasis::dse
