#include "arch/parameter_reference.h"
#include "arch/pynq_ternary/spec.h"

namespace rebasis::arch {
namespace {

const RegisterParameters registration(
    "pynq-z1-ternary",
    "The PE-wise ternary accelerator on a PYNQ-Z1 board: add/subtract lanes as large as a pruning group, "
    "and an indexer that skips all-zero groups.",
    [] { return pynq_ternary_parameters().describe(); });

}  // namespace
}  // namespace rebasis::arch
