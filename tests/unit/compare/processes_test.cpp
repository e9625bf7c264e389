// Children: order, outputs, statuses, and how many at a time.
#include "cli/compare/processes.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <map>

using rebasis::cli::ProcessOutcome;
using rebasis::cli::run_processes;

namespace {

std::map<std::size_t, ProcessOutcome> run_scripts(const std::vector<std::string>& scripts, std::size_t at_once) {
  std::vector<std::vector<std::string>> arguments;
  for (const std::string& script : scripts) arguments.push_back({"-c", script});
  std::map<std::size_t, ProcessOutcome> outcomes;
  run_processes("/bin/sh", arguments, at_once,
                [&](std::size_t index, const ProcessOutcome& outcome) { outcomes[index] = outcome; });
  return outcomes;
}

}  // namespace

TEST_CASE("each child's output, errors and status") {
  const auto outcomes = run_scripts({"echo out; echo err >&2; exit 3", "kill -9 $$", "cat; echo done"}, 2);
  REQUIRE(outcomes.size() == 3);
  CHECK(outcomes.at(0).output == "out\n");
  CHECK(outcomes.at(0).errors == "err\n");
  CHECK(outcomes.at(0).status == 3);
  CHECK(outcomes.at(1).status == 128 + SIGKILL);
  CHECK(outcomes.at(2).output == "done\n");  // standard input is empty
}

TEST_CASE("a program that does not exist ends with 127, and no children is no wait") {
  ProcessOutcome seen;
  run_processes("/nonexistent", {{"x"}}, 1, [&](std::size_t, const ProcessOutcome& outcome) { seen = outcome; });
  CHECK(seen.status == 127);
  run_processes("/bin/sh", {}, 4, [](std::size_t, const ProcessOutcome&) { FAIL("there is no child"); });
}

TEST_CASE("no more than asked at a time") {
  // A folder per child while it runs; each counts those that it sees.
  const std::string script = "mkdir -p running; touch running/$$; ls running | wc -l; sleep 0.1; rm running/$$";
  for (const std::size_t at_once : {std::size_t{1}, std::size_t{3}}) {
    const auto outcomes = run_scripts(std::vector<std::string>(8, script), at_once);
    REQUIRE(outcomes.size() == 8);
    int most = 0;
    for (const auto& [index, outcome] : outcomes) most = std::max(most, std::stoi(outcome.output));
    CHECK(most <= static_cast<int>(at_once));
    if (at_once == 3) CHECK(most >= 2);
  }
}

TEST_CASE("much output is cut, and does not stop the child") {
  const auto outcomes = run_scripts({"head -c 3000000 /dev/zero; exit 5"}, 1);
  CHECK(outcomes.at(0).status == 5);
  CHECK(outcomes.at(0).output.size() == (1U << 20U));
}

TEST_CASE("signals are let through again afterwards") {
  (void)run_scripts({"true"}, 1);
  sigset_t blocked;
  sigprocmask(SIG_BLOCK, nullptr, &blocked);
  CHECK_FALSE(sigismember(&blocked, SIGINT));
  CHECK_FALSE(sigismember(&blocked, SIGCHLD));
}
