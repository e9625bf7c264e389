#include "cli/torch_program.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <system_error>

#include "cli/build_info.h"
#include "common/error.h"

namespace rebasis::cli {

void run_torch_program(std::string_view command, char* argv[]) {
  if (!build_has_torch) {
    fail_input("'" + std::string(command) +
               "' needs libtorch, which this build leaves out; build Rebasis with -DREBASIS_TORCH=ON");
  }
  std::error_code error;
  const std::filesystem::path self = std::filesystem::canonical("/proc/self/exe", error);
  const std::filesystem::path program = self.parent_path().parent_path() / "libexec" / "rebasis" / "rebasis-torch";
  execv(program.c_str(), argv);
  fail_input(program.string() + ": " + std::strerror(errno) + "; '" + std::string(command) +
             "' lives there: build or install all of Rebasis");
}

}  // namespace rebasis::cli
