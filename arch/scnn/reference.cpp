#include "arch/parameter_reference.h"
#include "arch/scnn/spec.h"

namespace rebasis::arch {
namespace {

const RegisterParameters registration(
    "scnn",
    "The SCNN accelerator: multiplies compressed weights by compressed activations as Cartesian "
    "products and scatters the products to banked accumulators.",
    [] { return scnn_parameters().describe(); });

}  // namespace
}  // namespace rebasis::arch
