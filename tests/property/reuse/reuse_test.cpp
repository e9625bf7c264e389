// Reuse of similar products against its definition, written out one output at a time, and its properties.
#include "workloads/reuse/reuse.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <tuple>

#include "tests/support/errors.h"
#include "tests/support/random_shape.h"

using namespace rebasis;
using namespace rebasis::reuse;

namespace {

struct Case {
  LayerShape shape;
  std::int64_t images = 1, batch = 1;
  std::vector<std::int32_t> activations;  ///< [images][C][H][W]
  std::vector<std::int8_t> weights;
  HashVectors vectors;

  [[nodiscard]] std::int64_t depth() const { return shape.channels_per_group() * shape.R * shape.S; }
};

Case random_case() {
  test::Dice dice(*rc::gen::arbitrary<std::uint32_t>());
  Case c;
  c.shape = test::random_shape(dice);
  c.images = *rc::gen::inRange(1, 4);
  c.batch = *rc::gen::inRange(1, 5);
  const int low = *rc::gen::element(-128, -2, 0), high = *rc::gen::element(2, 40, 256);
  for (std::int64_t i = 0; i < c.images * c.shape.C * c.shape.H * c.shape.W; ++i)
    c.activations.push_back(*rc::gen::inRange(low, high));
  for (std::int64_t i = 0; i < c.shape.weights(); ++i)
    c.weights.push_back(static_cast<std::int8_t>(*rc::gen::inRange(-128, 128)));
  c.vectors = random_vectors(*rc::gen::inRange<std::int64_t>(1, c.depth() + 1), *rc::gen::inRange(1, 9),
                             *rc::gen::arbitrary<std::uint64_t>());
  return c;
}

/// The input that element d of the row of (image, group, output position) is, zero in the padding.
std::int64_t element(const Case& c, std::int64_t n, std::int64_t g, std::int64_t e, std::int64_t f, std::int64_t d) {
  const LayerShape& s = c.shape;
  const std::int64_t channel = g * s.channels_per_group() + d / (s.R * s.S), r = d / s.S % s.R, k = d % s.S;
  const std::int64_t y = e * s.stride_h + r * s.dilation_h - s.pad_top;
  const std::int64_t x = f * s.stride_w + k * s.dilation_w - s.pad_left;
  if (y < 0 || x < 0 || y >= s.H || x >= s.W) return 0;
  return c.activations[static_cast<std::size_t>(((n * s.C + channel) * s.H + y) * s.W + x)];
}

/// Sum and members of each bucket, element by element: (batch, group, column, bucket) -> ...
using Key = std::tuple<std::int64_t, std::int64_t, std::int64_t, std::vector<bool>>;
struct Bucket {
  std::map<std::int64_t, double> sums;
  double members = 0;
};

struct Oracle {
  explicit Oracle(const Case& one) : c(one) {
    each([&](std::int64_t n, std::int64_t g, std::int64_t e, std::int64_t f, std::int64_t column) {
      Bucket& bucket = buckets[key(n, g, e, f, column)];
      for (std::int64_t d = first(column); d < last(column); ++d)
        bucket.sums[d] += static_cast<double>(element(c, n, g, e, f, d));
      ++bucket.members;
      ++sub_vectors;
    });
  }
  [[nodiscard]] std::int64_t first(std::int64_t column) const { return column * c.vectors.length; }
  [[nodiscard]] std::int64_t last(std::int64_t column) const {
    return std::min(first(column) + c.vectors.length, c.depth());
  }
  template <class Visit>
  void each(const Visit& visit) const {
    for (std::int64_t n = 0; n < c.images; ++n)
      for (std::int64_t g = 0; g < c.shape.groups; ++g)
        for (std::int64_t e = 0; e < c.shape.E(); ++e)
          for (std::int64_t f = 0; f < c.shape.F(); ++f)
            for (std::int64_t column = 0; first(column) < c.depth(); ++column) visit(n, g, e, f, column);
  }
  [[nodiscard]] Key key(std::int64_t n, std::int64_t g, std::int64_t e, std::int64_t f, std::int64_t column) const {
    std::vector<bool> bits;
    for (std::int64_t h = 0; h < c.vectors.hashes; ++h) {
      std::int64_t sum = 0;
      for (std::int64_t d = first(column); d < last(column); ++d)
        sum += element(c, n, g, e, f, d) *
               c.vectors.values[static_cast<std::size_t>(h * c.vectors.length + d - first(column))];
      bits.push_back(sum > 0);
    }
    return {n / c.batch, g, column, bits};
  }
  [[nodiscard]] std::int64_t output(std::int64_t n, std::int64_t m, std::int64_t e, std::int64_t f) const {
    const std::int64_t g = m / c.shape.filters_per_group();
    std::int64_t sum = 0;
    for (std::int64_t column = 0; first(column) < c.depth(); ++column) {
      const Bucket& bucket = buckets.at(key(n, g, e, f, column));
      for (std::int64_t d = first(column); d < last(column); ++d)  // std::round: halves away from zero
        sum += static_cast<std::int64_t>(std::round(bucket.sums.at(d) / bucket.members)) *
               c.weights[static_cast<std::size_t>(m * c.depth() + d)];
    }
    return sum;
  }

  const Case& c;
  std::map<Key, Bucket> buckets;
  std::int64_t sub_vectors = 0;
};

std::vector<std::int64_t> run(const Case& c, Counts* counts = nullptr) {
  return reused_convolution(c.shape, c.activations, c.images, c.weights, c.vectors, c.batch, counts);
}

std::vector<std::int64_t> plain(const Case& c) {
  return multiply(im2row(c.shape, c.activations, c.images), c.shape, c.weights);
}

}  // namespace

TEST_CASE("a reused convolution is its definition") {
  CHECK(rc::check("oracle", [] {
    const Case c = random_case();
    RC_PRE(c.images * c.shape.E() * c.shape.F() * c.shape.groups * c.depth() < 6000);
    const Oracle oracle(c);
    Counts counts;
    const auto outputs = run(c, &counts);
    RC_ASSERT(counts.sub_vectors == oracle.sub_vectors);
    RC_ASSERT(counts.buckets == static_cast<std::int64_t>(oracle.buckets.size()));
    std::size_t i = 0;
    for (std::int64_t n = 0; n < c.images; ++n)
      for (std::int64_t m = 0; m < c.shape.M; ++m)
        for (std::int64_t e = 0; e < c.shape.E(); ++e)
          for (std::int64_t f = 0; f < c.shape.F(); ++f) RC_ASSERT(outputs[i++] == oracle.output(n, m, e, f));
  }));
}

TEST_CASE("buckets of equal sub-vectors give the plain convolution") {
  CHECK(rc::check("exact", [] {
    Case c = random_case();
    for (std::int32_t& value : c.activations) value = value > 0 ? 1 : 0;
    c.vectors.length = std::min<std::int64_t>(c.depth(), 6);
    c.vectors.hashes = c.vectors.length;
    c.vectors.values.assign(static_cast<std::size_t>(c.vectors.length * c.vectors.length), 0);
    // Bit h tells element h: every distinct sub-vector of zeros and ones has a bucket of its own.
    for (std::int64_t h = 0; h < c.vectors.length; ++h)
      c.vectors.values[static_cast<std::size_t>(h * (c.vectors.length + 1))] = 127;
    RC_ASSERT(run(c) == plain(c));
  }));
}

TEST_CASE("the order of the images of a batch is of no matter, and equal images share all buckets") {
  CHECK(rc::check("images", [] {
    Case c = random_case();
    c.batch = c.images;
    Counts counts;
    const auto outputs = run(c, &counts);
    Case turned = c;
    const std::ptrdiff_t each = c.shape.C * c.shape.H * c.shape.W;
    std::rotate(turned.activations.begin(), turned.activations.begin() + each, turned.activations.end());
    Counts of_turned;
    auto expected = outputs;
    std::rotate(expected.begin(), expected.begin() + c.shape.M * c.shape.E() * c.shape.F(), expected.end());
    RC_ASSERT(run(turned, &of_turned) == expected);
    RC_ASSERT(of_turned.buckets == counts.buckets);

    Case doubled = c;  // the same images again: no new bucket, the same centroids
    doubled.activations.insert(doubled.activations.end(), c.activations.begin(), c.activations.end());
    doubled.images = doubled.batch = 2 * c.images;
    Counts of_doubled;
    const auto twice = run(doubled, &of_doubled);
    RC_ASSERT(of_doubled.buckets == counts.buckets);
    RC_ASSERT(of_doubled.redundancy() >= counts.redundancy());
    RC_ASSERT(std::equal(outputs.begin(), outputs.end(), twice.begin()));
    doubled.batch = c.images;  // two batches: twice the buckets
    Counts apart;
    (void)run(doubled, &apart);
    RC_ASSERT(apart.buckets == 2 * counts.buckets);
  }));
}

TEST_CASE("a longer hash divides buckets and never joins them") {
  CHECK(rc::check("bits", [] {
    Case c = random_case();
    const Rows rows = im2row(c.shape, c.activations, c.images);
    const Counts all = count_buckets(rows, c.vectors);
    HashVectors fewer = c.vectors;
    fewer.hashes = *rc::gen::inRange<std::int64_t>(1, c.vectors.hashes + 1);
    fewer.values.resize(static_cast<std::size_t>(fewer.hashes * fewer.length));
    const Counts some = count_buckets(rows, fewer);
    RC_ASSERT(some.buckets <= all.buckets);
    RC_ASSERT(some.sub_vectors == all.sub_vectors);
    RC_ASSERT(all.redundancy() >= 0);
    RC_ASSERT(all.redundancy() < 1);
  }));
}

TEST_CASE("means round to the nearest integer, halves away from zero") {
  CHECK(rounded_mean(5, 2) == 3);
  CHECK(rounded_mean(-5, 2) == -3);
  CHECK(rounded_mean(4, 3) == 1);
  CHECK(rounded_mean(5, 3) == 2);
  CHECK(rounded_mean(-5, 3) == -2);
  CHECK(rounded_mean(-4, 3) == -1);
  CHECK(rounded_mean(0, 7) == 0);
  CHECK(rounded_mean(65535LL * 1000, 1000) == 65535);
}

TEST_CASE("a hand-computed layer") {
  // Two channels of 1 x 3, a 1 x 1 kernel, L = 1: column 0 is channel 0, column 1 is channel 1; one hash bit, x > 0.
  const LayerShape shape{.M = 1, .C = 2, .W = 3};
  const HashVectors vectors{1, 1, {127}};
  Counts counts;
  const auto outputs = reused_convolution(shape, std::vector<std::int32_t>{1, 4, 0, 0, 0, 0}, 1,
                                          std::vector<std::int8_t>{2, 5}, vectors, 1, &counts);
  CHECK(outputs == std::vector<std::int64_t>{6, 6, 0});  // 1 and 4 share a bucket: (1 + 4) / 2 = 2.5, rounded to 3
  CHECK(counts.sub_vectors == 6);
  CHECK(counts.buckets == 3);
  CHECK(counts.redundancy() == 0.5);
  CHECK(bucket_of(std::vector<std::int32_t>{0}, vectors) == 0);  // 0 is not > 0
}

TEST_CASE("a matrix that no memory holds is refused") {
  const LayerShape shape{.C = 1,
                         .H = 2048,
                         .W = 2048,
                         .R = 1023,
                         .S = 1023,
                         .pad_top = 511,
                         .pad_left = 511,
                         .pad_bottom = 511,
                         .pad_right = 511};
  CHECK(test::bad_input([&] { (void)im2row(shape, std::vector<std::int32_t>(2048 * 2048), 1); }).find("fewer images") !=
        std::string::npos);
}

TEST_CASE("hash vectors of 8 bits") {
  const HashVectors vectors = quantised_vectors(2, 3, std::vector<double>{0.5, -1, 0, 0, 3, 1});
  CHECK(vectors.values == std::vector<std::int8_t>{64, -127, 0, 0, 127, 42});
  const HashVectors random = random_vectors(300, 5, 7);
  CHECK(random == random_vectors(300, 5, 7));
  CHECK_FALSE(random == random_vectors(300, 5, 8));
  CHECK(std::abs(std::accumulate(random.values.begin(), random.values.end(), 0)) < 4 * 45 * std::sqrt(1500));
  CHECK(*std::max_element(random.values.begin(), random.values.end()) <= 127);
}
