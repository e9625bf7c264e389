// The points of a study as columns: what every table, chart and figure of a study is made from.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dse/space.h"
#include "dse/store.h"
#include "dse/study.h"

namespace rebasis::dse {

inline constexpr std::uint32_t no_value = 0xffffffffU;

/// A dimension or derived parameter of the study.
struct SettingColumn {
  std::string name;
  bool dimension = false;
  bool numeric = false;              ///< every value is a number
  std::vector<Value> values;         ///< that occur: ascending where numeric, else as the study lists them
  std::vector<std::uint32_t> codes;  ///< of each point: index into `values`, or no_value
};

struct MetricColumn {
  Metric metric;
  std::vector<double> values;  ///< of each point; NaN: none
};

struct StudyResults {
  std::string store;                ///< path
  std::int64_t study_id = 0;        ///< in the store
  std::vector<std::string> others;  ///< names of the store's other studies
  Study study;
  std::vector<std::string> where;  ///< conditions beside the study's constraints

  std::vector<std::int64_t> ids;  ///< ascending
  std::vector<PointStatus> status;
  std::vector<std::uint32_t> reason_codes;  ///< index into `reasons`
  std::vector<std::string> reasons;         ///< the first is ""
  std::vector<std::int64_t> attempts;
  std::vector<double> seconds;

  std::vector<SettingColumn> settings;  ///< dimensions in the study's order, then the others by name
  std::vector<MetricColumn> metrics;    ///< in the order of metrics(), then the others by name
  std::vector<std::size_t> objectives;  ///< the study's, as indices into `metrics`
  std::vector<char> admissible;         ///< done, every objective has a value, and every constraint and `where` holds
  bool synthetic = false;               ///< a point's workloads hold made-up weights or activations

  [[nodiscard]] std::size_t size() const { return ids.size(); }
  [[nodiscard]] std::size_t count(PointStatus of) const;
  /// Rows of admissible points, ascending.
  [[nodiscard]] std::vector<std::size_t> admissible_rows() const;
  /// The objectives of the given rows, each turned so that less is better.
  [[nodiscard]] std::vector<std::vector<double>> costs(const std::vector<std::size_t>& rows) const;
  /// Index into `metrics`, or `settings`; throws Error(bad_input) with the names there are.
  [[nodiscard]] std::size_t metric(const std::string& name) const;
  [[nodiscard]] std::size_t setting(const std::string& name) const;
};

struct ResultsRequest {
  std::string study;               ///< name or number; "": the study that was added last
  std::vector<std::string> where;  ///< conditions beside the study's constraints, on metrics and numeric settings
};

/// Reads a finished or running store. Throws Error(bad_input) when there is no such study, or `where` names something
/// that is neither a metric nor a setting.
[[nodiscard]] StudyResults load_results(const std::string& store, const ResultsRequest& request = {});

}  // namespace rebasis::dse
