// Files and folders that must not outlive the work they are for.
#pragma once

#include <string>

namespace rebasis {

/// A file, or a folder that holds nothing but other temporaries. It disappears with this object and after a signal
/// whose handler calls remove_temporary_files() (common/file.h); it need not exist yet, or any longer.
class TemporaryPath {
 public:
  enum class Kind { file, folder };
  TemporaryPath(std::string path, Kind kind);
  ~TemporaryPath();
  TemporaryPath(const TemporaryPath&) = delete;
  TemporaryPath& operator=(const TemporaryPath&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  /// It stays from now on.
  void keep() noexcept;

 private:
  std::string path_;
  Kind kind_;
  bool kept_ = false;
  int slot_ = -1;  ///< place in the list that the signal handler reads; -1: it was full, only a signal leaves the path
};

/// For AtomicFile: puts a path into that list, and takes it out.
[[nodiscard]] int remember_temporary(const std::string& path, TemporaryPath::Kind kind);
void forget_temporary(int slot) noexcept;

}  // namespace rebasis
