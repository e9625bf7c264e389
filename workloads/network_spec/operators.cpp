#include "workloads/network_spec/operators.h"

namespace rebasis::networks {

const Operators& operators() {
  static const Operators table = [] {
    Operators all;
    add_layers(all);
    add_pools(all);
    add_norms(all);
    add_movement(all);
    add_attention(all);
    add_activations(all);
    return all;
  }();
  return table;
}

}  // namespace rebasis::networks
