// Runtime-accessible sequences and networks of them: every weight can be asked for, every filter read, and what is read
// convolves as the weights themselves do.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>

#include "sim/core/reference_convolution.h"
#include "tests/support/dice.h"
#include "tests/support/errors.h"
#include "tests/support/random_shape.h"
#include "workloads/succinct/forms.h"
#include "workloads/succinct/measure.h"
#include "workloads/succinct/network.h"

using namespace rebasis;
using encode::WeightMatrix;
using succinct::RasType;
using test::Dice;

namespace {

WeightMatrix random_matrix(Dice& dice, std::int64_t rows, std::int64_t columns) {
  WeightMatrix matrix{rows, columns, static_cast<int>(dice.between(2, 10)), {}};
  const std::int64_t end = std::int64_t{1} << (matrix.bits - 1);
  const double density = dice.pick<double>({0.0, 0.05, 0.3, 1.0});
  matrix.values.resize(static_cast<std::size_t>(rows * columns));
  for (std::int32_t& value : matrix.values) {
    value = dice.chance(density) ? static_cast<std::int32_t>(dice.between(-end, end - 1)) : 0;
  }
  return matrix;
}

std::vector<WeightMatrix> random_layers(Dice& dice) {
  std::vector<WeightMatrix> layers(static_cast<std::size_t>(dice.between(1, 5)));
  for (WeightMatrix& layer : layers) layer = random_matrix(dice, dice.between(1, 12), dice.between(1, 70));
  return layers;
}

std::vector<RasType> random_types(Dice& dice, std::size_t count) {
  std::vector<RasType> types(count);
  for (RasType& type : types) type = succinct::ras_types[dice.between(0, 3)];
  return types;
}

/// The non-zero weights of a row, straight from the matrix.
succinct::FilterOperands expected(const WeightMatrix& matrix, std::int64_t row) {
  succinct::FilterOperands operands;
  operands.start(matrix.columns);
  for (std::int64_t c = 0; c < matrix.columns; ++c) {
    const std::int32_t weight = matrix.values[static_cast<std::size_t>(row * matrix.columns + c)];
    if (weight != 0) operands.add(static_cast<std::uint32_t>(c), weight);
  }
  return operands;
}

}  // namespace

TEST_CASE("Zigzag pairs every value with a symbol") {
  CHECK(succinct::zigzag(0) == 0);
  CHECK(succinct::zigzag(-1) == 1);
  CHECK(succinct::zigzag(1) == 2);
  for (std::int32_t value = -70000; value < 70000; value += 7)
    CHECK(succinct::unzigzag(succinct::zigzag(value)) == value);
}

TEST_CASE("A union by hand") {
  const WeightMatrix matrix{2, 4, 4, {0, 3, 0, -1, 0, 0, 5, 0}};
  const auto strings = [&](RasType type) {
    succinct::Strings result;
    succinct::append_union(matrix, type, result);
    return result;
  };
  using List = std::vector<succinct::Symbol>;
  // zigzag: 3 -> 6, -1 -> 1, 5 -> 10; operands from 7 on, values from 1 on.
  CHECK(strings(RasType::element_dense).main == List{3, 1, 7, 13, 7, 8, 7, 7, 17, 7, 0});
  CHECK(strings(RasType::block_dense).main == List{5, 2, 7, 13, 7, 8, 2, 7, 7, 17, 7, 0});
  CHECK(strings(RasType::block_dense).values == List{0});
  // Distances 2, 2, 3 over the whole layer; 2, 2 and 3 from each bracket on. Stored less one, from 7 on.
  CHECK(strings(RasType::element_sparse).main == List{4, 1, 8, 8, 9, 0});
  CHECK(strings(RasType::block_sparse).main == List{6, 2, 8, 8, 2, 9, 0});
  CHECK(strings(RasType::block_sparse).values == List{7, 2, 11, 0});
}

TEST_CASE("Parsing a union gives the matrix; a changed symbol gives bad input or another matrix") {
  CHECK(rc::check([](std::uint64_t seed) {
    Dice dice(seed);
    const WeightMatrix matrix = random_matrix(dice, dice.between(1, 8), dice.between(1, 40));
    for (const RasType type : succinct::ras_types) {
      succinct::Strings strings;
      succinct::append_union(matrix, type, strings);
      const encode::MatrixShape shape{matrix.rows, matrix.columns, matrix.bits};
      RC_ASSERT(succinct::parse_union(strings, shape) == matrix);
      auto& changed = dice.chance(0.3) ? strings.values : strings.main;
      auto& symbol = changed[static_cast<std::size_t>(dice.between(0, static_cast<std::int64_t>(changed.size()) - 1))];
      symbol = dice.chance(0.5) ? symbol + 1 : static_cast<succinct::Symbol>(dice.between(0, 0xFFFFFFFF));
      try {
        RC_ASSERT(succinct::parse_union(strings, shape).values.size() == matrix.values.size());
      } catch (const Error& error) {
        RC_ASSERT(error.status() == Status::bad_input);
      }
    }
  }));
}

TEST_CASE("Every weight of every layer can be asked for, and every filter read") {
  CHECK(rc::check([](std::uint64_t seed) {
    Dice dice(seed);
    const std::vector<WeightMatrix> layers = random_layers(dice);
    const std::vector<RasType> types = random_types(dice, layers.size());
    const succinct::SuccinctNetwork network(layers, types);
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < layers.size(); ++i) {
      const WeightMatrix& layer = layers[i];
      RC_ASSERT(network.locate(i).type == types[i]);
      succinct::LayerReader reader(network, i);
      for (std::int64_t row = 0; row < layer.rows; ++row) {
        succinct::FilterOperands operands;
        reader.next(operands);
        RC_ASSERT(std::ranges::equal(operands.positions(), expected(layer, row).positions()));
        RC_ASSERT(std::ranges::equal(operands.weights(), expected(layer, row).weights()));
        for (std::int64_t column = 0; column < layer.columns; ++column) {
          RC_ASSERT(network.weight(i, row, column) ==
                    layer.values[static_cast<std::size_t>(row * layer.columns + column)]);
        }
      }
      bits += network.wavelet_bits(i);
    }
    RC_ASSERT(bits == network.main().node_bits() + network.values().node_bits());
  }));
}

TEST_CASE("Blocks longer than the buffer are read in stretches") {
  Dice dice(3);
  for (const double density : {0.02, 0.9}) {
    WeightMatrix matrix{3, 5000, 8, std::vector<std::int32_t>(15000)};
    for (std::int32_t& value : matrix.values)
      value = dice.chance(density) ? static_cast<std::int32_t>(dice.between(-99, 99)) : 0;
    for (const RasType type : succinct::ras_types) {
      const std::vector<WeightMatrix> layers = {matrix, matrix};
      const succinct::SuccinctNetwork network(layers, std::vector<RasType>{RasType::block_sparse, type});
      succinct::LayerReader reader(network, 1);
      for (std::int64_t row = 0; row < matrix.rows; ++row) {
        succinct::FilterOperands operands;
        reader.next(operands);
        CHECK(std::ranges::equal(operands.weights(), expected(matrix, row).weights()));
      }
    }
  }
}

TEST_CASE("Inference from every form equals the reference convolution") {
  CHECK(rc::check([](std::uint64_t seed) {
    Dice dice(seed);
    const LayerShape shape = test::random_shape(dice);
    WeightMatrix matrix = random_matrix(dice, shape.M, shape.channels_per_group() * shape.R * shape.S);
    const bool wide = dice.chance(0.3);  // 16-bit activations need 32-bit inputs and 64-bit sums
    const std::int64_t low = wide ? -32768 : -128, high = wide ? 65535 : 255;
    std::vector<std::int32_t> inputs(static_cast<std::size_t>(shape.C * shape.H * shape.W));
    for (std::int32_t& value : inputs) value = static_cast<std::int32_t>(dice.between(low, high));
    const auto reference = sim::reference_convolution(
        shape, matrix.values, [&](std::int64_t c, std::int64_t h, std::int64_t w) -> std::int64_t {
          if (h < 0 || h >= shape.H || w < 0 || w >= shape.W) return 0;
          return inputs[static_cast<std::size_t>((c * shape.H + h) * shape.W + w)];
        });
    std::vector<std::unique_ptr<succinct::WeightForm>> forms;
    forms.push_back(succinct::dense_form(matrix));
    forms.push_back(succinct::zero_skipping_form(matrix));
    forms.push_back(succinct::packed_form(matrix));
    forms.push_back(succinct::direct_index_form(matrix));
    forms.push_back(succinct::relative_index_form(matrix));
    forms.push_back(succinct::csr_form(matrix));
    forms.push_back(succinct::huffman_form(matrix));
    forms.push_back(succinct::coder_form("succinct-block", matrix));
    std::vector<succinct::SuccinctNetwork> networks;
    for (const RasType type : succinct::ras_types) {
      networks.emplace_back(std::span(&matrix, 1), std::span(&type, 1));
    }
    for (const auto& network : networks) forms.push_back(succinct::succinct_form(network, 0));

    const succinct::ConvolutionPlan plan(shape);
    const succinct::PlacedInputs placed = succinct::place_inputs(plan, inputs, std::int64_t{1} << (matrix.bits - 1));
    succinct::Convolution convolution(plan, placed);
    for (const auto& form : forms) {
      for (int again = 0; again < 2; ++again) {
        succinct::Outputs outputs(reference.size());
        form->run(convolution, shape.M, outputs);
        RC_ASSERT(outputs == reference);
      }
    }
  }));
}

TEST_CASE("Sums that do not fit 32 bits are 64 bits wide") {
  const LayerShape shape{.M = 1, .C = 4};
  const WeightMatrix matrix{1, 4, 16, {-32767, -32767, -32767, -32767}};
  const std::vector<std::int32_t> inputs = {32767, 32767, 32767, 32767};
  const succinct::ConvolutionPlan plan(shape);
  const succinct::PlacedInputs placed = succinct::place_inputs(plan, inputs, 32767);
  CHECK(placed.wide);
  succinct::Convolution convolution(plan, placed);
  succinct::Outputs outputs(1);
  succinct::dense_form(matrix)->run(convolution, 1, outputs);
  CHECK(outputs[0] == std::int64_t{-4} * 32767 * 32767);
}

TEST_CASE("A layer is block-wise from the threshold on, and of tuples when it is sparse") {
  WeightMatrix dense{8, 100, 8, std::vector<std::int32_t>(800)};
  for (std::size_t i = 0; i < dense.values.size(); ++i) dense.values[i] = static_cast<std::int32_t>(i * 37 % 255) - 127;
  WeightMatrix sparse = dense;
  for (std::size_t i = 0; i < sparse.values.size(); ++i) {
    if (i * i % 23 != 1) sparse.values[i] = 0;
  }
  CHECK(succinct::choose_type(dense, 10, 10) == RasType::block_dense);
  CHECK(succinct::choose_type(dense, 9.9, 10) == RasType::element_dense);
  CHECK(succinct::choose_type(sparse, 49, 10) == RasType::block_sparse);
  CHECK(succinct::choose_type(sparse, 1, 10) == RasType::element_sparse);
}
