// Runs code that may crash in a process of its own.
#pragma once

#include <functional>
#include <string>

namespace rebasis::graph {

struct ContainedResult {
  enum class End { returned, threw, died };
  End end = End::died;
  std::string text;  ///< what the work returned, or the message of what it threw
};

/// Calls `work` in a forked child and hands back what it returned. A crash, a hang (more than 60 s of processor time)
/// or exhausted memory ends the child alone.
[[nodiscard]] ContainedResult run_contained(const std::function<std::string()>& work);

}  // namespace rebasis::graph
