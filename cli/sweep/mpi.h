// `mpirun -n N rebasis sweep`. `rebasis` itself is not linked with MPI, which would slow its start: it becomes
// rebasis-mpi
// (../libexec/rebasis beside it) when it finds itself started by mpirun or srun.
#pragma once

#include <memory>

#include "dse/mpi/world.h"

namespace rebasis::cli {

/// The world of several processes that this one is part of; null when it is alone. Throws Error(bad_input) when this
/// build has no rebasis-mpi.
[[nodiscard]] std::unique_ptr<dse::MpiWorld> mpi_world();

/// rebasis-mpi has one of these.
struct MpiSupport {
  explicit MpiSupport(std::unique_ptr<dse::MpiWorld> (*open)());
};

}  // namespace rebasis::cli
