#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "common/error.h"
#include "common/file.h"

namespace rebasis {
namespace {

/// An open file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(const std::string& path) : file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (file_ < 0) fail_input({path}, std::string("cannot open: ") + std::strerror(errno));
  }
  ~Descriptor() { ::close(file_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return file_; }

 private:
  int file_;
};

void check_name(const std::string& path) {
  if (path.empty()) fail_input("the file name is empty");
  if (path.find('\0') != std::string::npos) fail_input("the file name holds a zero byte");
}

struct stat status_of(const Descriptor& file, const std::string& path) {
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) fail_input({path}, std::string("cannot read: ") + std::strerror(errno));
  if (S_ISDIR(status.st_mode)) fail_input({path}, "is a directory; a file is needed");
  return status;
}

[[noreturn]] void fail_too_big(const std::string& path, std::uint64_t limit) {
  fail_input({path}, "is larger than " + std::to_string(limit) + " bytes, the limit for this kind of file");
}

}  // namespace

std::string read_file(const std::string& path, std::uint64_t limit) {
  check_name(path);
  const Descriptor file(path);
  const struct stat status = status_of(file, path);
  if (S_ISREG(status.st_mode) && static_cast<std::uint64_t>(status.st_size) > limit) fail_too_big(path, limit);

  std::string text;
  text.reserve(S_ISREG(status.st_mode) ? static_cast<std::size_t>(status.st_size) : 0);
  std::vector<char> chunk(std::size_t{64} << 10);
  while (true) {
    const ssize_t count = ::read(file.get(), chunk.data(), chunk.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_input({path}, std::string("cannot read: ") + std::strerror(errno));
    if (count == 0) return text;
    if (text.size() + static_cast<std::size_t>(count) > limit) fail_too_big(path, limit);
    text.append(chunk.data(), static_cast<std::size_t>(count));
  }
}

MappedFile::MappedFile(const std::string& path) : path_(path) {
  check_name(path);
  // A pipe without a writer would block in open(): look before opening.
  struct stat before {};
  if (::stat(path.c_str(), &before) == 0 && !S_ISREG(before.st_mode) && !S_ISDIR(before.st_mode)) {
    fail_input({path}, "is not a regular file; copy it to one first");
  }
  const Descriptor file(path);
  const struct stat status = status_of(file, path);
  if (status.st_size == 0) return;
  size_ = static_cast<std::size_t>(status.st_size);
  void* address = ::mmap(nullptr, size_, PROT_READ, MAP_SHARED, file.get(), 0);
  if (address == MAP_FAILED) fail_input({path}, std::string("cannot map: ") + std::strerror(errno));
  address_ = address;
}

MappedFile::~MappedFile() { release(); }

MappedFile::MappedFile(MappedFile&& other) noexcept
    : path_(std::move(other.path_)),
      address_(std::exchange(other.address_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  if (this == &other) return *this;
  release();
  path_ = std::move(other.path_);
  address_ = std::exchange(other.address_, nullptr);
  size_ = std::exchange(other.size_, 0);
  return *this;
}

std::span<const std::byte> MappedFile::bytes() const { return {static_cast<const std::byte*>(address_), size_}; }

void MappedFile::release() noexcept {
  if (address_ != nullptr) ::munmap(address_, size_);
  address_ = nullptr;
}

}  // namespace rebasis
