#include "cli/sweep/mpi.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "cli/build_info.h"
#include "common/error.h"
#include "common/file.h"

namespace rebasis::cli {

namespace {

using Open = std::unique_ptr<dse::MpiWorld> (*)();
Open& support() {
  static Open open = nullptr;
  return open;
}

bool above_one(const char* variable) {
  const char* text = std::getenv(variable);
  return text != nullptr && std::atoi(text) > 1;
}

/// As mpirun of Open MPI and MPICH say it, and srun --mpi=pmix.
bool in_world() {
  return above_one("OMPI_COMM_WORLD_SIZE") || above_one("PMI_SIZE") ||
         (std::getenv("PMIX_RANK") != nullptr && above_one("SLURM_STEP_NUM_TASKS"));
}

[[noreturn]] void become_mpi_program() {
  if (!build_has_mpi)
    fail_input(
        "this build of Rebasis has no MPI; build it with -DREBASIS_MPI=ON, or divide the points with --shard "
        "(docs/clusters.md)");
  std::string words = read_file("/proc/self/cmdline");
  std::vector<char*> arguments;
  for (std::size_t i = 0; i < words.size(); i += std::strlen(words.data() + i) + 1)
    arguments.push_back(words.data() + i);
  arguments.push_back(nullptr);
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe");
  const std::filesystem::path program = self.parent_path().parent_path() / "libexec" / "rebasis" / "rebasis-mpi";
  execv(program.c_str(), arguments.data());
  fail_input(program.string() + ": " + std::strerror(errno) + "; mpirun needs it: build or install all of Rebasis");
}

}  // namespace

MpiSupport::MpiSupport(Open open) { support() = open; }

std::unique_ptr<dse::MpiWorld> mpi_world() {
  if (!in_world()) return nullptr;
  if (support() == nullptr) become_mpi_program();
  auto world = support()();
  return world->size() > 1 ? std::move(world) : nullptr;
}

}  // namespace rebasis::cli
