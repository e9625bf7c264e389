#include "common/data_dir.h"

#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "common/error.h"

namespace rebasis {
namespace {

namespace fs = std::filesystem;

constexpr int max_levels =
    4;  // PREFIX/libexec/rebasis/PROGRAM and PREFIX/lib/ARCHITECTURE/LIBRARY are three below PREFIX

/// The file that holds this function: the program, or librebasis.so in somebody else's program.
fs::path own_file() {
  Dl_info info{};
  std::error_code error;
  if (dladdr(reinterpret_cast<void*>(&own_file), &info) != 0 && info.dli_fname != nullptr) {
    fs::path shared = fs::canonical(info.dli_fname, error);
    if (!error && shared.filename().string().find(".so") != std::string::npos) return shared;
  }
  // For the main program dladdr gives argv[0], which need not be a path.
  return fs::canonical("/proc/self/exe", error);
}

}  // namespace

std::string data_dir() {
  if (const char* chosen = std::getenv("REBASIS_DATA_DIR"); chosen != nullptr && *chosen != '\0') return chosen;
  const fs::path self = own_file();
  fs::path folder = self.parent_path();
  for (int level = 0; level < max_levels; ++level, folder = folder.parent_path()) {
    const fs::path candidate = folder / "share" / "rebasis";
    std::error_code error;
    if (fs::is_directory(candidate, error)) return candidate.string();
  }
  fail_input("no share/rebasis folder above " + self.string() +
             "; install Rebasis with its data, or set REBASIS_DATA_DIR to that folder");
}

std::string data_path(const std::string& relative) { return data_dir() + "/" + relative; }

}  // namespace rebasis
