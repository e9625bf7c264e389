// Several traces become a family: what `trace join` and `compress --family` share.
#pragma once

#include <string>
#include <vector>

#include "workloads/trace/family.h"

namespace rebasis::cli {

struct JoinRequest {
  std::vector<std::string> traces;    ///< FILE or NAME=FILE
  std::vector<std::string> patterns;  ///< NAME=TEXT
  std::string network;                ///< empty: that of the first trace
};

/// Reads, checks and joins. Throws Error(bad_input) for a pattern of a sub-net that there is not.
trace::FamilyReport join_family(const JoinRequest& request, const std::string& output);

/// The sub-nets and how much storing equal tensors once has saved.
[[nodiscard]] std::string join_text(const std::string& output, const trace::FamilyReport& report);

}  // namespace rebasis::cli
