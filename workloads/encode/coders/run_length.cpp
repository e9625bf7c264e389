// `run-length`: (zeros before it, value) for each non-zero value, with zero values as fillers where a run does not fit
// (Han et al., Deep Compression, ICLR 2016, section 2). The matrix is one vector, row after row; the width of the runs
// is what costs least. workloads/encode/zero_run.h is the format.
#include "workloads/encode/coders/part_bits.h"
#include "workloads/encode/zero_run.h"

namespace rebasis::encode {
namespace {

constexpr unsigned max_run_bits = 16;
constexpr int width_bits = 8;  ///< of the field that holds the width of the runs

std::uint64_t stored_values(std::span<const std::uint32_t> gaps, const ZeroRunFormat& format) {
  std::uint64_t stored = gaps.size();
  for (const std::uint32_t gap : gaps) stored += placeholders(gap, format);
  return stored;
}

ZeroRunFormat cheapest_format(const WeightMatrix& matrix) {
  const std::vector<std::uint32_t> gaps = zero_gaps(matrix.values);
  ZeroRunFormat best;
  std::size_t least = SIZE_MAX;
  for (unsigned run_bits = 0; run_bits <= max_run_bits; ++run_bits) {
    const ZeroRunFormat format{.value_bits = static_cast<unsigned>(matrix.bits), .run_bits = run_bits};
    const std::size_t bits = block_bits(stored_values(gaps, format), matrix.values.size(), format);
    if (bits < least) {
      least = bits;
      best = format;
    }
  }
  return best;
}

class RunLength : public Coder {
 public:
  CodedMatrix encode(const WeightMatrix& matrix) const override {
    check_matrix(matrix);
    CodedMatrix coded;
    if (matrix.values.empty()) return coded;
    const ZeroRunFormat format = cheapest_format(matrix);
    const ZeroRunBlock block = encode_zero_runs(matrix.values, format);
    coded.bytes = pack(block, matrix.values.size(), format);
    coded.bytes.insert(coded.bytes.begin(), static_cast<std::uint8_t>(format.run_bits));
    coded.bits["tables"] = width_bits + header_bits(matrix.values.size());
    coded.bits["index"] = block.runs.size() * std::uint64_t{format.run_bits};
    coded.bits["values"] = block.values.size() * std::uint64_t{format.value_bits};
    return coded;
  }

  WeightMatrix decode(std::span<const std::uint8_t> bytes, const MatrixShape& shape) const override {
    PartReader in(bytes, "run-length");
    const std::size_t count = check_shape(shape);
    WeightMatrix matrix{shape.rows, shape.columns, shape.bits, {}};
    if (count == 0) {
      in.finish();
      return matrix;
    }
    in.expect(width_bits);
    const ZeroRunFormat format{.value_bits = static_cast<unsigned>(shape.bits), .run_bits = in.read(width_bits)};
    if (format.run_bits > max_run_bits) in.refuse("runs of " + std::to_string(format.run_bits) + " bits");
    const ZeroRunBlock block = unpack(bytes.subspan(width_bits / 8), count, format, true);
    const std::uint64_t bits = width_bits + block_bits(block.values.size(), count, format);
    if ((bits + 7) / 8 != bytes.size()) in.refuse("more bytes than the values need");
    if (bits % 8 != 0 && bytes.back() >> (bits % 8) != 0) in.refuse("padding bits are not zero");
    matrix.values = decode_zero_runs(block, count, format);
    return matrix;
  }
};

const CoderRegistration registration("run-length", "each non-zero value with the zeros before it",
                                     [] { return std::make_unique<RunLength>(); });

}  // namespace
}  // namespace rebasis::encode
