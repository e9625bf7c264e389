// Any bytes as a coded matrix of a small shape, for every coder: what one accepts is a matrix that it codes and
// decodes.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "tests/support/memory_file.h"
#include "workloads/encode/coders/coder.h"

using namespace rebasis;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const encode::MatrixShape shape{data[0] % 40, data[1] % 40, 1 + data[2] % 16};
  const std::span<const std::uint8_t> bytes(data + 3, size - 3);
  for (const auto& [name, item] : encode::CoderRegistry::global().items()) {
    const std::unique_ptr<encode::Coder> coder = item.create();
    encode::WeightMatrix matrix;
    if (!test::accepts([&] { matrix = coder->decode(bytes, shape); })) continue;
    encode::check_matrix(matrix);
    if (coder->decode(coder->encode(matrix).bytes, shape) != matrix) std::abort();
  }
  return 0;
}
