// A timeline that ui.perfetto.dev and chrome://tracing open: Chrome's trace event format, JSON.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "sim/result.h"

namespace rebasis::report {

/// Slices that a timeline holds at most: viewers slow down beyond.
inline constexpr std::size_t most_timeline_slices = 1'000'000;

/// One track a block in order of first appearance, more where its slices overlap; one slice an event. The format's time
/// is in microseconds; here one microsecond stands for one cycle. Events beyond `limit` are left out from the end, and
/// the file says how many in `otherData` and in a slice that marks the cut. Fails (internal) when an event ends before
/// it begins.
[[nodiscard]] std::string to_timeline(const std::vector<sim::TimelineEvent>& events,
                                      std::size_t limit = most_timeline_slices);

/// Writes it atomically.
void write_timeline(const std::vector<sim::TimelineEvent>& events, const std::string& path);

}  // namespace rebasis::report
