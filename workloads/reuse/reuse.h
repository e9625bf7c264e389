// Reuse of similar products (TREC) in the integers that a machine computes: im2row sub-vectors, their hashes, buckets,
// centroids, and the convolution that results. docs/trace-format.md, "Reuse", is the definition; this is its reference.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "workloads/layer_shape.h"

namespace rebasis::reuse {

/// L and H of a layer with its hash vectors.
struct HashVectors {
  std::int64_t length = 0;          ///< L
  std::int64_t hashes = 0;          ///< H, 1 to 20
  std::vector<std::int8_t> values;  ///< [H][L]

  bool operator==(const HashVectors&) const = default;
};

/// The number of the bucket of sub-vector `x` (at most L elements): bit h is 1 when x . vector h > 0.
[[nodiscard]] std::uint32_t bucket_of(std::span<const std::int32_t> x, const HashVectors& vectors);

/// sum / count to the nearest integer, halves away from zero. count > 0.
[[nodiscard]] std::int32_t rounded_mean(std::int64_t sum, std::int64_t count);

/// What sharing buckets came to, over any number of batches.
struct Counts {
  std::int64_t sub_vectors = 0;
  std::int64_t buckets = 0;  ///< that are not empty, over groups, columns and batches

  /// r_t = 1 - non-empty buckets / sub-vectors; 0 without sub-vectors.
  [[nodiscard]] double redundancy() const;
  Counts& operator+=(const Counts& other);
};

/// The im2row matrices of a batch: for each group a row of D = C/groups * R * S elements (order channel, kernel row,
/// kernel column) for each image and output position.
struct Rows {
  std::int64_t groups = 1, rows = 0, depth = 0;
  std::vector<std::int32_t> values;  ///< [groups][rows][depth]; rows: images * E * F

  [[nodiscard]] std::span<std::int32_t> row(std::int64_t group, std::int64_t index);
  [[nodiscard]] std::span<const std::int32_t> row(std::int64_t group, std::int64_t index) const;
};

/// `activations` are [images][C][H][W] integers, zero padded by the shape. Throws Error(bad_input) beyond 2^31
/// elements.
[[nodiscard]] Rows im2row(const LayerShape& shape, std::span<const std::int32_t> activations, std::int64_t images);

/// Bucket of each sub-vector of one column of one group, a row each. Columns: ceil(depth / L).
[[nodiscard]] std::vector<std::uint32_t> buckets_of_column(const Rows& rows, const HashVectors& vectors,
                                                           std::int64_t group, std::int64_t column);

/// Counts the buckets of all columns; the rows are one batch.
[[nodiscard]] Counts count_buckets(const Rows& rows, const HashVectors& vectors);

/// Replaces each sub-vector by the centroid of its bucket: the rounded mean of the members, element by element.
Counts replace_by_centroids(Rows& rows, const HashVectors& vectors);

/// Rows times filters: [images][M][E][F], without bias. `weights` are [M][C/groups][R][S].
[[nodiscard]] std::vector<std::int64_t> multiply(const Rows& rows, const LayerShape& shape,
                                                 std::span<const std::int8_t> weights);

/// im2row, replace_by_centroids and multiply, with buckets shared by `batch` consecutive images.
[[nodiscard]] std::vector<std::int64_t> reused_convolution(const LayerShape& shape,
                                                           std::span<const std::int32_t> activations,
                                                           std::int64_t images, std::span<const std::int8_t> weights,
                                                           const HashVectors& vectors, std::int64_t batch,
                                                           Counts* counts = nullptr);

/// Vectors of independent Gaussian elements, the largest of each at 127 ("random" hashing). The same for the same seed.
[[nodiscard]] HashVectors random_vectors(std::int64_t length, std::int64_t hashes, std::uint64_t seed);

/// Real vectors [H][L] rounded to 8 bits, the largest of each at 127; a vector of zeros stays one.
[[nodiscard]] HashVectors quantised_vectors(std::int64_t length, std::int64_t hashes, std::span<const double> values);

}  // namespace rebasis::reuse
