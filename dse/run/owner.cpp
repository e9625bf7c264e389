#include "dse/run/owner.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <random>

namespace rebasis::dse {

namespace {

/// Where process numbers mean the same as here: the host since it was booted, and in it the container.
std::string process_world() {
  std::array<char, 256> host{};
  gethostname(host.data(), host.size() - 1);
  std::string boot;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> boot;
  std::error_code unknown;
  const std::string container = std::filesystem::read_symlink("/proc/self/ns/pid", unknown).string();
  return fmt::format("{}/{}/{}", host.data(), boot.substr(0, 8), container);
}

}  // namespace

std::string unique_owner() {
  std::random_device random;
  return fmt::format("{} {} {:08x}", process_world(), getpid(), random());
}

bool is_gone(const std::string& owner) {
  const std::string prefix = process_world() + " ";
  if (!owner.starts_with(prefix)) return false;
  pid_t process = 0;
  const char* begin = owner.data() + prefix.size();
  if (std::from_chars(begin, owner.data() + owner.size(), process).ec != std::errc() || process <= 0) return false;
  return kill(process, 0) != 0 && errno == ESRCH;
}

}  // namespace rebasis::dse
