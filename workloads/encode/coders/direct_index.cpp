// `direct-index`: a bit a value says whether it is zero, then the non-zero values (1-bit direct indexing of the
// Cambricon-X paper, MICRO 2016; SmartDeal paper, appendix B).
#include "workloads/encode/coders/part_bits.h"

namespace rebasis::encode {
namespace {

class DirectIndex : public Coder {
 public:
  CodedMatrix encode(const WeightMatrix& matrix) const override {
    check_matrix(matrix);
    PartWriter out;
    out.begin("index");
    for (const std::int32_t value : matrix.values) out.bits().write_bit(value != 0);
    out.begin("values");
    write_nonzeros(out, matrix.values, matrix.bits);
    return out.take();
  }

  WeightMatrix decode(std::span<const std::uint8_t> bytes, const MatrixShape& shape) const override {
    PartReader in(bytes, "direct-index");
    const std::size_t count = check_shape(shape);
    in.expect(count);
    WeightMatrix matrix{shape.rows, shape.columns, shape.bits, std::vector<std::int32_t>(count)};
    for (std::int32_t& value : matrix.values) value = in.bits().read_bit() ? 1 : 0;
    in.expect(count_nonzeros(matrix.values) * static_cast<std::uint64_t>(shape.bits));
    read_nonzeros(in, matrix.values, shape.bits);
    in.finish();
    return matrix;
  }
};

const CoderRegistration registration("direct-index", "a bit a value, and the non-zero values",
                                     [] { return std::make_unique<DirectIndex>(); });

}  // namespace
}  // namespace rebasis::encode
