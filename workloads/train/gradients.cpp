#include "workloads/train/gradients.h"

#include <ATen/Parallel.h>
#include <malloc.h>
#include <tbb/info.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <limits>

namespace rebasis::train {

namespace {

int thread_count(const Recipe& recipe, std::int64_t asked) {
  const std::int64_t processors = tbb::info::default_concurrency();
  return static_cast<int>(std::min({asked > 0 ? asked : processors, processors, recipe.micro_batches}));
}

/// A step asks for hundreds of megabytes and frees them; the C library shall keep them for the next step instead of
/// giving them back to the system page by page.
void keep_freed_memory() {
  constexpr int largest_kept = 1 << 30;
  mallopt(M_MMAP_THRESHOLD, largest_kept);
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
}

}  // namespace

Gradients::Gradients(TrainableNetwork& network, MethodChain& methods, const Recipe& recipe,
                     std::vector<at::Tensor> leaves, std::int64_t threads)
    : network_(network),
      methods_(methods),
      recipe_(recipe),
      leaves_(std::move(leaves)),
      threads_(thread_count(recipe, threads)) {
  keep_freed_memory();
}

BatchOutcome Gradients::compute(const Moment& moment, const Batch& batch) {
  return methods_.joint() ? compute_joint(moment, batch) : compute_selected(moment, batch);
}

BatchOutcome Gradients::compute_selected(const Moment& moment, const Batch& batch) {
  network_.select(methods_.selected());
  const BatchOutcome outcome = backward(batch);
  methods_.each([&](Method& method) { method.after_backward(network_, moment); });
  return outcome;
}

/// A pass of every sub-net; gradients and losses add up (Yang's dissertation, equation 3.3), correct images are the
/// mean's.
BatchOutcome Gradients::compute_joint(const Moment& moment, const Batch& batch) {
  const std::vector<at::Tensor> trained = methods_.trained(network_);
  std::vector<at::Tensor> sums(trained.size());
  const std::size_t count = methods_.variants().size();
  BatchOutcome all;
  for (std::size_t variant = 0; variant < count; ++variant) {
    methods_.select(variant);
    const BatchOutcome outcome = compute_selected(moment, batch);
    all.loss += outcome.loss;
    all.correct += outcome.correct;
    for (std::size_t i = 0; i < trained.size(); ++i) {
      const at::Tensor& gradient = trained[i].grad();
      if (gradient.defined()) sums[i] = sums[i].defined() ? sums[i] + gradient : gradient.clone();
    }
  }
  for (std::size_t i = 0; i < trained.size(); ++i) {
    if (sums[i].defined()) trained[i].mutable_grad() = sums[i];
  }
  all.correct /= static_cast<std::int64_t>(count);
  return all;
}

BatchOutcome Gradients::backward(const Batch& batch) {
  const std::int64_t images = batch.labels.size(0), count = std::min(recipe_.micro_batches, images);
  std::vector<Part> parts(static_cast<std::size_t>(count));
  const auto work = [&](std::int64_t k) {
    at::init_num_threads();  // one of libtorch's own threads a worker, as everywhere
    const std::int64_t first = k * images / count, last = (k + 1) * images / count;
    const Batch own{batch.images.slice(0, first, last), batch.labels.slice(0, first, last)};
    parts[static_cast<std::size_t>(k)] =
        compute_part(own, static_cast<double>(last - first) / static_cast<double>(images));
  };
  if (threads_ == 1) {
    for (std::int64_t k = 0; k < count; ++k) work(k);
  } else {
    tbb::task_arena(threads_).execute([&] { tbb::parallel_for(std::int64_t{0}, count, work); });
  }
  parts.push_back(compute_penalties());
  settle(parts);
  BatchOutcome outcome;
  for (const Part& part : parts) {
    outcome.loss += part.outcome.loss;
    outcome.correct += part.outcome.correct;
  }
  return outcome;
}

Gradients::Part Gradients::compute_part(const Batch& batch, double share) const {
  Part part;
  part.share = share;
  for (const auto& [name, tensor] : network_.statistics()) part.statistics.emplace(name, tensor.clone());
  const at::Tensor scores = network_.forward(
      batch.images, part.statistics,
      [&](std::size_t layer, const at::Tensor& weights) { return methods_.effective(network_, layer, weights); });
  const at::Tensor mean =
      at::cross_entropy_loss(scores, batch.labels, {}, at::Reduction::Mean, -100, recipe_.label_smoothing);
  part.gradients = torch::autograd::grad({mean * share}, leaves_, {}, c10::nullopt, false, true);
  part.outcome.loss = share * mean.item<double>();
  part.outcome.correct = scores.detach().argmax(1).eq(batch.labels).sum().item<std::int64_t>();
  return part;
}

Gradients::Part Gradients::compute_penalties() const {
  Part part;
  const at::Tensor penalty = methods_.penalties(network_);
  if (!penalty.defined()) return part;
  part.outcome.loss = penalty.item<double>();
  if (penalty.requires_grad())
    part.gradients = torch::autograd::grad({penalty}, leaves_, {}, c10::nullopt, false, true);
  return part;
}

/// In the order of the parts: sums of single-precision numbers depend on it.
void Gradients::settle(const std::vector<Part>& parts) {
  const at::NoGradGuard no_gradients;
  for (at::Tensor& leaf : leaves_) leaf.mutable_grad().reset();
  for (const Part& part : parts) add_gradients(part);
  for (const auto& [name, running] : network_.statistics()) {
    if (parts.front().statistics.at(name).equal(running)) continue;  // frozen: a mean of parts could round
    at::Tensor sum = at::zeros_like(running);
    for (const Part& part : parts) {
      if (part.share > 0) sum.add_(part.statistics.at(name), part.share);
    }
    at::Tensor(running).copy_(sum);
  }
}

void Gradients::add_gradients(const Part& part) {
  for (std::size_t i = 0; i < part.gradients.size(); ++i) {
    if (!part.gradients[i].defined()) continue;
    at::Tensor& gradient = leaves_[i].mutable_grad();
    // A copy: libtorch may hand out one tensor for two leaves, and methods change gradients in place.
    gradient = gradient.defined() ? gradient + part.gradients[i] : part.gradients[i].clone();
  }
}

}  // namespace rebasis::train
