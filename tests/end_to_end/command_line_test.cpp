// The command line as a contract: manuals, exit statuses, messages, signals.
#include <doctest/doctest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/build_info.h"
#include "cli/command_table.h"
#include "tests/support/process.h"

namespace {

using rebasis::cli::CommandEntry;
using rebasis::test::Outcome;
using rebasis::test::run;
using rebasis::test::run_rebasis;

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// Commands that this build can run.
std::vector<CommandEntry> commands() {
  std::vector<CommandEntry> runnable;
  for (const CommandEntry& entry : rebasis::cli::command_table()) {
    if (!entry.needs_torch || rebasis::cli::build_has_torch) runnable.push_back(entry);
  }
  return runnable;
}

/// Exit status 2, nothing on standard output, one line `rebasis: MESSAGE` on standard error.
void check_bad_usage(const Outcome& outcome, const std::string& part) {
  CHECK(outcome.status == 2);
  CHECK(outcome.output.empty());
  CHECK(outcome.errors.starts_with("rebasis: "));
  CHECK_MESSAGE(has(outcome.errors, part), outcome.errors);
  CHECK(std::count(outcome.errors.begin(), outcome.errors.end(), '\n') == 1);
}

}  // namespace

TEST_CASE("the manual of the program names every command") {
  const Outcome outcome = run_rebasis({"--help"});
  CHECK(outcome.status == 0);
  CHECK(outcome.errors.empty());
  for (const CommandEntry& entry : rebasis::cli::command_table()) {
    CHECK_MESSAGE(has(outcome.output, "       " + std::string(entry.name) + "\n"), entry.name);
  }
  CHECK(run_rebasis({"-h"}).output == outcome.output);
  CHECK(run_rebasis({"help"}).output == outcome.output);
}

TEST_CASE("every command has a manual with examples") {
  for (const CommandEntry& entry : commands()) {
    CAPTURE(entry.name);
    const Outcome outcome = run_rebasis({std::string(entry.name), "--help"});
    CHECK(outcome.status == 0);
    CHECK(outcome.errors.empty());
    for (const char* title : {"NAME\n", "\nSYNOPSIS\n", "\nDESCRIPTION\n", "\nOPTIONS\n", "\nEXAMPLES\n       rebasis ",
                              "\nEXIT STATUS\n", "-q, --quiet"}) {
      CHECK_MESSAGE(has(outcome.output, title), title);
    }
    CHECK(has(outcome.output, "rebasis " + std::string(entry.name) + " [OPTIONS]"));
    CHECK(run_rebasis({"help", std::string(entry.name)}).output == outcome.output);
  }
}

TEST_CASE("manuals keep to 80 columns, but for words and examples that are longer") {
  for (const CommandEntry& entry : commands()) {
    std::istringstream lines(run_rebasis({std::string(entry.name), "--help"}).output);
    bool in_examples = false;
    for (std::string line; std::getline(lines, line);) {
      if (line == "EXAMPLES") in_examples = true;
      if (line == "EXIT STATUS") in_examples = false;
      if (in_examples || line.size() <= 80) continue;
      // A head of options (seven columns in) is not wrapped.
      CHECK_MESSAGE((line.starts_with("       ") && line[7] != ' '), entry.name << ": " << line);
    }
  }
}

TEST_CASE("the version") {
  const Outcome outcome = run_rebasis({"--version"});
  CHECK(outcome.status == 0);
  CHECK(outcome.output.starts_with("rebasis " + std::string(rebasis::cli::build_version)));
}

TEST_CASE("bad usage is status 2 and one line") {
  check_bad_usage(run_rebasis({}), "no command");
  check_bad_usage(run_rebasis({""}), "unknown command ''");
  check_bad_usage(run_rebasis({"--helpme"}), "unknown option '--helpme'");
  check_bad_usage(run_rebasis({"lists"}), "unknown command 'lists'; did you mean 'list'?");
  check_bad_usage(run_rebasis({"list\x1b[31m"}), "\\x1b");
  check_bad_usage(run_rebasis({"help", "nothing-like-it"}), "unknown command 'nothing-like-it'");
}

TEST_CASE("an unknown option of any command is bad usage and the nearest option is named") {
  for (const CommandEntry& entry : commands()) {
    CAPTURE(entry.name);
    check_bad_usage(run_rebasis({std::string(entry.name), "--quiett"}),
                    "unknown option '--quiett'; did you mean '--quiet'?");
    check_bad_usage(run_rebasis({std::string(entry.name), "--quiett=3"}), "--quiett'");
  }
}

TEST_CASE("a command without libtorch says so") {
  for (const CommandEntry& entry : rebasis::cli::command_table()) {
    if (!entry.needs_torch || rebasis::cli::build_has_torch) continue;
    check_bad_usage(run_rebasis({std::string(entry.name), "x.onnx"}), "needs libtorch");
  }
}

TEST_CASE("list") {
  CHECK(has(run_rebasis({"list"}).output, "accelerators"));
  CHECK(has(run_rebasis({"list", "networks"}).output, "fmnist_resnet20"));
  CHECK(run_rebasis({"--quiet", "list", "networks"}).status == 0);
  check_bad_usage(run_rebasis({"list", "networks", "fmnist_resnet21"}), "did you mean 'fmnist_resnet20'?");
  check_bad_usage(run_rebasis({"list", "planets"}), "'planets'");
  check_bad_usage(run_rebasis({"list", "networks", "fmnist_resnet20", "more"}), "unexpected argument 'more'");
}

TEST_CASE("every preset that list names can be printed and begins with its path") {
  std::istringstream lines(run_rebasis({"list", "accelerators"}).output);
  int presets = 0;
  for (std::string line; std::getline(lines, line); ++presets) {
    const std::string name = line.substr(0, line.find(' '));
    CHECK_MESSAGE(line.size() > name.size() + 2, "no description: " << name);
    const Outcome outcome = run_rebasis({"list", "accelerators", name});
    CHECK(outcome.status == 0);
    CHECK(has(outcome.output, "arch/presets/" + name + ".yaml\n"));
  }
  CHECK(presets > 0);
}

TEST_CASE("shipped data comes from REBASIS_DATA_DIR when that is set") {
  const std::string folder = rebasis::test::fresh_folder("data");
  std::filesystem::create_directories(folder + "/arch/presets");
  std::ofstream(folder + "/arch/presets/mine.yaml") << "description: my own\naccelerator: smartdeal\n";
  const Outcome outcome = run_rebasis({"list", "accelerators"}, {.environment = {"REBASIS_DATA_DIR=" + folder}});
  CHECK(outcome.output == "mine  my own\n");
  check_bad_usage(run_rebasis({"list", "accelerators"}, {.environment = {"REBASIS_DATA_DIR=" + folder + "/none"}}),
                  "none/arch/presets");
}

TEST_CASE("output that cannot be written is an error") {
  const Outcome outcome = run({"/bin/sh", "-c", REBASIS_BIN_DIR "/rebasis list networks > /dev/full"});
  CHECK(outcome.status == 2);
  CHECK(has(outcome.errors, "standard output: No space left on device"));
}

TEST_CASE("commands that do not need libtorch start in under 0.1 s and do not load it") {
  // The best of five: other tests run at the same time.
  double best = 1e9;
  for (int i = 0; i < 5; ++i) best = std::min(best, run_rebasis({"list", "networks"}).seconds);
#if !defined(__SANITIZE_ADDRESS__)
  CHECK(best < 0.1);
#endif
  const Outcome outcome = run_rebasis({"list"}, {.environment = {"LD_TRACE_LOADED_OBJECTS=1"}});
  CHECK(has(outcome.output, "libc.so"));
  CHECK_FALSE(has(outcome.output, "libtorch"));
  CHECK_FALSE(has(outcome.output, "libonnx"));
}

TEST_CASE("a long job: lines on standard error, none with --quiet, and Ctrl-C leaves no file" *
          doctest::skip(!rebasis::cli::build_has_torch)) {
  const std::string networks = REBASIS_SOURCE_DIR "/workloads/networks/";
  const std::string folder = rebasis::test::fresh_folder("long_job");
  const std::vector<std::string> compress = {"compress", networks + "fmnist_resnet20.onnx",
                                             "--recipe", "smartdeal",
                                             "--inputs", networks + "fmnist_test64-images-idx3-ubyte",
                                             "--limit",  "8",
                                             "-o",       folder + "/job.trace"};
  for (const int milliseconds : {100, 700, 1500}) {
    const Outcome stopped = run_rebasis(compress, {.signal_after_ms = milliseconds, .signal_number = SIGINT});
    const bool finished = stopped.status == 0;  // on a fast machine
    CHECK((finished || stopped.status == 130));
    // The signal may come between the last write and the end: then the trace is there, and whole.
    const bool written = std::filesystem::exists(folder + "/job.trace");
    if (finished) CHECK(written);
    if (written) CHECK(run_rebasis({"inspect", folder + "/job.trace"}).status == 0);
    CHECK(std::distance(std::filesystem::directory_iterator(folder), {}) == (written ? 1 : 0));
    std::filesystem::remove(folder + "/job.trace");
  }

  const Outcome talkative = run_rebasis(compress);
  CHECK(talkative.status == 0);
  CHECK(talkative.errors.starts_with("rebasis: "));
  CHECK_FALSE(has(talkative.errors, "\r"));
  std::vector<std::string> silent = compress;
  silent.emplace_back("--quiet");
  const Outcome quiet = run_rebasis(silent);
  CHECK(quiet.status == 0);
  CHECK(quiet.errors.empty());
  CHECK(quiet.output == talkative.output);
}
