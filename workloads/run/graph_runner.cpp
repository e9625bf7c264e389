#include "workloads/run/graph_runner.h"

#include <ATen/Parallel.h>

#include <algorithm>

#include "common/error.h"
#include "workloads/run/tensor_bridge.h"

namespace rebasis::run {
namespace {

// libtorch's own threads wait for each other at every operator; callers share out whole batches instead.
constexpr int threads = 1;

std::string in_file(const graph::Graph& graph, const graph::Node& node) {
  return (graph.file.empty() ? "" : graph.file + ": ") + "node " + node.name + " (" + node.op + "): ";
}

}  // namespace

GraphRunner::GraphRunner(const graph::Graph& graph) : graph_(graph) {
  at::set_num_threads(threads);
  for (const graph::Node& node : graph_.nodes) {
    kernels_.push_back(find_operator(node.op));
    if (kernels_.back() == nullptr) {
      fail_input(in_file(graph_, node) +
                 "the operator is not supported; export the network without it (docs/operators.md lists "
                 "the operators that run)");
    }
  }
  for (const auto& [name, constant] : graph_.constants) constants_.emplace(name, to_torch(constant));
  plan_lifetimes();
  complete_shapes();
}

void GraphRunner::plan_lifetimes() {
  std::map<std::string, std::size_t> last;
  for (std::size_t index = 0; index < graph_.nodes.size(); ++index) {
    for (const std::string& output : graph_.nodes[index].outputs) last[output] = index;
    for (const std::string& input : graph_.nodes[index].inputs) last[input] = index;
  }
  for (const graph::Port& port : graph_.outputs) last.erase(port.name);
  last_used_.resize(graph_.nodes.size());
  for (const auto& [value, index] : last) last_used_[index].push_back(value);
}

/// Shape inference gives up where shapes are computed in ways it does not follow. One run on zeros fills the gaps of
/// networks with one input; further inputs may be sizes or scales, which zeros would turn into nonsense.
void GraphRunner::complete_shapes() {
  const auto known = [&](const std::string& value) {
    const auto found = graph_.shapes.find(value);
    return found != graph_.shapes.end() &&
           std::none_of(found->second.begin(), found->second.end(), [](auto e) { return e < 0; });
  };
  if (graph_.inputs.size() != 1) return;
  const graph::Port& port = graph_.inputs[0];
  const bool real = scalar_type(port.type) == at::kFloat;
  if (!real || !known(port.name)) return;  // open extents: weight_layers says so when there is a layer
  bool complete = true;
  for (const graph::Node& node : graph_.nodes) {
    for (const std::string& output : node.outputs) complete = complete && (output.empty() || known(output));
  }
  if (complete) return;
  const c10::InferenceMode inference;
  (void)evaluate(
      {{port.name, at::zeros(graph_.shapes.at(port.name), at::kFloat)}}, {},
      [&](const std::string& value, const at::Tensor& tensor) { graph_.shapes[value] = tensor.sizes().vec(); });
}

std::vector<at::Tensor> GraphRunner::evaluate(Values values, const NodeFunction& run_node,
                                              const Observer& observe) const {
  for (std::size_t index = 0; index < graph_.nodes.size(); ++index) {
    const graph::Node& node = graph_.nodes[index];
    std::vector<at::Tensor> outputs = guarded(index, gather_inputs(node, values), run_node);
    for (std::size_t i = 0; i < node.outputs.size() && i < outputs.size(); ++i) {
      if (node.outputs[i].empty()) continue;
      if (observe) observe(node.outputs[i], outputs[i]);
      values[node.outputs[i]] = std::move(outputs[i]);
    }
    for (const std::string& value : last_used_[index]) values.erase(value);
  }
  std::vector<at::Tensor> results;
  for (const graph::Port& port : graph_.outputs) results.push_back(find(port.name, values));
  return results;
}

std::vector<at::Tensor> GraphRunner::call(std::size_t index, std::vector<at::Tensor> inputs) const {
  return kernels_[index]({graph_.nodes[index], graph_.opset, std::move(inputs)});
}

const at::Tensor& GraphRunner::find(const std::string& value, const Values& values) const {
  if (const auto computed = values.find(value); computed != values.end()) return computed->second;
  if (const auto constant = constants_.find(value); constant != constants_.end()) return constant->second;
  fail_input({graph_.file},
             "value " + value + " is an optional output that is not supported; export the network without it");
}

std::vector<at::Tensor> GraphRunner::gather_inputs(const graph::Node& node, const Values& values) const {
  std::vector<at::Tensor> inputs;
  for (const std::string& input : node.inputs) inputs.push_back(input.empty() ? at::Tensor() : find(input, values));
  return inputs;
}

std::vector<at::Tensor> GraphRunner::guarded(std::size_t index, std::vector<at::Tensor> inputs,
                                             const NodeFunction& run_node) const {
  const graph::Node& node = graph_.nodes[index];
  try {
    return run_node ? run_node(index, std::move(inputs)) : call(index, std::move(inputs));
  } catch (const c10::Error& error) {
    fail_input(in_file(graph_, node) + error.what_without_backtrace() + "; check the shapes of network and inputs");
  } catch (const std::bad_alloc&) {
    fail_input(in_file(graph_, node) + "does not fit the memory; use a smaller batch");
  } catch (const Error& error) {
    if (error.status() != Status::bad_input) throw;
    fail_input((graph_.file.empty() ? "" : graph_.file + ": ") + error.what());
  }
}

}  // namespace rebasis::run
