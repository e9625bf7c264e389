// `mpirun -n N rebasis sweep`: rank 0 deals points and is the only writer of the store, the others run them.
#pragma once

#include <memory>
#include <string>

#include "dse/run/executor.h"

namespace rebasis::dse {

class MpiWorld {
 public:
  virtual ~MpiWorld() = default;
  [[nodiscard]] virtual int size() const = 0;
  [[nodiscard]] virtual bool is_worker() const = 0;
  /// Of rank 0: the workers as an executor. `memo_store`: Work of workers on this host may read it.
  /// `patience_s`: a worker that is silent for so long is lost.
  [[nodiscard]] virtual std::unique_ptr<Executor> executor(const std::string& memo_store, double patience_s) = 0;
  /// Of rank 1 ...: runs what rank 0 deals until it says that this was all. Returns the exit status.
  [[nodiscard]] virtual int serve() = 0;
  /// Of rank 0: ends the workers. Returns when they are gone, or at once when one was lost: then this process must end
  /// by _exit, because MPI would wait for the lost one. True: all are gone.
  [[nodiscard]] virtual bool dismiss() = 0;
};

/// Call once in a process.
[[nodiscard]] std::unique_ptr<MpiWorld> open_mpi_world();

}  // namespace rebasis::dse
