// Bytes as a file with a name, without a disk: fuzz targets give them to readers that take a path.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "common/error.h"

namespace rebasis::test {

/// Lives in memory; its path is below /proc/self/fd. Ends the process when the system refuses.
class MemoryFile {
 public:
  MemoryFile(const void* data, std::size_t size);
  ~MemoryFile();
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  int file_;
  std::string path_;
};

/// Runs `action`; bad input gives false, any other error ends the process so that the fuzzer keeps the input.
template <class Action>
bool accepts(const Action& action) {
  try {
    action();
    return true;
  } catch (const Error& error) {
    if (error.status() != Status::bad_input) std::abort();
    return false;
  }
}

}  // namespace rebasis::test
