// Hash vectors that training left in a network's file: the property "rebasis.reuse", a JSON object of layers.
#pragma once

#include <map>
#include <string>

#include "workloads/reuse/reuse.h"

namespace rebasis::compress {

inline constexpr const char* reuse_property = "rebasis.reuse";

/// By layer name.
using LearnedVectors = std::map<std::string, reuse::HashVectors>;

[[nodiscard]] std::string to_property(const LearnedVectors& vectors);
/// Throws Error(bad_input), which begins with `file`, for anything but what to_property() makes.
[[nodiscard]] LearnedVectors from_property(const std::string& text, const std::string& file);

}  // namespace rebasis::compress
