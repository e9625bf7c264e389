// `huffman`: a canonical Huffman code of the values, zero among them, and its table.
#include "workloads/encode/coders/integer_code.h"

namespace rebasis::encode {
namespace {

class Huffman : public Coder {
 public:
  CodedMatrix encode(const WeightMatrix& matrix) const override {
    check_matrix(matrix);
    PartWriter out;
    if (matrix.values.empty()) return out.take();
    const IntegerCode code(histogram(matrix.values));
    out.begin("tables");
    code.write_table(out, matrix.bits);
    out.begin("values");
    code.write(out, matrix.values);
    return out.take();
  }

  WeightMatrix decode(std::span<const std::uint8_t> bytes, const MatrixShape& shape) const override {
    PartReader in(bytes, "huffman");
    const std::size_t count = check_shape(shape);
    WeightMatrix matrix{shape.rows, shape.columns, shape.bits, {}};
    if (count > 0) {
      const IntegerCode code(in, shape.bits);
      in.expect(count * static_cast<std::uint64_t>(code.shortest()));
      matrix.values.resize(count);
      code.read(in, matrix.values);
    }
    in.finish();
    return matrix;
  }
};

const CoderRegistration registration("huffman", "canonical Huffman code of the values",
                                     [] { return std::make_unique<Huffman>(); });

}  // namespace
}  // namespace rebasis::encode
