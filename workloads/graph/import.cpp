#include <algorithm>

#include "common/sha256.h"
#include "workloads/graph/import_steps.h"

namespace rebasis::graph {
namespace {

std::int64_t default_opset(const onnx::ModelProto& model, const std::string& path) {
  for (const auto& import : model.opset_import()) {
    if (import.domain().empty() || import.domain() == "ai.onnx") {
      if (import.version() < 1 || import.version() > 1000)
        fail_input({path}, "has no sensible operator-set version; the file is damaged");
      return import.version();
    }
  }
  if (model.ir_version() < 3) return 1;  // files from before operator sets
  fail_input({path}, "names no operator set of ONNX; export it again");
}

}  // namespace

Graph import_onnx(const std::string& path, const ImportOptions& options) {
  onnx::ModelProto model = parse_model(path);
  const std::int64_t opset = default_opset(model, path);
  // The file format has not changed since in what is read here; libonnx 1.12 refuses later numbers.
  model.set_ir_version(std::min<std::int64_t>(model.ir_version(), 8));
  check_structure(model, opset, path);
  Graph graph = convert(model, opset, path);
  graph.sha256 = sha256_of_file(path);
  infer_shapes(model, graph, options);
  multiply_factors(graph);
  simplify_constants(graph);
  check_weights(graph);
  if (options.fold_batch_norms) fold_batch_norms(graph);
  drop_unused_constants(graph);
  return graph;
}

}  // namespace rebasis::graph
