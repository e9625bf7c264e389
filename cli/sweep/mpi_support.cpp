// What makes a program rebasis-mpi.
#include "cli/sweep/mpi.h"

namespace rebasis::cli {
namespace {

const MpiSupport support(dse::open_mpi_world);

}  // namespace
}  // namespace rebasis::cli
