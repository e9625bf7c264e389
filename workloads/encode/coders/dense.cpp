// `dense`: every value in its two's complement.
#include "workloads/encode/coders/part_bits.h"

namespace rebasis::encode {
namespace {

class Dense : public Coder {
 public:
  CodedMatrix encode(const WeightMatrix& matrix) const override {
    check_matrix(matrix);
    PartWriter out;
    out.begin("values");
    for (const std::int32_t value : matrix.values) out.write(value, matrix.bits);
    return out.take();
  }

  WeightMatrix decode(std::span<const std::uint8_t> bytes, const MatrixShape& shape) const override {
    PartReader in(bytes, "dense");
    const std::size_t count = check_shape(shape);
    in.expect(count * static_cast<std::uint64_t>(shape.bits));
    WeightMatrix matrix{shape.rows, shape.columns, shape.bits, std::vector<std::int32_t>(count)};
    for (std::int32_t& value : matrix.values) value = in.read_signed(shape.bits);
    in.finish();
    return matrix;
  }
};

const CoderRegistration registration("dense", "every value at its width", [] { return std::make_unique<Dense>(); });

}  // namespace
}  // namespace rebasis::encode
