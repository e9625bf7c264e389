// Any bytes as an IDX file, plain or gzip-compressed.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "tests/support/memory_file.h"
#include "workloads/io/idx.h"

using namespace rebasis;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const test::MemoryFile file(data, size);
  test::accepts([&] {
    const Tensor<std::uint8_t> tensor = io::read_idx(file.path(), 3);
    if (element_count(tensor.shape) != tensor.size()) std::abort();
  });
  test::accepts([&] { (void)io::read_idx_labels(file.path()); });
  return 0;
}
