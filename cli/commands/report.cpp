// rebasis report: results as a table, an HTML page, CSV or JSON.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "cli/command.h"
#include "cli/report/study.h"
#include "common/error.h"
#include "common/file.h"
#include "common/progress.h"
#include "report/csv.h"
#include "report/html.h"
#include "report/json.h"
#include "report/table.h"
#include "report/training.h"

namespace rebasis::cli {
namespace {

namespace fs = std::filesystem;

/// The results in a folder, in order of their names. Other JSON files (timelines) are skipped with a note.
void read_folder(const std::string& folder, std::vector<report::Document>& results) {
  std::vector<std::string> files;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (entry->path().extension() == ".json" && entry->is_regular_file()) files.push_back(entry->path().string());
  }
  if (error) fail_input({folder}, error.message());
  std::sort(files.begin(), files.end());
  const std::size_t before = results.size();
  for (const std::string& file : files) {
    const std::string text = read_file(file);
    if (report::looks_like_result(text)) {
      results.push_back(report::from_json(text, file));
    } else {
      Progress::note(file + " is not a result and is left out");
    }
  }
  if (results.size() == before) fail_input({folder}, "holds no result; `rebasis simulate -o FILE.json` writes one");
}

class Report : public Command {
 public:
  std::string description() const override {
    return "Renders results that `rebasis simulate` wrote. A folder stands for all results in it. Without an option, a "
           "table is "
           "printed; with several results it compares their totals, each network relative to its first result.\n\n"
           "--html writes one file that opens in any browser, without a network: charts of energy, cycles by cause, "
           "roofline and DRAM "
           "traffic, and all layers; of several results, their comparison. --csv writes a row a layer of every result "
           "(with "
           "--totals: a row a result) that pandas.read_csv reads without options. --json writes a result again, "
           "checked.\n\n"
           "Histories that `rebasis train --history` wrote become a page of their own with --html: curves, thresholds "
           "and "
           "sparsity of each layer, and how weights and group norms are spread, of several runs side by side.\n\n"
           "The store of a design-space study (`rebasis sweep`) gives a summary: points by status, why points are "
           "infeasible, the "
           "Pareto front, its hypervolume, what moves each objective. --html writes an interactive page, --csv and "
           "--jsonl "
           "a row a point; --where narrows what counts, --best prints the best point of each objective, --compare sets "
           "a "
           "second store beside.\n\n"
           "What the figures mean: docs/reading-a-report.md, docs/reading-a-study.md. The fields: "
           "docs/result-schema.md.";
  }

  std::vector<Example> examples() const override {
    return {
        {"rebasis report R.json", "The table."},
        {"rebasis report R.json --html R.html --csv R.csv", "The page and the layers for pandas."},
        {"rebasis report smartdeal.json diannao.json --html comparison.html", "Side by side, relative to the first."},
        {"rebasis report results/ --csv totals.csv --totals", "A row for each result in a folder."},
        {"rebasis report naive.json wpc.json --html training.html", "Two training runs side by side."},
        {"rebasis report buffers.store --html buffers.html", "The page of a study."},
        {"rebasis report buffers.store --best --where 'sram_bytes <= 512 KiB'", "The best points that fit."}};
  }

  void configure(CLI::App& app) override {
    app.add_option("RESULT", paths_, "Results, folders of results, or the store of a study")->required();
    app.add_option("--html", html_, "Write an HTML page")->type_name("FILE");
    app.add_option("--csv", csv_, "Write CSV, a row a layer")->type_name("FILE");
    app.add_flag("--totals", totals_, "In --csv, a row a result instead");
    app.add_option("--json", json_, "Write the result as JSON; needs exactly one")->type_name("FILE");
    app.add_option("--jsonl", study_.jsonl, "Of a study: write JSON lines, a line a point")->type_name("FILE");
    app.add_option("--study", study_.study, "Which study of the store, by name or number (default: the last)")
        ->type_name("NAME");
    app.add_option("--where", study_.where, "Of a study: only points that meet this condition, too")
        ->type_name("FORMULA");
    app.add_option("--compare", study_.compare, "Of a study: set the last study of this store beside it")
        ->type_name("STORE");
    app.add_flag("--best", study_.best, "Of a study: print the best point of each objective");
  }

  int run() override {
    if (paths_.size() == 1 && looks_like_store(paths_.front())) return write_study();
    refuse_study_options();
    if (totals_ && csv_.empty()) fail_input("--totals is about --csv; add --csv FILE");
    if (const auto histories = read_histories(); !histories.empty()) return write_histories(histories);
    const std::vector<report::Document> results = read();
    if (!json_.empty() && results.size() != 1) {
      fail_input("--json writes one result, and there are " + std::to_string(results.size()) +
                 "; --csv and --html take several");
    }
    // Rendered before anything is written: one bad input leaves no file behind.
    const std::string csv = csv_.empty() ? "" : table_of(results);
    const std::string html = html_.empty() ? "" : report::to_html(results);
    if (!csv_.empty()) write_file(csv_, csv);
    if (!html_.empty()) write_file(html_, html);
    if (!json_.empty()) report::write_result_json(results.front(), json_);
    if (csv_.empty() && html_.empty() && json_.empty()) {
      if (results.size() > 1) {
        std::cout << report::to_comparison_table(results);
      } else {
        const std::string area = report::to_area_table(results.front());
        std::cout << report::to_table(results.front()) << (area.empty() ? "" : "\n") << area;
      }
    }
    return 0;
  }

 private:
  /// Names of two actions may make one column, within a result or between two.
  [[nodiscard]] std::string table_of(const std::vector<report::Document>& results) const {
    try {
      return totals_ ? report::totals_csv(results) : report::layers_csv(results);
    } catch (const Error& error) {
      throw Error(error.status(), fmt::format("{}: {}", fmt::join(paths_, ", "), error.what()));
    }
  }

  int write_study() {
    if (totals_ || !json_.empty()) fail_input("--totals and --json are about results; a store takes --csv and --jsonl");
    study_.store = paths_.front();
    study_.html = html_;
    study_.csv = csv_;
    return report_study(study_);
  }

  void refuse_study_options() const {
    for (const std::string& path : paths_) {
      if (looks_like_store(path))
        fail_input({path}, "is the store of a study; report on one at a time, --compare takes a second");
    }
    if (study_.best || !study_.jsonl.empty() || !study_.study.empty() || !study_.where.empty() ||
        !study_.compare.empty())
      fail_input({paths_.front()},
                 "is not the store of a study, which --jsonl, --study, --where, --compare and --best are about");
  }

  /// The paths as training histories; none when none is one.
  std::vector<report::TrainingHistory> read_histories() const {
    std::vector<report::TrainingHistory> histories;
    std::string other;
    for (const std::string& path : paths_) {
      const std::string text = fs::is_directory(path) ? "" : read_file(path);
      if (report::looks_like_training(text)) {
        histories.push_back(report::training_from_json(text, path));
      } else {
        other = path;
      }
    }
    if (!histories.empty() && !other.empty())
      fail_input({other}, "is no training history and the others are; report on results and on training apart");
    return histories;
  }

  int write_histories(const std::vector<report::TrainingHistory>& histories) const {
    if (html_.empty() || !csv_.empty() || !json_.empty())
      fail_input({paths_.front()}, "is a training history, which becomes an HTML page; give --html FILE alone");
    write_file(html_, report::to_html(histories));
    return 0;
  }

  std::vector<report::Document> read() const {
    std::vector<report::Document> results;
    for (const std::string& path : paths_) {
      if (fs::is_directory(path)) {
        read_folder(path, results);
      } else {
        results.push_back(report::read_result_json(path));
      }
    }
    return results;
  }

  std::vector<std::string> paths_;
  std::string html_, csv_, json_;
  bool totals_ = false;
  StudyReport study_;
};

const RegisterCommand<Report> registration("report");

}  // namespace
}  // namespace rebasis::cli
