// rebasis reproduce: tables and figures of the papers beside what comes out here.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <thread>

#include "cli/command.h"
#include "cli/reproduce/lab.h"
#include "common/error.h"
#include "common/file.h"
#include "common/progress.h"
#include "reproduce/render.h"
#include "reproduce/target.h"

namespace rebasis::cli {
namespace {

namespace fs = std::filesystem;

/// A folder that goes when the command ends.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (fs::temp_directory_path() / "rebasis-reproduce-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) fail_input(pattern + ": cannot be made; give a folder with -o");
    path_ = pattern;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

class Reproduce : public Command {
 public:
  std::string description() const override {
    return "Computes what tables and figures of three papers show - SmartDeal, Yang's dissertation, Succinct "
           "Compression - and puts it "
           "beside the published values, with the claims that the papers make of them: whether each holds here, by how "
           "much, and why not. "
           "docs/validation.md is a full run.\n\n"
           "Networks are those of 'rebasis networks'; their weights and activations are synthetic. What needs training "
           "was measured before "
           "and is read from the files in reproduce/measured, with the command and date that made it. A number that is "
           "not possible is "
           "missing, with the reason.\n\n"
           "TARGET is a name of --list, or the beginning of several: smartdeal. The work is done by other commands of "
           "rebasis. "
           "What is in DIR from an earlier run and depends on the same things is kept, so that an interrupted run goes "
           "on where it "
           "was. A claim that does not hold is a result: the exit status is 0.";
  }

  std::vector<Example> examples() const override {
    return {{"rebasis reproduce --list", "What there is."},
            {"rebasis reproduce yang-table7", "The speed-ups of the ternary accelerator, in seconds."},
            {"rebasis reproduce -o reproduction", "All: tables, charts, JSON and one Markdown page in the folder."},
            {"rebasis reproduce --quick --check reproduce/expected",
             "Whether what takes seconds still gives the kept numbers."}};
  }

  void configure(CLI::App& app) override {
    app.add_option("TARGET", words_, "Tables and figures; none: all");
    app.add_option("-o,--output", folder_,
                   "Folder of JSON, SVG, Markdown and intermediate results; none: a temporary one");
    app.add_flag("--list", list_, "List the targets");
    app.add_flag("--quick", quick_, "Only the rows that take seconds, without sensitivities");
    app.add_option("-j,--jobs", jobs_, "Processes at a time; 0: one a core")->check(CLI::Range(0, 1024));
    app.add_option("--check", check_, "A folder with JSON of an earlier run: fail where numbers differ");
    CLI::Option* from =
        app.add_option("--from", from_, "Read JSON of an earlier run from this folder and compute nothing");
    from->excludes("--check");
    app.add_flag("--markdown", markdown_, "Print Markdown in place of text");
    app.add_option("--figures", figures_, "Markdown: what to put before the names of figures");
    app.add_option("--program", program_, "Do the work with this build of rebasis");
  }

  int run() override {
    const std::vector<reproduce::Target> chosen = reproduce::chosen_targets(words_);
    if (list_) {
      for (const reproduce::Target& target : chosen) {
        const reproduce::Table published = reproduce::published_table(target.name);
        std::cout << target.name << std::string(20 - std::min<std::size_t>(target.name.size(), 19), ' ')
                  << published.source << ": " << published.title << "\n";
      }
      return 0;
    }
    std::vector<reproduce::Outcome> outcomes = from_.empty() ? compute(chosen) : read(chosen, from_);
    print(outcomes);
    if (!folder_.empty()) write(outcomes);
    return std::max(status_, check_.empty() ? 0 : checked(outcomes));
  }

 private:
  std::vector<reproduce::Outcome> compute(const std::vector<reproduce::Target>& chosen) {
    std::optional<TemporaryFolder> temporary;
    if (folder_.empty()) temporary.emplace();
    const std::string program = program_.empty() ? fs::canonical("/proc/self/exe").string() : program_;
    const std::size_t jobs = jobs_ > 0 ? jobs_ : std::max(1U, std::thread::hardware_concurrency());
    ProcessLab lab({temporary ? temporary->path() : folder_, program, jobs, quick_});
    std::vector<reproduce::Outcome> outcomes;
    for (const reproduce::Target& target : chosen) {
      const auto start = std::chrono::steady_clock::now();
      try {
        outcomes.push_back(reproduce::reproduce(target, lab));
      } catch (const Error& error) {  // the others go on
        std::cerr << "rebasis: " << target.name << ": " << error.what() << "\n";
        status_ = std::max(status_, static_cast<int>(error.status()));
        continue;
      }
      const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
      Progress::note(target.name + ": " + std::to_string(static_cast<int>(seconds.count() + 0.5)) + " s");
    }
    return outcomes;
  }

  static std::vector<reproduce::Outcome> read(const std::vector<reproduce::Target>& chosen, const std::string& folder) {
    std::vector<reproduce::Outcome> outcomes;
    for (const reproduce::Target& target : chosen) {
      const std::string path = folder + "/" + target.name + ".json";
      outcomes.push_back(reproduce::from_json(read_file(path), path));
    }
    return outcomes;
  }

  void print(const std::vector<reproduce::Outcome>& outcomes) const {
    if (markdown_) {
      std::cout << reproduce::to_markdown(outcomes, figures_);
    } else if (!Progress::quiet()) {
      for (const reproduce::Outcome& outcome : outcomes) std::cout << reproduce::to_text(outcome) << "\n";
    }
  }

  void write(const std::vector<reproduce::Outcome>& outcomes) const {
    std::error_code error;
    fs::create_directories(folder_, error);
    for (const reproduce::Outcome& outcome : outcomes) {
      write_file(folder_ + "/" + outcome.name + ".json", reproduce::to_json(outcome));
      for (const reproduce::Figure& figure : outcome.figures) {
        if (!figure.svg.empty()) write_file(folder_ + "/" + figure.file, figure.svg);
      }
    }
    write_file(folder_ + "/reproduction.md", "# Reproduction\n\n" + reproduce::to_markdown(outcomes, figures_));
  }

  [[nodiscard]] int checked(const std::vector<reproduce::Outcome>& outcomes) const {
    std::size_t rows = 0, different = 0;
    for (const reproduce::Outcome& outcome : outcomes) {
      const std::string path = check_ + "/" + outcome.name + ".json";
      const auto lines = reproduce::differences(outcome, reproduce::from_json(read_file(path), path));
      for (const std::string& line : lines) std::cerr << "rebasis: " << line << "\n";
      rows += outcome.rows.size();
      different += lines.size();
    }
    Progress::note(std::to_string(rows) + " rows compared with " + check_ + ", " + std::to_string(different) +
                   " differences");
    return different > 0 ? 1 : 0;
  }

  std::vector<std::string> words_;
  std::string folder_, check_, from_, program_, figures_;
  std::size_t jobs_ = 0;
  bool list_ = false, quick_ = false, markdown_ = false;
  int status_ = 0;
};

const RegisterCommand<Reproduce> registration("reproduce");

}  // namespace
}  // namespace rebasis::cli
