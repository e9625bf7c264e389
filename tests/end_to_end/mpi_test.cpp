// mpirun -n 4 rebasis sweep, on one machine.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "dse/store.h"
#include "tests/support/process.h"

using namespace rebasis;
using namespace rebasis::test;

namespace {

const std::string mpirun = "/usr/bin/mpirun";

bool can_run() {
  if (std::filesystem::exists(mpirun) && std::filesystem::exists(REBASIS_BINARY_DIR "/libexec/rebasis/rebasis-mpi"))
    return true;
  MESSAGE("left out: there is no mpirun, or this build has no MPI");
  return false;
}

/// Points that take a moment: all of them fresh simulations.
void write_study() {
  std::ofstream("mpi.yaml") << "workloads: [{trace: " REBASIS_SOURCE_DIR
                               "/tests/golden/traces/fmnist_resnet20.trace}]\naccelerator: smartdeal\n"
                               "objectives: [energy_pj, time_s]\nlimits: {attempts: 5}\n"
                               "space:\n  array.dim_M: [8, 16, 32, 64]\n  array.dim_C: [4, 8, 16]\n"
                               "  array.dim_F: [2, 4, 8]\n";
}

std::vector<std::string> command(const std::string& store, const std::vector<std::string>& options = {}) {
  std::vector<std::string> words{mpirun, "--allow-run-as-root", "--oversubscribe", "-n", "4"};
  words.insert(words.end(), options.begin(), options.end());
  words.insert(words.end(), {REBASIS_BIN_DIR "/rebasis", "sweep", "mpi.yaml", "-o", store, "--worker-timeout", "5"});
  return words;
}

std::string fresh(const std::string& store) {
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(store + suffix);
  return store;
}

std::map<std::string, double> energies(const std::string& path) {
  std::map<std::string, double> all;
  for (const dse::PointRow& row : dse::Store(path, dse::Store::Mode::read).points()) {
    std::string name;
    for (const auto& [key, value] : row.settings) name += key + "=" + value + " ";
    all[name] = row.status == dse::PointStatus::done ? row.metrics.at("energy_pj") : -1;
  }
  return all;
}

/// The rebasis-mpi processes whose command line names `store`, without those of points (children of such).
std::vector<pid_t> ranks(const std::string& store) {
  std::vector<pid_t> found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const pid_t process = static_cast<pid_t>(std::atoi(entry.path().filename().c_str()));
    if (process == 0) continue;
    std::ifstream line(entry.path() / "cmdline"), stat(entry.path() / "environ");
    const std::string words{std::istreambuf_iterator<char>(line), {}},
        variables{std::istreambuf_iterator<char>(stat), {}};
    const bool sweep = words.find("/rebasis") < words.find('\0') && words.find(store) != std::string::npos;
    if (sweep && variables.find("OMPI_COMM_WORLD_RANK=2") != std::string::npos) found.push_back(process);
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// Starts the sweep and kills rank 2 once points are done.
Outcome killed_worker(const std::string& store, const std::vector<std::string>& options) {
  std::thread killer([&] {
    for (int i = 0; i < 400; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      if (!std::filesystem::exists(store)) continue;
      const std::vector<pid_t> rank = ranks(store);
      if (rank.empty()) continue;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      kill(rank.front(), SIGKILL);
      return;
    }
  });
  const Outcome outcome = run(command(store, options), {.timeout_s = 60});
  killer.join();
  return outcome;
}

}  // namespace

TEST_CASE("four ranks give what one process gives") {
  if (!can_run()) return;
  write_study();
  const Outcome many = run(command(fresh("many.store")));
  INFO(many.errors);
  CHECK(many.status == 0);
  CHECK(many.output.find("36 points: 36 done") != std::string::npos);
  CHECK(run_rebasis({"sweep", "mpi.yaml", "-o", fresh("one.store"), "--quiet"}).status == 0);
  CHECK(energies("many.store") == energies("one.store"));
  // A mistake is reported once, and all processes end.
  const Outcome wrong = run(
      {mpirun, "--allow-run-as-root", "--oversubscribe", "-n", "3", REBASIS_BIN_DIR "/rebasis", "sweep", "none.yaml"});
  CHECK(wrong.status == 2);
  CHECK(wrong.errors.find("rebasis: none.yaml") == wrong.errors.rfind("rebasis: none.yaml"));
}

TEST_CASE("a worker that is killed is survived where MPI allows it, and a rerun completes where not") {
  if (!can_run()) return;
  write_study();
  const Outcome survived = killed_worker(fresh("survived.store"), {"--enable-recovery"});
  INFO(survived.errors);
  MESSAGE("with --enable-recovery: status " << survived.status << " after " << survived.seconds << " s");
  const Outcome ended = killed_worker(fresh("ended.store"), {});
  MESSAGE("without: status " << ended.status << " after " << ended.seconds << " s");
  for (const std::string store : {"survived.store", "ended.store"}) {
    CHECK(run_rebasis({"sweep", "mpi.yaml", "-o", store, "--quiet"}).status == 0);
    CHECK(energies(store).size() == 36);
    for (const auto& [name, energy] : energies(store)) CHECK(energy > 0);
  }
}
