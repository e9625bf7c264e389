#include "workloads/train/batches.h"

#include <numeric>
#include <random>

#include "common/error.h"

namespace rebasis::train {

namespace {

std::mt19937_64 generator(std::int64_t seed, std::int64_t epoch, std::int64_t step) {
  std::seed_seq sequence{seed, epoch, step};
  return std::mt19937_64(sequence);
}

}  // namespace

Dataset::Dataset(const io::Inputs& data) {
  if (data.labels.empty()) fail_input("training needs the class of each image; give --labels");
  const auto* const values = data.images.values.data();
  images_ = at::empty(data.images.shape, at::kFloat);
  std::copy(values, values + images_.numel(), images_.data_ptr<float>());
  labels_ = at::empty({static_cast<std::int64_t>(data.labels.size())}, at::kLong);
  std::copy(data.labels.begin(), data.labels.end(), labels_.data_ptr<std::int64_t>());
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
  std::mt19937_64 random = generator(seed, epoch, order_stream);
  for (std::size_t i = order.size(); i > 1; --i)
    std::swap(order[i - 1], order[random() % i]);  // the same on every library
  return order;
}

void augment(Batch& batch, const Recipe& recipe, std::int64_t epoch, std::int64_t step) {
  if (recipe.shift_pixels == 0 && !recipe.mirror) return;
  if (batch.images.dim() != 4) fail_input("augmentation needs images; the inputs are not [N][C][H][W]");
  std::mt19937_64 random = generator(recipe.seed, epoch, step);
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
