// A rank that runs what rank 0 deals.
#pragma once

#include "dse/mpi/mailbox.h"

namespace rebasis::dse {

/// Until rank 0 says that this was all. False: a process was lost, so MPI must not be closed, which would wait for it.
[[nodiscard]] bool serve_jobs(Mailbox& mailbox);

}  // namespace rebasis::dse
