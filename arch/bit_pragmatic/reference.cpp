#include "arch/bit_pragmatic/spec.h"
#include "arch/parameter_reference.h"

namespace rebasis::arch {
namespace {

const RegisterParameters registration(
    "bit-pragmatic",
    "The Bit-Pragmatic accelerator: processes only the non-zero powers of two of each activation, "
    "16 activations along the channels against 16 weights of many filters.",
    [] { return bit_pragmatic_parameters().describe(); });

}  // namespace
}  // namespace rebasis::arch
