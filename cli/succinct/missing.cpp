#include "cli/succinct/request.h"
#include "common/error.h"

namespace rebasis::cli {

void run_succinct(const SuccinctRequest&) {
  fail_input(
      "this build has no succinct structures, because the sdsl-lite library is under GPL-3 and Rebasis is not; "
      "install libsdsl-dev and build with -DREBASIS_SUCCINCT=ON (docs/succinct.md)");
}

}  // namespace rebasis::cli
