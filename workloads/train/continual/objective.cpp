#include "workloads/train/continual/objective.h"

#include <algorithm>
#include <cmath>

namespace rebasis::train {

namespace {

/// In [low, high), the same on every machine.
double uniform(std::mt19937_64& random, double low, double high) {
  return low + (high - low) * std::ldexp(static_cast<double>(random() >> 11), -53);
}

/// Marsaglia and Tsang, 2000; below 1 by the power of a uniform number.
double gamma(double shape, std::mt19937_64& random) {
  if (shape < 1) return gamma(shape + 1, random) * std::pow(uniform(random, 1e-300, 1), 1 / shape);
  const double d = shape - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  for (;;) {
    const double radius = std::sqrt(-2 * std::log(uniform(random, 1e-300, 1)));
    const double normal = radius * std::cos(2 * std::acos(-1.0) * uniform(random, 0, 1)), base = 1 + c * normal;
    if (base <= 0) continue;
    const double cube = base * base * base;
    if (std::log(uniform(random, 1e-300, 1)) < 0.5 * normal * normal + d - d * cube + d * std::log(cube))
      return d * cube;
  }
}

at::Tensor negative_cosine(const at::Tensor& prediction, const at::Tensor& target) {
  return -at::cosine_similarity(prediction, target.detach(), 1, 1e-8).mean();
}

/// Zero mean and unit variance of each component over the batch.
at::Tensor standardised(const at::Tensor& projection) {
  return (projection - projection.mean(0, true)) / (projection.var(0, false, true) + 1e-5).sqrt();
}

at::Tensor unit_length(const at::Tensor& features) { return features / features.norm(2, 1, true).clamp_min(1e-12); }

}  // namespace

at::Tensor view_of(const at::Tensor& images, const ContinualRecipe& recipe, std::mt19937_64& random) {
  const std::int64_t count = images.size(0);
  at::Tensor placing = at::zeros({count, 2, 3}), gain = at::ones({count, 1, 1, 1}),
             offset = at::zeros({count, 1, 1, 1});
  auto place = placing.accessor<float, 3>();
  for (std::int64_t i = 0; i < count; ++i) {
    const double area = uniform(random, recipe.smallest_crop, 1);
    const double aspect = std::exp(uniform(random, std::log(3.0 / 4), std::log(4.0 / 3)));
    const double width = std::min(1.0, std::sqrt(area * aspect)), height = std::min(1.0, std::sqrt(area / aspect));
    const double left = uniform(random, width - 1, 1 - width), top = uniform(random, height - 1, 1 - height);
    const bool mirrored = recipe.mirror && random() % 2 == 1;
    place[i][0][0] = static_cast<float>(mirrored ? -width : width);
    place[i][0][2] = static_cast<float>(left);
    place[i][1][1] = static_cast<float>(height);
    place[i][1][2] = static_cast<float>(top);
    gain[i].fill_(uniform(random, 1 - recipe.jitter, 1 + recipe.jitter));
    offset[i].fill_(uniform(random, -recipe.jitter, recipe.jitter));
  }
  const at::Tensor grid = at::affine_grid_generator(placing, images.sizes(), false);
  constexpr std::int64_t bilinear = 0, border = 1;
  return at::grid_sampler(images, grid, bilinear, border, false) * gain + offset;
}

double mixing_weight(double alpha, std::mt19937_64& random) {
  const double a = gamma(alpha, random), b = gamma(alpha, random);
  return a + b > 0 ? a / (a + b) : 0.5;
}

at::Tensor simsiam_loss(const at::Tensor& prediction1, const at::Tensor& projection2, const at::Tensor& prediction2,
                        const at::Tensor& projection1) {
  return 0.5 * negative_cosine(prediction1, projection2) + 0.5 * negative_cosine(prediction2, projection1);
}

at::Tensor barlow_twins_loss(const at::Tensor& projection1, const at::Tensor& projection2, double redundancy) {
  const at::Tensor correlation =
      at::mm(standardised(projection1).t(), standardised(projection2)) / static_cast<double>(projection1.size(0));
  const at::Tensor diagonal = correlation.diagonal();
  return (1 - diagonal).square().sum() + redundancy * (correlation.square().sum() - diagonal.square().sum());
}

double knn_accuracy(const at::Tensor& bank, const at::Tensor& bank_labels, const at::Tensor& features,
                    const at::Tensor& labels, std::int64_t neighbours, double temperature) {
  const at::NoGradGuard no_gradients;
  const at::Tensor similarity = at::mm(unit_length(features), unit_length(bank).t());
  const auto [nearest, positions] = similarity.topk(std::min(neighbours, bank.size(0)), 1);
  const at::Tensor classes = bank_labels.index_select(0, positions.reshape({-1})).view(positions.sizes());
  const std::int64_t highest = std::max(bank_labels.max().item<std::int64_t>(), labels.max().item<std::int64_t>());
  const at::Tensor votes =
      at::zeros({features.size(0), highest + 1}).scatter_add(1, classes, (nearest / temperature).exp());
  return votes.argmax(1).eq(labels).to(at::kFloat).mean().item<double>();
}

}  // namespace rebasis::train
