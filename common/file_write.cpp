#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>

#include "common/error.h"
#include "common/file.h"
#include "common/temporary.h"

namespace rebasis {
namespace {

constexpr std::size_t buffer_size = std::size_t{256} << 10;

/// Where `path` leads when symbolic links are followed; a link to nothing is followed as well.
std::string follow_links(const std::string& path) {
  std::error_code error;
  const auto target = std::filesystem::weakly_canonical(path, error);
  return error ? path : target.string();
}

std::string temporary_name(const std::string& target) {
  static std::atomic<unsigned> counter{0};
  const std::filesystem::path path(target);
  const std::string name =
      "." + path.filename().string() + "." + std::to_string(::getpid()) + "." + std::to_string(counter++) + ".tmp";
  return (path.parent_path() / name).string();
}

/// Makes the rename itself durable. Some file systems cannot sync a directory; the data is safe all the same.
void sync_directory_of(const std::string& target) {
  const std::string directory = std::filesystem::path(target).parent_path().string();
  const int file = ::open(directory.empty() ? "." : directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return;
  ::fsync(file);
  ::close(file);
}

}  // namespace

AtomicFile::AtomicFile(const std::string& path) : path_(path) {
  if (path.empty()) fail_input("the name of the output file is empty");
  target_ = follow_links(path);
  struct stat status {};
  const bool exists = ::stat(target_.c_str(), &status) == 0;
  if (exists && S_ISDIR(status.st_mode)) fail_input({path}, "cannot write: it is a directory; name a file in it");
  if (exists && ::access(target_.c_str(), W_OK) != 0) fail("write", errno);
  if (exists && !S_ISREG(status.st_mode)) {
    file_ = ::open(target_.c_str(), O_WRONLY | O_CLOEXEC);
    if (file_ < 0) fail("write", errno);
    return;
  }
  temporary_ = temporary_name(target_);
  slot_ = remember_temporary(temporary_, TemporaryPath::Kind::file);
  file_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (file_ < 0) fail("write", errno);
  if (exists && ::fchmod(file_, status.st_mode & 07777) != 0) fail("set the permissions", errno);
}

AtomicFile::~AtomicFile() { discard(); }

void AtomicFile::write(std::string_view text) {
  if (file_ < 0) fail_internal(path_ + ": written after commit");
  if (buffer_.size() + text.size() > buffer_size) flush();
  if (text.size() > buffer_size) {
    write_all(text.data(), text.size());
  } else {
    buffer_.insert(buffer_.end(), text.begin(), text.end());
  }
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  write(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

void AtomicFile::commit() {
  if (file_ < 0) fail_internal(path_ + ": committed twice");
  flush();
  const bool in_place = temporary_.empty();
  if (!in_place && ::fsync(file_) != 0) fail("write", errno);
  const int file = file_;
  file_ = -1;
  if (::close(file) != 0) fail("write", errno);
  if (in_place) return;
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail("write", errno);
  forget_temporary(slot_);
  slot_ = -1;
  temporary_.clear();
  sync_directory_of(target_);
}

void AtomicFile::flush() {
  write_all(buffer_.data(), buffer_.size());
  buffer_.clear();
}

void AtomicFile::write_all(const char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t count = ::write(file_, data, size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail("write", errno);
    data += count;
    size -= static_cast<std::size_t>(count);
  }
}

void AtomicFile::fail(const char* action, int error) {
  discard();
  fail_input({path_}, std::string("cannot ") + action + ": " + std::strerror(error));
}

void AtomicFile::discard() noexcept {
  if (file_ >= 0) ::close(file_);
  file_ = -1;
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
  temporary_.clear();
  forget_temporary(slot_);
  slot_ = -1;
}

void write_file(const std::string& path, std::string_view text) {
  AtomicFile file(path);
  file.write(text);
  file.commit();
}

}  // namespace rebasis
