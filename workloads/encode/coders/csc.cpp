// `csc`: compressed sparse columns (sparse_lines.h).
#include "workloads/encode/coders/sparse_lines.h"

namespace rebasis::encode {
namespace {

class Csc : public Coder {
 public:
  CodedMatrix encode(const WeightMatrix& matrix) const override { return encode_lines(matrix, Lines::columns); }
  WeightMatrix decode(std::span<const std::uint8_t> bytes, const MatrixShape& shape) const override {
    return decode_lines(bytes, shape, Lines::columns, "csc");
  }
};

const CoderRegistration registration("csc", "compressed sparse columns", [] { return std::make_unique<Csc>(); });

}  // namespace
}  // namespace rebasis::encode
