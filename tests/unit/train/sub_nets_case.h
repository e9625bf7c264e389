// The method "sub_nets" on a small network, driven step by step.
#pragma once

#include "tests/support/torch_doctest.h"

#include <vector>

#include "tests/support/sparse_training.h"

namespace rebasis::test {

inline constexpr std::int64_t w2_size = 8 * 8 * 9, v_size = 3 * 8;

/// Masks of sub-net `net`, of w2 and v: behind two gradients each has two masks, a count and a level.
inline std::vector<at::Tensor> masks_of(const MethodRig& rig, std::size_t net) {
  const std::vector<at::Tensor> state = rig.method->state();
  return {state.at(2 + 4 * net), state.at(3 + 4 * net)};
}

/// Calls `check(step)` before the optimiser's step of each of an epoch's steps.
template <class Check>
void drive(MethodRig& rig, std::int64_t steps, const Check& check) {
  rig.method->begin_epoch(rig.network, 0, 1);
  for (std::int64_t step = 0; step < steps; ++step) {
    CAPTURE(step);
    const train::Moment moment{0, 1, step, steps, 20};
    rig.method->begin_step(rig.network, moment);
    rig.backward(moment);
    rig.method->after_backward(rig.network, moment);
    check(step);
    rig.descend();
    rig.method->after_step(rig.network, moment);
  }
}

}  // namespace rebasis::test
