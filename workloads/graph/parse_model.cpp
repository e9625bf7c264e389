#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/stubs/logging.h>

#include <limits>

#include "common/file.h"
#include "workloads/graph/import_steps.h"
#include "workloads/graph/tensor_proto.h"

namespace rebasis::graph {

onnx::ModelProto parse_model(const std::string& path) {
  const MappedFile mapped(path);
  const auto bytes = mapped.bytes();
  const SourceLocation where{path};
  if (bytes.empty()) fail_input(where, "is empty; give a network in ONNX format");
  if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    fail_input(where, "is larger than 2 GiB, the limit of ONNX; store the weights as external data");
  }
  const google::protobuf::LogSilencer quiet;  // our message replaces protobuf's
  google::protobuf::io::CodedInputStream stream(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                                static_cast<int>(bytes.size()));
  stream.SetRecursionLimit(64);
  onnx::ModelProto model;
  if (!model.ParseFromCodedStream(&stream) || !stream.ConsumedEntireMessage()) {
    fail_input(where, "is not an ONNX file, or is truncated or damaged; export or copy it again");
  }
  if (!model.has_graph() || model.graph().node_size() == 0) {
    fail_input(where, "holds no network; give a file in ONNX format");
  }
  for (auto& tensor : *model.mutable_graph()->mutable_initializer()) load_external_data(tensor, path);
  for (auto& node : *model.mutable_graph()->mutable_node()) {
    for (auto& attribute : *node.mutable_attribute()) {
      if (attribute.has_t()) load_external_data(*attribute.mutable_t(), path);
    }
  }
  return model;
}

}  // namespace rebasis::graph
