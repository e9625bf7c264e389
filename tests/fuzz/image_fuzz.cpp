// Any bytes as a PNG or JPEG file.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "tests/support/memory_file.h"
#include "workloads/io/images.h"

using namespace rebasis;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const test::MemoryFile file(data, size);
  test::accepts([&] {
    if (io::read_image(file.path(), 3, 5, 4).size() != 3 * 5 * 4) std::abort();
  });
  return 0;
}
