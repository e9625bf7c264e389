#include "arch/cambricon_x/spec.h"
#include "arch/parameter_reference.h"

namespace rebasis::arch {
namespace {

const RegisterParameters registration(
    "cambricon-x",
    "Cambricon-X: step-indexed compressed synapses, a central indexing module that selects each PE's "
    "neurons, and PEs that make their own progress.",
    [] { return cambricon_x_parameters().describe(); });

}  // namespace
}  // namespace rebasis::arch
