// The `__metadata__` of a trace: names of its members and their conversion. docs/trace-format.md lists them.
#pragma once

#include <map>
#include <string>

#include "workloads/trace/trace.h"

namespace rebasis::trace {

inline constexpr const char* format_name = "rebasis-trace";
inline constexpr const char* dense_encoding = "dense-int8";
inline constexpr const char* smartdeal_encoding = "smartdeal";
inline constexpr const char* ternary_encoding = "ternary";

/// Member that guards the others: SHA-256 of "NAME=VALUE\n" of each other member, ascending by name.
inline constexpr const char* guard_member = "metadata_sha256";

[[nodiscard]] std::string guard_of(const std::map<std::string, std::string>& members);

using Checksums = std::map<std::string, std::string>;  ///< tensor name -> SHA-256

/// Names are unique, each layer is possible (layer_limits.h), auxiliary layers follow layers that exist. `name` begins
/// the message of the Error(bad_input).
void check_metadata(const Metadata& metadata, const std::string& name);

/// The members of `__metadata__`. Fails when a number is not finite or the provenance is not a JSON object.
[[nodiscard]] std::map<std::string, std::string> to_members(const Metadata& metadata, const Checksums& checksums);

/// Format and version first, so that a foreign or future file is told apart from a damaged one; then every member with
/// its type and range, and check_metadata().
[[nodiscard]] Metadata metadata_from_members(const std::map<std::string, std::string>& members,
                                             const std::string& name);
/// One line of JSON, the same text for the same content.
[[nodiscard]] std::string describe_layer(const LayerInfo& layer);
[[nodiscard]] std::string describe_auxiliaries(const Metadata& metadata);

[[nodiscard]] Checksums checksums_from_members(const std::map<std::string, std::string>& members,
                                               const std::string& name);

}  // namespace rebasis::trace
