#include "workloads/reuse/reuse.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <string>

#include "common/error.h"

namespace rebasis::reuse {
namespace {

constexpr std::int64_t max_hashes = 20;
constexpr std::int64_t max_elements = std::int64_t{1} << 31;  // of im2row matrices: 8 GiB

std::size_t index(std::int64_t value) { return static_cast<std::size_t>(value); }

void check_vectors(const HashVectors& vectors) {
  if (vectors.length < 1 || vectors.hashes < 1 || vectors.hashes > max_hashes ||
      vectors.values.size() != index(vectors.length * vectors.hashes))
    fail_internal("hash vectors do not match their length and number");
}

/// One column of the matrix of one group: first element and elements of its sub-vectors.
struct Column {
  std::int64_t first, length;
};

Column column_of(const Rows& rows, const HashVectors& vectors, std::int64_t column) {
  const std::int64_t first = column * vectors.length;
  return {first, std::min(vectors.length, rows.depth - first)};
}

std::int64_t columns_of(const Rows& rows, const HashVectors& vectors) {
  return (rows.depth + vectors.length - 1) / vectors.length;
}

/// Numbers the non-empty buckets of a column in the order in which they are met. Reused from column to column.
class BucketTable {
 public:
  explicit BucketTable(const HashVectors& vectors) : place_(std::size_t{1} << vectors.hashes, -1) {}

  /// Place of each row's bucket among the non-empty ones; returns how many there are.
  std::int64_t number(const std::vector<std::uint32_t>& buckets, std::vector<std::int32_t>& places) {
    places.resize(buckets.size());
    for (std::size_t i = 0; i < buckets.size(); ++i) {
      std::int32_t& place = place_[buckets[i]];
      if (place < 0) {
        place = static_cast<std::int32_t>(used_.size());
        used_.push_back(buckets[i]);
      }
      places[i] = place;
    }
    for (const std::uint32_t bucket : used_) place_[bucket] = -1;
    const auto count = static_cast<std::int64_t>(used_.size());
    used_.clear();
    return count;
  }

 private:
  std::vector<std::int32_t> place_;
  std::vector<std::uint32_t> used_;
};

void replace_column(Rows& rows, std::int64_t group, const Column& column, const std::vector<std::int32_t>& places,
                    std::int64_t buckets) {
  std::vector<std::int64_t> sums(index(buckets * column.length)), members(index(buckets));
  for (std::int64_t r = 0; r < rows.rows; ++r) {
    const std::int64_t place = places[index(r)];
    ++members[index(place)];
    const auto x = rows.row(group, r).subspan(index(column.first), index(column.length));
    for (std::size_t j = 0; j < x.size(); ++j) sums[index(place * column.length) + j] += x[j];
  }
  std::vector<std::int32_t> centroids(sums.size());
  for (std::size_t i = 0; i < sums.size(); ++i) centroids[i] = rounded_mean(sums[i], members[i / index(column.length)]);
  for (std::int64_t r = 0; r < rows.rows; ++r) {
    const auto from = centroids.begin() + places[index(r)] * column.length;
    std::copy(from, from + column.length, rows.row(group, r).begin() + column.first);
  }
}

}  // namespace

std::uint32_t bucket_of(std::span<const std::int32_t> x, const HashVectors& vectors) {
  std::uint32_t bucket = 0;
  for (std::int64_t h = 0; h < vectors.hashes; ++h) {
    const std::int8_t* const vector = vectors.values.data() + h * vectors.length;
    std::int64_t sum = 0;
    for (std::size_t j = 0; j < x.size(); ++j) sum += x[j] * std::int32_t{vector[j]};  // 17 by 8 bits: within 32
    bucket |= sum > 0 ? std::uint32_t{1} << h : 0U;
  }
  return bucket;
}

std::int32_t rounded_mean(std::int64_t sum, std::int64_t count) {
  const std::int64_t magnitude = ((sum < 0 ? -sum : sum) + count / 2) / count;
  return static_cast<std::int32_t>(sum < 0 ? -magnitude : magnitude);
}

double Counts::redundancy() const {
  return sub_vectors == 0 ? 0 : 1 - static_cast<double>(buckets) / static_cast<double>(sub_vectors);
}

Counts& Counts::operator+=(const Counts& other) {
  sub_vectors += other.sub_vectors;
  buckets += other.buckets;
  return *this;
}

std::span<std::int32_t> Rows::row(std::int64_t group, std::int64_t number) {
  return std::span(values).subspan(index((group * rows + number) * depth), index(depth));
}

std::span<const std::int32_t> Rows::row(std::int64_t group, std::int64_t number) const {
  return std::span(values).subspan(index((group * rows + number) * depth), index(depth));
}

Rows im2row(const LayerShape& s, std::span<const std::int32_t> activations, std::int64_t images) {
  if (activations.size() != index(images * s.C * s.H * s.W)) fail_internal("activations do not match the shape");
  Rows rows{s.groups, images * s.E() * s.F(), s.channels_per_group() * s.R * s.S, {}};
  if (rows.depth > 0 && rows.groups * rows.rows > max_elements / rows.depth)
    fail_input("the im2row matrix of " + std::to_string(rows.rows) + " x " + std::to_string(rows.depth) +
               " inputs does not fit the memory; share buckets among fewer images");
  rows.values.resize(index(rows.groups * rows.rows * rows.depth));
  auto to = rows.values.begin();
  for (std::int64_t g = 0; g < s.groups; ++g) {
    for (std::int64_t n = 0; n < images; ++n) {
      for (std::int64_t position = 0; position < s.E() * s.F(); ++position) {
        const std::int64_t top = position / s.F() * s.stride_h - s.pad_top;
        const std::int64_t left = position % s.F() * s.stride_w - s.pad_left;
        for (std::int64_t c = 0; c < s.channels_per_group(); ++c) {
          const std::int64_t plane = (n * s.C + g * s.channels_per_group() + c) * s.H;
          for (std::int64_t r = 0; r < s.R; ++r) {
            const std::int64_t y = top + r * s.dilation_h;
            for (std::int64_t k = 0; k < s.S; ++k, ++to) {
              const std::int64_t x = left + k * s.dilation_w;
              if (y >= 0 && y < s.H && x >= 0 && x < s.W) *to = activations[index((plane + y) * s.W + x)];
            }
          }
        }
      }
    }
  }
  return rows;
}

std::vector<std::uint32_t> buckets_of_column(const Rows& rows, const HashVectors& vectors, std::int64_t group,
                                             std::int64_t column) {
  const Column part = column_of(rows, vectors, column);
  std::vector<std::uint32_t> buckets;
  buckets.reserve(index(rows.rows));
  for (std::int64_t r = 0; r < rows.rows; ++r)
    buckets.push_back(bucket_of(rows.row(group, r).subspan(index(part.first), index(part.length)), vectors));
  return buckets;
}

Counts count_buckets(const Rows& rows, const HashVectors& vectors) {
  check_vectors(vectors);
  BucketTable table(vectors);
  std::vector<std::int32_t> places;
  Counts counts{rows.groups * rows.rows * columns_of(rows, vectors), 0};
  for (std::int64_t g = 0; g < rows.groups; ++g) {
    for (std::int64_t k = 0; k < columns_of(rows, vectors); ++k)
      counts.buckets += table.number(buckets_of_column(rows, vectors, g, k), places);
  }
  return counts;
}

Counts replace_by_centroids(Rows& rows, const HashVectors& vectors) {
  check_vectors(vectors);
  BucketTable table(vectors);
  std::vector<std::int32_t> places;
  Counts counts{rows.groups * rows.rows * columns_of(rows, vectors), 0};
  for (std::int64_t g = 0; g < rows.groups; ++g) {
    for (std::int64_t k = 0; k < columns_of(rows, vectors); ++k) {
      const std::int64_t buckets = table.number(buckets_of_column(rows, vectors, g, k), places);
      replace_column(rows, g, column_of(rows, vectors, k), places, buckets);
      counts.buckets += buckets;
    }
  }
  return counts;
}

std::vector<std::int64_t> multiply(const Rows& rows, const LayerShape& s, std::span<const std::int8_t> weights) {
  if (weights.size() != index(s.weights())) fail_internal("weights do not match the shape");
  const std::int64_t positions = s.E() * s.F(), images = rows.rows / positions, filters = s.filters_per_group();
  std::vector<std::int64_t> outputs(index(images * s.M * positions));
  for (std::int64_t m = 0; m < s.M; ++m) {
    const auto filter = weights.subspan(index(m * rows.depth), index(rows.depth));
    for (std::int64_t r = 0; r < rows.rows; ++r) {
      const auto x = rows.row(m / filters, r);
      std::int64_t sum = 0;
      for (std::size_t j = 0; j < x.size(); ++j) sum += std::int64_t{x[j]} * filter[j];
      outputs[index((r / positions * s.M + m) * positions + r % positions)] = sum;
    }
  }
  return outputs;
}

std::vector<std::int64_t> reused_convolution(const LayerShape& shape, std::span<const std::int32_t> activations,
                                             std::int64_t images, std::span<const std::int8_t> weights,
                                             const HashVectors& vectors, std::int64_t batch, Counts* counts) {
  if (batch < 1) fail_internal("a batch has at least one image");
  std::vector<std::int64_t> outputs;
  const std::size_t each = index(shape.C * shape.H * shape.W);
  for (std::int64_t first = 0; first < images; first += batch) {
    const std::int64_t count = std::min(batch, images - first);
    Rows rows = im2row(shape, activations.subspan(index(first) * each, index(count) * each), count);
    const Counts part = replace_by_centroids(rows, vectors);
    if (counts != nullptr) *counts += part;
    const std::vector<std::int64_t> products = multiply(rows, shape, weights);
    outputs.insert(outputs.end(), products.begin(), products.end());
  }
  return outputs;
}

HashVectors quantised_vectors(std::int64_t length, std::int64_t hashes, std::span<const double> values) {
  HashVectors vectors{length, hashes, std::vector<std::int8_t>(values.size())};
  check_vectors(vectors);
  for (std::int64_t h = 0; h < hashes; ++h) {
    const auto vector = values.subspan(index(h * length), index(length));
    double largest = 0;
    for (const double value : vector) largest = std::max(largest, std::abs(value));
    if (!(largest > 0) || !std::isfinite(largest)) continue;
    for (std::int64_t j = 0; j < length; ++j)
      vectors.values[index(h * length + j)] = static_cast<std::int8_t>(std::lround(vector[index(j)] / largest * 127));
  }
  return vectors;
}

HashVectors random_vectors(std::int64_t length, std::int64_t hashes, std::uint64_t seed) {
  std::mt19937_64 generator(seed);
  std::normal_distribution<double> normal;
  std::vector<double> values(index(length * hashes));
  for (double& value : values) value = normal(generator);
  return quantised_vectors(length, hashes, values);
}

}  // namespace rebasis::reuse
