// `csr`: compressed sparse rows (sparse_lines.h).
#include "workloads/encode/coders/sparse_lines.h"

namespace rebasis::encode {
namespace {

class Csr : public Coder {
 public:
  CodedMatrix encode(const WeightMatrix& matrix) const override { return encode_lines(matrix, Lines::rows); }
  WeightMatrix decode(std::span<const std::uint8_t> bytes, const MatrixShape& shape) const override {
    return decode_lines(bytes, shape, Lines::rows, "csr");
  }
};

const CoderRegistration registration("csr", "compressed sparse rows", [] { return std::make_unique<Csr>(); });

}  // namespace
}  // namespace rebasis::encode
