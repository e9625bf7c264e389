// Any bytes as an .npy file.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "tests/support/memory_file.h"
#include "workloads/io/npy.h"

using namespace rebasis;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const test::MemoryFile file(data, size);
  test::accepts([&] {
    const io::AnyTensor tensor = io::read_npy(file.path());
    std::visit(
        [](const auto& typed) {
          if (element_count(typed.shape) != typed.size()) std::abort();
        },
        tensor);
  });
  test::accepts([&] { (void)io::read_npy_integer<std::int8_t>(file.path()); });
  return 0;
}
