// Any text as a layer list; none of the tensor files it may name exists.
#include <cstddef>
#include <cstdint>

#include "tests/support/memory_file.h"
#include "workloads/layer_list/layer_list.h"

using namespace rebasis;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const test::MemoryFile list(data, size);
  test::accepts([&] { (void)layer_list::build_trace(list.path(), "/dev/null", ""); });
  return 0;
}
