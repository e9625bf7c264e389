// A study's points as CSV and JSON lines. docs/reading-a-study.md lists the columns.
#pragma once

#include <string>

#include "dse/results/summary.h"

namespace rebasis::report {

/// RFC 4180, a row a point, one type a column: numbers without units (bytes, Hz, seconds, pJ), texts in quotes where
/// they need them, nothing where a point has no value. A setting whose name a metric or another column has becomes
/// `setting.NAME`.
[[nodiscard]] std::string study_csv(const dse::StudyResults& results, const dse::Findings& findings);

/// An object a line: id, status, reason, attempts, seconds, admissible, front, settings (texts), metrics (numbers).
[[nodiscard]] std::string study_jsonl(const dse::StudyResults& results, const dse::Findings& findings);

}  // namespace rebasis::report
