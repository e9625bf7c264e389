#include "cli/report/study.h"

#include <array>
#include <fstream>
#include <iostream>
#include <optional>
#include <string_view>

#include "common/file.h"
#include "report/study/page.h"
#include "report/study/tables.h"
#include "report/study/text.h"

namespace rebasis::cli {

bool looks_like_store(const std::string& path) {
  constexpr std::string_view magic("SQLite format 3\0", 16);
  std::array<char, magic.size()> first{};
  std::ifstream file(path, std::ios::binary);
  return file.read(first.data(), first.size()) && std::string_view(first.data(), first.size()) == magic;
}

int report_study(const StudyReport& request) {
  const dse::StudyResults results = dse::load_results(request.store, {request.study, request.where});
  const dse::Findings findings = dse::find(results);
  std::optional<dse::StudyResults> other;
  if (!request.compare.empty()) other = dse::load_results(request.compare, {"", request.where});
  // Rendered before anything is written: a bad request leaves no file behind.
  const std::string csv = request.csv.empty() ? "" : report::study_csv(results, findings);
  const std::string jsonl = request.jsonl.empty() ? "" : report::study_jsonl(results, findings);
  const std::string html = request.html.empty() ? "" : report::study_page(results, findings, other ? &*other : nullptr);
  if (!request.csv.empty()) write_file(request.csv, csv);
  if (!request.jsonl.empty()) write_file(request.jsonl, jsonl);
  if (!request.html.empty()) write_file(request.html, html);
  const bool files = !request.csv.empty() || !request.jsonl.empty() || !request.html.empty();
  if (request.best) {
    std::cout << report::best_points(results, findings);
  } else if (!files) {
    std::cout << report::study_summary(results, findings);
  }
  if (other && !files) std::cout << report::study_comparison(results, *other);
  return 0;
}

}  // namespace rebasis::cli
