// A library for LD_PRELOAD that lets a program's N-th write to a file go wrong. Standard output and error are left
// alone.
//   FAULT_AT=N        1, 2, ...: which of write, pwrite, ftruncate, fsync and fdatasync
//   FAULT_KIND=kill   the process is killed instead
//             =torn   half of the bytes are written, then it is killed
//             =full   this call and all after it fail with ENOSPC
//             =error  this call alone fails with EIO
#include <dlfcn.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string_view>

namespace {

enum class Fault { none, kill, torn, full, error };

std::string_view kind() {
  const char* text = getenv("FAULT_KIND");
  return text == nullptr ? "" : text;
}

[[noreturn]] void end() {
  kill(getpid(), SIGKILL);
  _exit(1);
}

/// What shall happen to this call.
Fault fault_of(int file) {
  static long calls = 0;
  static const long at = getenv("FAULT_AT") == nullptr ? 0 : atol(getenv("FAULT_AT"));
  if (file == STDOUT_FILENO || file == STDERR_FILENO || at == 0) return Fault::none;
  ++calls;
  if (kind() == "full" && calls >= at) return Fault::full;
  if (calls != at) return Fault::none;
  if (kind() == "error") return Fault::error;
  return kind() == "torn" ? Fault::torn : Fault::kill;
}

template <class Function>
Function* original(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

/// `partly`: does half of the work. `wholly`: all.
template <class Partly, class Wholly>
auto faulty(int file, const Partly& partly, const Wholly& wholly) -> decltype(wholly()) {
  switch (fault_of(file)) {
    case Fault::none:
      return wholly();
    case Fault::torn:
      (void)partly();
      end();
    case Fault::kill:
      end();
    case Fault::full:
      errno = ENOSPC;
      return -1;
    case Fault::error:
      errno = EIO;
      return -1;
  }
  return -1;
}

}  // namespace

extern "C" {

ssize_t write(int file, const void* data, size_t size) {
  static const auto real = original<ssize_t(int, const void*, size_t)>("write");
  return faulty(
      file, [&] { return real(file, data, size / 2); }, [&] { return real(file, data, size); });
}

ssize_t pwrite(int file, const void* data, size_t size, off_t at) {
  static const auto real = original<ssize_t(int, const void*, size_t, off_t)>("pwrite");
  return faulty(
      file, [&] { return real(file, data, size / 2, at); }, [&] { return real(file, data, size, at); });
}

ssize_t pwrite64(int file, const void* data, size_t size, off64_t at) {
  static const auto real = original<ssize_t(int, const void*, size_t, off64_t)>("pwrite64");
  return faulty(
      file, [&] { return real(file, data, size / 2, at); }, [&] { return real(file, data, size, at); });
}

int ftruncate64(int file, off64_t size) noexcept {
  static const auto real = original<int(int, off64_t)>("ftruncate64");
  return faulty(
      file, [] { return 0; }, [&] { return real(file, size); });
}

int fsync(int file) {
  static const auto real = original<int(int)>("fsync");
  return faulty(
      file, [] { return 0; }, [&] { return real(file); });
}

int fdatasync(int file) {
  static const auto real = original<int(int)>("fdatasync");
  return faulty(
      file, [] { return 0; }, [&] { return real(file); });
}
}
