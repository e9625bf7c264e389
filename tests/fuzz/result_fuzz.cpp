// Any text as a result JSON; what is accepted is written back the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "report/json.h"
#include "tests/support/memory_file.h"

using namespace rebasis;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  test::accepts([&] {
    const std::string text = report::to_json(report::from_json(std::string(data, data + size), "fuzz"));
    if (report::to_json(report::from_json(text, "again")) != text) std::abort();
  });
  return 0;
}
