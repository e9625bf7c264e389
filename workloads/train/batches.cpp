#include "workloads/train/batches.h"

#include <numeric>
#include <random>

#include "common/error.h"
#include "workloads/train/shuffle.h"

namespace rebasis::train {

Dataset::Dataset(const io::Inputs& data, const std::vector<std::int64_t>& chosen) {
  std::vector<std::int64_t> shape = data.images.shape;
  const std::int64_t values = data.images.size() / shape[0];
  shape[0] = static_cast<std::int64_t>(chosen.size());
  images_ = at::empty(shape, at::kFloat);
  labels_ = at::empty({shape[0]}, at::kLong);
  auto* image = images_.data_ptr<float>();
  auto* label = labels_.data_ptr<std::int64_t>();
  for (const std::int64_t position : chosen) {
    image = std::copy_n(data.images.values.data() + position * values, values, image);
    *label++ = data.labels[static_cast<std::size_t>(position)];
  }
}

Batch Dataset::range(std::int64_t first, std::int64_t last) const {
  return {images_.slice(0, first, last), labels_.slice(0, first, last)};
}

Batch Dataset::pick(const std::vector<std::int64_t>& indices) const {
  const at::Tensor chosen = at::tensor(indices, at::kLong);
  return {images_.index_select(0, chosen), labels_.index_select(0, chosen)};
}

std::vector<std::int64_t> shuffled(std::int64_t count, std::int64_t seed, std::int64_t epoch) {
  constexpr std::int64_t order_stream = -1;
  std::vector<std::int64_t> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  shuffle(order, {seed, epoch, order_stream});
  return order;
}

void augment(Batch& batch, const Recipe& recipe, std::int64_t epoch, std::int64_t step) {
  if (recipe.shift_pixels == 0 && !recipe.mirror) return;
  if (batch.images.dim() != 4) fail_input("augmentation needs images; the inputs are not [N][C][H][W]");
  std::mt19937_64 random = generator({recipe.seed, epoch, step});
  const std::int64_t shift = recipe.shift_pixels, height = batch.images.size(2), width = batch.images.size(3);
  const at::Tensor padded = at::constant_pad_nd(batch.images, {shift, shift, shift, shift}, 0);
  std::vector<at::Tensor> images;
  for (std::int64_t i = 0; i < padded.size(0); ++i) {
    const auto offset = [&] { return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(2 * shift + 1)); };
    const std::int64_t top = offset(), left = offset();
    at::Tensor image = padded[i].narrow(1, top, height).narrow(2, left, width);
    if (recipe.mirror && random() % 2 == 1) image = image.flip(2);
    images.push_back(image);
  }
  batch.images = at::stack(images);
}

}  // namespace rebasis::train
