// Random ternary layers: what is encoded is decoded, and sizes agree with a count one weight at a time.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <set>

#include "workloads/encode/ternary.h"

using namespace rebasis;
using namespace rebasis::encode;

namespace {

struct Case {
  LayerShape shape;
  TernaryForm form;
};

Case random_case() {
  Case c;
  c.shape.groups = *rc::gen::inRange(1, 4);
  c.shape.M = c.shape.groups * *rc::gen::inRange(1, 6);
  c.shape.C = c.shape.groups * *rc::gen::inRange(1, 20);
  c.shape.R = *rc::gen::inRange(1, 5);
  c.shape.S = *rc::gen::inRange(1, 5);
  c.form.info.group_channels = *rc::gen::inRange(1, 24);
  const int density = *rc::gen::inRange(0, 4);  // of 4: whole groups of zeros occur
  for (std::int64_t i = 0; i < c.shape.weights(); ++i) {
    const bool zero = *rc::gen::inRange(0, 4) >= density;
    c.form.weights.push_back(static_cast<std::int8_t>(zero ? 0 : *rc::gen::arbitrary<bool>() ? 1 : -1));
  }
  return c;
}

/// (filter, group) of weight i, from its coordinates.
std::pair<std::int64_t, std::int64_t> group_of(std::int64_t i, const Case& c) {
  const std::int64_t kernel = c.shape.R * c.shape.S, channels = c.shape.C / c.shape.groups;
  return {i / (channels * kernel), i / kernel % channels / c.form.info.group_channels};
}

}  // namespace

TEST_CASE("decode(encode(x)) is x and the sizes are exact") {
  CHECK(rc::check("ternary", [] {
    const Case c = random_case();
    const EncodedTernary encoded = encode::encode(c.form, c.shape);
    RC_ASSERT(decode_ternary(encoded.codes, encoded.group_index, c.form.info, c.shape, "L") == c.form.weights);

    std::set<std::pair<std::int64_t, std::int64_t>> groups, used;
    for (std::int64_t i = 0; i < c.shape.weights(); ++i) {
      groups.insert(group_of(i, c));
      if (c.form.weights[static_cast<std::size_t>(i)] != 0) used.insert(group_of(i, c));
    }
    std::uint64_t kept = 0;
    for (std::int64_t i = 0; i < c.shape.weights(); ++i) kept += used.contains(group_of(i, c)) ? 2 : 0;
    const TernaryBits bits = ternary_bits(group_flags(c.form.weights, c.form.info, c.shape), c.form.info, c.shape);
    RC_ASSERT(bits.groups == static_cast<std::int64_t>(groups.size()));
    RC_ASSERT(bits.nonzero_groups == static_cast<std::int64_t>(used.size()));
    RC_ASSERT(bits.kept_codes == kept);
    RC_ASSERT(encoded.codes.size() == (bits.all_codes + 7) / 8);
    RC_ASSERT(encoded.group_index.size() == (bits.index + 7) / 8);
  }));
}

TEST_CASE("a flipped bit is another layer or refused, never accepted as the same") {
  CHECK(rc::check("ternary damage", [] {
    const Case c = random_case();
    EncodedTernary encoded = encode::encode(c.form, c.shape);
    const bool in_index = *rc::gen::arbitrary<bool>();
    std::vector<std::uint8_t>& bytes = in_index ? encoded.group_index : encoded.codes;
    const auto bit = *rc::gen::inRange<std::size_t>(0, 8 * bytes.size());
    bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] ^ (1U << (bit % 8)));
    try {
      const auto weights = decode_ternary(encoded.codes, encoded.group_index, c.form.info, c.shape, "L");
      RC_ASSERT_FALSE(in_index);
      RC_ASSERT(weights != c.form.weights);
    } catch (const Error& error) {
      RC_ASSERT(error.status() == Status::bad_input);
    }
  }));
}
