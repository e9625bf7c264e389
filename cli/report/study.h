// `rebasis report STORE`: what a design-space study found.
#pragma once

#include <string>
#include <vector>

namespace rebasis::cli {

struct StudyReport {
  std::string store;
  std::string study;               ///< name or number; "": the last
  std::string compare;             ///< another store, or ""
  std::vector<std::string> where;  ///< conditions beside the study's own
  bool best = false;
  std::string html, csv, jsonl;  ///< files to write, or ""
};

/// Whether the file begins as an SQLite database does.
[[nodiscard]] bool looks_like_store(const std::string& path);

/// Writes the files, or prints when there are none; returns the exit status.
int report_study(const StudyReport& request);

}  // namespace rebasis::cli
