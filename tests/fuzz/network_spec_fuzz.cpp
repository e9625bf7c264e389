// Any text as a network file.
#include <cstddef>
#include <cstdint>
#include <string>

#include "tests/support/memory_file.h"
#include "workloads/network_spec/network.h"

using namespace rebasis;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  test::accepts([&] { (void)networks::parse_network(text, "network.yaml"); });
  return 0;
}
