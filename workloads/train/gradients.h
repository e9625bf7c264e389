// Loss and gradients of a step: of its batch as a whole, or of parts that threads share. Included only by parts that
// link libtorch.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <vector>

#include "workloads/train/batches.h"
#include "workloads/train/method_chain.h"
#include "workloads/train/network.h"
#include "workloads/train/recipe.h"

namespace rebasis::train {

struct BatchOutcome {
  double loss = 0;           ///< mean over the batch, penalties included
  std::int64_t correct = 0;  ///< images whose largest score is their label's
};

/// With recipe.micro_batches K > 1 the batch is cut into K parts of as many images each. Every part has batch-norm
/// statistics of its own ("ghost batch normalisation", Hoffer et al., NeurIPS 2017); the running statistics take the
/// mean of the parts. Gradients are added in the order of the parts, so that the result depends on K and not on the
/// number of threads. Methods' apply() runs in several threads at once then.
class Gradients {
 public:
  /// `leaves`: what gradients are wanted of. `threads`: 0 for one a processor; more than processors or parts are not
  /// used.
  Gradients(TrainableNetwork& network, MethodChain& methods, const Recipe& recipe, std::vector<at::Tensor> leaves,
            std::int64_t threads);

  /// Leaves the gradients of a step in .grad() of the leaves, as the methods change them, and updates the running
  /// statistics: of the selected sub-net, or of all sub-nets when they are trained jointly.
  BatchOutcome compute(const Moment& moment, const Batch& batch);

 private:
  struct Part {
    std::vector<at::Tensor> gradients;  ///< of each leaf; undefined: it has no influence
    TrainableNetwork::Statistics statistics;
    BatchOutcome outcome;
    double share = 0;  ///< of the batch
  };
  BatchOutcome compute_selected(const Moment& moment, const Batch& batch);
  BatchOutcome compute_joint(const Moment& moment, const Batch& batch);
  [[nodiscard]] BatchOutcome backward(const Batch& batch);
  /// A part whose loss counts `share`.
  [[nodiscard]] Part compute_part(const Batch& batch, double share) const;
  [[nodiscard]] Part compute_penalties() const;
  void settle(const std::vector<Part>& parts);
  void add_gradients(const Part& part);

  TrainableNetwork& network_;
  MethodChain& methods_;
  const Recipe& recipe_;
  std::vector<at::Tensor> leaves_;
  int threads_;
};

}  // namespace rebasis::train
