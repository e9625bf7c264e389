#include "cli/train/history_files.h"

#include "common/file.h"
#include "report/training.h"

namespace rebasis::cli {

void HistoryFiles::try_to_write() const {
  for (const std::string& file : {history, report}) {
    if (!file.empty()) const AtomicFile can_be_written(file);
  }
}

void HistoryFiles::keep(const std::vector<train::EpochReport>& epochs) const {
  if (!history.empty()) write_file(history, train::history_json(header, epochs, false));
}

void HistoryFiles::finish(const std::vector<train::EpochReport>& epochs) const {
  const std::string json = train::history_json(header, epochs, true);
  if (!history.empty()) write_file(history, json);
  if (!report.empty()) write_file(report, report::to_html({report::training_from_json(json, header.recipe + ".json")}));
}

}  // namespace rebasis::cli
