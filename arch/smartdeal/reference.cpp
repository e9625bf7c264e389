#include "arch/parameter_reference.h"
#include "arch/smartdeal/spec.h"

namespace rebasis::arch {
namespace {

const RegisterParameters registration(
    "smartdeal",
    "The SmartDeal accelerator: rebuilds weights from sparse power-of-two coefficients "
    "and a basis, and multiplies them bit-serially.",
    [] { return smartdeal_parameters().describe(); });

}  // namespace
}  // namespace rebasis::arch
