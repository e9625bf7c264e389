// Bring your own tensors: a list of layers in YAML, with their tensors in NPY files, becomes a trace.
// docs/bring-your-own.md is the specification.
#pragma once

#include <string>
#include <vector>

namespace rebasis::layer_list {

struct BuildReport {
  std::size_t layers = 0;
  std::vector<std::string> notes;  ///< what was quantised, with the scale that was used
};

/// Reads `list_path` and the NPY files it names (relative to its folder) and writes the trace. Nothing that is already
/// integer is quantised again. A key, tensor, shape or value that does not fit throws Error(bad_input) with file and
/// line, and no trace appears. `tool_version` goes into the provenance.
[[nodiscard]] BuildReport build_trace(const std::string& list_path, const std::string& trace_path,
                                      const std::string& tool_version);

}  // namespace rebasis::layer_list
