// `step-index`: each row apart, as the synapses of an output neuron in Cambricon-X (MICRO 2016): a count of kept
// values, their steps, the values. workloads/encode/step_index.h says what is kept; the width of the steps is what
// costs least.
#include <algorithm>

#include "workloads/encode/coders/part_bits.h"
#include "workloads/encode/step_index.h"

namespace rebasis::encode {
namespace {

constexpr int max_step_bits = 16;
constexpr int width_bits = 4;  ///< of the field that holds the width of the steps, less one

/// Calls `keep(position)` for what each row keeps and `end(kept)` behind it.
template <class Keep, class End>
void for_each_row(const WeightMatrix& matrix, int step_bits, Keep&& keep, End&& end) {
  std::vector<std::int8_t> present(static_cast<std::size_t>(matrix.columns));
  const std::int32_t* row = matrix.values.data();
  for (std::int64_t r = 0; r < matrix.rows; ++r, row += matrix.columns) {
    std::transform(row, row + matrix.columns, present.begin(), [](std::int32_t v) { return v == 0 ? 0 : 1; });
    std::uint64_t kept = 0;
    for_each_kept(present, longest_step(step_bits), [&](std::int64_t position, std::int8_t) {
      keep(row, position);
      ++kept;
    });
    end(kept);
  }
}

std::uint64_t kept_values(const WeightMatrix& matrix, int step_bits) {
  std::uint64_t kept = 0;
  const std::int64_t longest = longest_step(step_bits);
  const std::int32_t* row = matrix.values.data();
  for (std::int64_t r = 0; r < matrix.rows; ++r, row += matrix.columns) {
    std::int64_t previous = -1;
    for (std::int64_t i = 0; i < matrix.columns; ++i) {
      if (row[i] == 0) continue;
      kept += 1 + static_cast<std::uint64_t>((i - previous - 1) / longest);
      previous = i;
    }
  }
  return kept;
}

int cheapest_step_bits(const WeightMatrix& matrix) {
  int best = 1;
  std::uint64_t least = UINT64_MAX;
  for (int step_bits = 1; step_bits <= max_step_bits; ++step_bits) {
    const std::uint64_t bits = kept_values(matrix, step_bits) * static_cast<std::uint64_t>(step_bits + matrix.bits);
    if (bits < least) {
      least = bits;
      best = step_bits;
    }
    if (longest_step(step_bits) >= matrix.columns) break;  // no placeholders: wider only costs
  }
  return best;
}

class StepIndex : public Coder {
 public:
  CodedMatrix encode(const WeightMatrix& matrix) const override {
    check_matrix(matrix);
    PartWriter out;
    if (matrix.values.empty()) return out.take();
    const int step_bits = cheapest_step_bits(matrix);
    const int count_bits = bits_up_to(static_cast<std::uint64_t>(matrix.columns));
    std::vector<std::int32_t> kept_values;
    std::vector<std::uint32_t> steps;
    std::int64_t previous = -1;
    out.begin("tables");
    out.write(step_bits - 1, width_bits);
    for_each_row(
        matrix, step_bits,
        [&](const std::int32_t* row, std::int64_t position) {
          kept_values.push_back(row[position]);
          steps.push_back(static_cast<std::uint32_t>(position - previous - 1));
          previous = position;
        },
        [&](std::uint64_t kept) {
          out.write(static_cast<std::int64_t>(kept), count_bits);
          previous = -1;
        });
    out.begin("index");
    for (const std::uint32_t step : steps) out.write(step, step_bits);
    out.begin("values");
    for (const std::int32_t value : kept_values) out.write(value, matrix.bits);
    return out.take();
  }

  WeightMatrix decode(std::span<const std::uint8_t> bytes, const MatrixShape& shape) const override {
    PartReader in(bytes, "step-index");
    const std::size_t count = check_shape(shape);
    WeightMatrix matrix{shape.rows, shape.columns, shape.bits, {}};
    if (count > 0) {
      const int step_bits = static_cast<int>(in.read(width_bits)) + 1;
      const std::vector<std::uint32_t> kept = read_counts(in, shape);
      std::uint64_t total = 0;
      for (const std::uint32_t of_row : kept) total += of_row;
      in.expect(total * static_cast<std::uint64_t>(step_bits + shape.bits));
      const std::vector<std::size_t> places = read_places(in, shape, kept, step_bits);
      matrix.values.resize(count);
      for (const std::size_t place : places) matrix.values[place] = in.read_signed(shape.bits);
    }
    in.finish();
    return matrix;
  }

 private:
  static std::vector<std::uint32_t> read_counts(PartReader& in, const MatrixShape& shape) {
    const int count_bits = bits_up_to(static_cast<std::uint64_t>(shape.columns));
    in.expect(static_cast<std::uint64_t>(shape.rows) * static_cast<std::uint64_t>(count_bits));
    std::vector<std::uint32_t> kept(static_cast<std::size_t>(shape.rows));
    for (std::uint32_t& of_row : kept) of_row = in.read(count_bits);
    return kept;
  }

  /// Where each kept value goes in the matrix.
  static std::vector<std::size_t> read_places(PartReader& in, const MatrixShape& shape,
                                              const std::vector<std::uint32_t>& kept, int step_bits) {
    std::vector<std::size_t> places;
    const auto columns = static_cast<std::size_t>(shape.columns);
    for (std::size_t row = 0; row < kept.size(); ++row) {
      std::size_t next = 0;  // behind the last kept value of the row
      for (std::uint32_t i = 0; i < kept[row]; ++i) {
        next += in.read(step_bits) + std::size_t{1};
        if (next > columns) in.refuse("the steps of row " + std::to_string(row) + " leave it");
        places.push_back(row * columns + next - 1);
      }
    }
    return places;
  }
};

const CoderRegistration registration("step-index", "each row's non-zero values with their distances (Cambricon-X)",
                                     [] { return std::make_unique<StepIndex>(); });

}  // namespace
}  // namespace rebasis::encode
