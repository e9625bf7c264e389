// The commands that need libtorch live in a second program, so that the others start without loading it.
#pragma once

#include <string_view>

namespace rebasis::cli {

/// Replaces this process by rebasis-torch (../libexec/rebasis beside this program) with the same arguments. Returns
/// only by throwing an Error: when the build has no libtorch, or the program cannot be started.
[[noreturn]] void run_torch_program(std::string_view command, char* argv[]);

}  // namespace rebasis::cli
