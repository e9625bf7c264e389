#include "tests/support/memory_file.h"

#include <sys/mman.h>
#include <unistd.h>

namespace rebasis::test {

MemoryFile::MemoryFile(const void* data, std::size_t size)
    : file_(memfd_create("rebasis-test", MFD_CLOEXEC)), path_("/proc/self/fd/" + std::to_string(file_)) {
  if (file_ < 0 || write(file_, data, size) != static_cast<ssize_t>(size)) std::abort();
}

MemoryFile::~MemoryFile() { close(file_); }

}  // namespace rebasis::test
