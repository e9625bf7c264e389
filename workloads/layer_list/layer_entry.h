// One layer of a layer list.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "workloads/layer_list/tensor_file.h"
#include "workloads/trace/trace.h"

namespace rebasis::layer_list {

/// What the layers of a list add to.
struct Trace {
  trace::TraceWriter writer;
  trace::Metadata metadata;
  std::vector<std::string> notes;

  template <class T>
  void add(const std::string& layer, const char* part, const Shape& shape, const std::vector<T>& values) {
    writer.add<T>(layer + "/" + part, shape, std::span<const T>(values));
  }
};

/// Reads one element of `layers:` with its tensors.
void add_layer(const YAML::Node& node, const std::string& list_path, TensorFiles& files, Trace& trace);

/// Reads the `smartdeal:` member of a layer with the shape so far in `info.shape` (all but M is known), adds its
/// tensors, sets M and `info.smartdeal`, and returns the unit of each filter's integer weights [M].
[[nodiscard]] std::vector<double> add_smartdeal(const YamlMap& layer, const std::string& list_path, TensorFiles& files,
                                                trace::LayerInfo& info, Trace& trace);

}  // namespace rebasis::layer_list
