// Files as the rest of the project reads and writes them: bounded reads, read-only mappings, all-or-nothing writes.
// Every failure is an Error(bad_input) that begins with the file's name and says what the system said.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rebasis {

inline constexpr std::uint64_t default_read_limit = std::uint64_t{64} << 20;  ///< bytes; for text such as YAML and JSON

/// The whole content of a regular file or pipe. Fails when it is a directory, cannot be read or holds more than `limit`
/// bytes.
[[nodiscard]] std::string read_file(const std::string& path, std::uint64_t limit = default_read_limit);

/// A regular file mapped read-only. An empty file gives an empty span. Pages are read when they are touched and are
/// shared between processes that map the same file.
class MappedFile {
 public:
  explicit MappedFile(const std::string& path);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  /// Valid while this object lives; aligned to a page.
  [[nodiscard]] std::span<const std::byte> bytes() const;

 private:
  void release() noexcept;
  std::string path_;
  void* address_ = nullptr;
  std::size_t size_ = 0;
};

/// A file that appears whole or not at all: bytes go to a temporary in the same directory, and commit() syncs it and
/// renames it to `path`. Without commit() the temporary disappears, after an exception and after a signal whose handler
/// calls remove_temporary_files(). An existing file keeps its permissions. A device or pipe (/dev/stdout) is written
/// in place.
class AtomicFile {
 public:
  explicit AtomicFile(const std::string& path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::string_view text);
  void write(std::span<const std::byte> bytes);
  void commit();
  /// The path that the caller asked for.
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  void flush();
  void write_all(const char* data, std::size_t size);
  [[noreturn]] void fail(const char* action, int error);
  void discard() noexcept;

  std::string path_;
  std::string target_;     ///< path_ with symbolic links followed
  std::string temporary_;  ///< empty when target_ is written in place
  std::vector<char> buffer_;
  int file_ = -1;
  int slot_ = -1;  ///< place in the list that the signal handler reads
};

/// Writes `text` to `path` through an AtomicFile.
void write_file(const std::string& path, std::string_view text);

/// Deletes the temporaries of all AtomicFiles that this process has open. Async-signal-safe: for handlers of
/// SIGINT and SIGTERM, just before the process ends.
void remove_temporary_files() noexcept;

}  // namespace rebasis
