// Any bytes as a CIFAR file.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "tests/support/memory_file.h"
#include "workloads/io/cifar.h"

using namespace rebasis;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const test::MemoryFile file(data, size);
  for (const bool coarse : {false, true}) {
    test::accepts([&] {
      const io::Cifar read = io::read_cifar(file.path(), io::CifarPart::unspecified, coarse, 5);
      if (element_count(read.images.shape) != read.images.size()) std::abort();
      if (read.labels.size() > 5 || static_cast<std::int64_t>(read.labels.size()) != read.images.shape[0]) std::abort();
      for (const std::int64_t label : read.labels) {
        if (label < 0 || label >= 100) std::abort();
      }
    });
  }
  return 0;
}
