#include "arch/diannao/spec.h"
#include "arch/parameter_reference.h"

namespace rebasis::arch {
namespace {

const RegisterParameters registration("diannao",
                                      "The DianNao accelerator: Tn x Ti multipliers, adder trees and a non-linearity "
                                      "in one pipeline between three scratchpads; every "
                                      "weight and activation takes part, zero or not.",
                                      [] { return diannao_parameters().describe(); });

}  // namespace
}  // namespace rebasis::arch
