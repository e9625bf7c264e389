// A family: one file that holds several traces, the sub-nets of one network, and each tensor once. A sub-net is opened
// as if it were a trace of its own: TraceReader("FAMILY.trace#NAME"). docs/trace-format.md, "Families".
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "workloads/trace/metadata_json.h"

namespace rebasis::trace {

inline constexpr const char* family_format_name = "rebasis-trace-family";
inline constexpr int family_schema_version = 1;
inline constexpr std::size_t max_subnets = 256;
inline constexpr char subnet_mark = '#';  ///< FILE#NAME

/// What the file says of a sub-net besides its layers.
struct SubnetInfo {
  std::string name;
  std::optional<double> accuracy;  ///< share of images classified correctly, as measured when its trace was made
  std::optional<double> sparsity;  ///< zero weights of all
  std::string pattern;             ///< "2:4" (zeros : group), "95 %", ...; free text, may be empty
};

/// Where a trace is: a file, and a sub-net when it is a family's.
struct TraceLocation {
  std::string file;
  std::string subnet;  ///< empty: none is named
};

/// Takes FILE#NAME apart. A file whose own name has a '#' is found first.
[[nodiscard]] TraceLocation locate_trace(const std::string& path);

/// The inverse: `file` alone when `subnet` is empty.
[[nodiscard]] std::string subnet_path(const std::string& file, const std::string& subnet);

/// The sub-nets of a file in their order; empty for a plain trace. Errors as of TraceReader.
[[nodiscard]] std::vector<SubnetInfo> list_subnets(const std::string& file);

/// A trace that becomes a sub-net.
struct FamilyPart {
  std::string name;     ///< 1 to 128 bytes, without '#', '/' and control characters
  std::string path;     ///< of its trace
  std::string pattern;  ///< SubnetInfo::pattern
};

/// What came of joining.
struct FamilyReport {
  std::vector<SubnetInfo> subnets;
  std::uint64_t bytes_given = 0;   ///< tensors of all traces
  std::uint64_t bytes_stored = 0;  ///< after equal ones were stored once
};

/// Writes a family. Each trace is read whole and checked. Throws Error(bad_input) for equal or impossible names, and
/// for traces that cannot be of one network: other numbers of images or another input of the first layer.
FamilyReport join_traces(const std::vector<FamilyPart>& parts, const std::string& network, const std::string& output);

/// The network of a family, the bytes of its tensors and of those that more than one sub-net uses, from its header.
struct FamilyBytes {
  std::string network;
  std::uint64_t tensors = 0, shared = 0;
};
[[nodiscard]] FamilyBytes family_bytes(const std::string& file);

void check_subnet_name(const std::string& subnet, const std::string& name);
void check_pattern(const std::string& pattern, const std::string& name);

// What the reader takes from `__metadata__`; `name` (of the file) begins messages.
[[nodiscard]] bool is_family(const std::map<std::string, std::string>& members);
/// Checks the format, its version, the guard and every entry of the list.
[[nodiscard]] std::vector<SubnetInfo> subnets_from_members(const std::map<std::string, std::string>& members,
                                                           const std::string& name);
/// The members of the plain trace that `subnet` is, without checksums.
[[nodiscard]] std::map<std::string, std::string> members_of_subnet(const std::map<std::string, std::string>& members,
                                                                   const std::string& subnet, const std::string& name);
/// Its tensors: name in the sub-net -> name in the file.
[[nodiscard]] std::map<std::string, std::string> tensors_of_subnet(const std::map<std::string, std::string>& members,
                                                                   const std::string& subnet, const std::string& name);

}  // namespace rebasis::trace
