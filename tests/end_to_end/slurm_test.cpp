// The scripts of docs/examples/slurm on a Slurm of this machine alone. Left out where Slurm is not installed.
#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "dse/store.h"
#include "tests/support/process.h"

using namespace rebasis;
using namespace rebasis::test;

namespace {

constexpr const char* slurm = REBASIS_SOURCE_DIR "/tests/support/one_node_slurm";

/// Runs a line of shell with rebasis and this Slurm at hand.
Outcome shell(const std::string& line) {
  return run({"/bin/bash", "-c", "export SLURM_CONF=$PWD/slurm/slurm.conf PATH=" REBASIS_BIN_DIR ":$PATH; " + line},
             {.timeout_s = 90});
}

std::size_t done(const std::string& store) {
  std::size_t count = 0;
  for (const dse::PointRow& row : dse::Store(store, dse::Store::Mode::read).points())
    count += row.status == dse::PointStatus::done ? 1 : 0;
  return count;
}

/// A squeue that cannot reach the controller prints nothing either, and says so in its status.
constexpr const char* wait_for_all =
    "for i in $(seq 300); do left=$(squeue -h) && [ -z \"$left\" ] && exit 0; sleep 0.2; done; exit 1";

/// What a failed check needs to be understood: how the jobs ended, and what they and Slurm logged.
constexpr const char* history = "squeue --states=all --format='%i %j %T %r %M'; tail -n 15 *.log slurm/*.log";

}  // namespace

TEST_CASE("a job array and its merge, an MPI job that is cancelled and submitted again") {
  if (!std::filesystem::exists("/usr/sbin/slurmctld") || geteuid() != 0) {
    MESSAGE("left out: Slurm is not installed (slurm-wlm, munge), or this is not root");
    return;
  }
  const std::filesystem::path before = std::filesystem::absolute(fresh_folder("cluster"));
  std::filesystem::current_path(before);
  std::ofstream("study.yaml")
      << "workloads: [{trace: " REBASIS_SOURCE_DIR
         "/tests/golden/traces/fmnist_resnet20.trace}]\naccelerator: smartdeal\n"
         "objectives: [energy_pj, time_s]\nlimits: {attempts: 9}\nspace:\n"
         "  array.dim_M: [8, 16, 32, 64]\n  array.dim_C: [4, 8, 16]\n  array.dim_F: [2, 4, 8]\n";
  const Outcome started = run({"/bin/bash", slurm, "start", "slurm"});
  INFO(started.errors);
  CHECK(started.status == 0);

  CHECK(shell("PARTS=3 " REBASIS_SOURCE_DIR "/docs/examples/slurm/array.sh study.yaml").status == 0);
  CHECK(shell(wait_for_all).status == 0);
  INFO(shell(history).output);
  CHECK(done("study.store") == 36);

  if (std::filesystem::exists(REBASIS_BINARY_DIR "/libexec/rebasis/rebasis-mpi")) {
    std::filesystem::remove("study.store");
    // Cancelled after a while and submitted again. (A requeue does the same two minutes later.)
    for (const std::string then : {"; sleep 1; scancel --name=sweep", ""}) {
      CHECK(shell("sbatch --ntasks=2 " REBASIS_SOURCE_DIR "/docs/examples/slurm/mpi.sh study.yaml" + then).status == 0);
      CHECK(shell(wait_for_all).status == 0);
    }
    INFO(shell(history).output);
    CHECK(done("study.store") == 36);
  }
  CHECK(run({"/bin/bash", slurm, "stop", "slurm"}).status == 0);
  std::filesystem::current_path(before.parent_path());
}
