// Who holds a claimed point.
#pragma once

#include <string>

namespace rebasis::dse {

/// A name for this process's claims that no other has: host, boot and process namespace, process, a number.
[[nodiscard]] std::string unique_owner();
/// That owner was a process of this machine and is gone. False for what this process cannot see.
[[nodiscard]] bool is_gone(const std::string& owner);

}  // namespace rebasis::dse
