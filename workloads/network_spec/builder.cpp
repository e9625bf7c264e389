#include "workloads/network_spec/builder.h"

#include <utility>

#include "common/text/suggest.h"

namespace rebasis::networks {
namespace {

/// What others count as parameters: learned by gradient.
bool is_learned(ParameterKind kind) {
  return kind != ParameterKind::running_mean && kind != ParameterKind::running_variance;
}

constexpr std::int64_t opset = 17;

}  // namespace

GraphBuilder::GraphBuilder(const std::string& name, const std::string& file, bool fold) : where_{file}, fold_(fold) {
  graph_.name = name;
  graph_.file = file;
  graph_.opset = opset;
}

std::string GraphBuilder::input(const Shape& shape) {
  refuse_large(shape);
  graph_.inputs.push_back({"input", graph::ElementType::f32, shape});
  graph_.shapes["input"] = shape;
  return "input";
}

void GraphBuilder::output(const std::string& value) {
  graph_.outputs.push_back({value, graph::ElementType::f32, shape(value)});
}

void GraphBuilder::refuse_large(const Shape& shape) const {
  std::int64_t count = 1;
  for (const std::int64_t extent : shape) {
    if (extent < 1) fail("a size of " + std::to_string(extent) + " results; is the kernel larger than its input?");
    if (extent > most_elements / count) fail("more than 2^31 elements result; make the layer smaller");
    count *= extent;
  }
}

void GraphBuilder::claim(const std::string& name, const Shape& shape) {
  if (!graph_.shapes.emplace(name, shape).second)
    fail("there are two layers named " + in_quotes(name) + "; rename one");
}

std::string GraphBuilder::add(const std::string& op, const std::string& name, const std::vector<std::string>& inputs,
                              const Shape& shape, const std::map<std::string, graph::Attribute>& attributes) {
  refuse_large(shape);
  if (graph_.nodes.size() >= most_nodes) fail("the network has more than " + std::to_string(most_nodes) + " nodes");
  claim(name, shape);
  graph_.nodes.push_back({name, op, inputs, {name}, attributes});
  return name;
}

std::string GraphBuilder::parameter(const std::string& name, const Shape& shape, Parameter parameter) {
  refuse_large(shape);
  claim(name, shape);
  Tensor<float> empty;
  empty.shape = shape;
  graph_.constants[name] = {graph::ElementType::f32, std::move(empty)};
  parameters_[name] = parameter;
  if (is_learned(parameter.kind)) parameter_count_ += element_count(shape);
  if (parameter_count_ > most_elements) fail("the network has more than 2^31 parameters");
  return name;
}

std::string GraphBuilder::scalar(const std::string& name, float value) {
  claim(name, {});
  graph_.constants[name] = {graph::ElementType::f32, Tensor<float>({}, {value})};
  return name;
}

std::string GraphBuilder::integers(const std::string& name, const std::vector<std::int64_t>& values) {
  const Shape shape{static_cast<std::int64_t>(values.size())};
  claim(name, shape);
  graph_.constants[name] = {graph::ElementType::i64, Tensor<std::int64_t>(shape, values)};
  return name;
}

std::string GraphBuilder::batch_norm(const std::string& name, const std::string& value, bool behind_layer) {
  const Shape in = shape(value);
  const Shape channels{in.at(1)};
  if (fold_ && behind_layer) {
    std::vector<std::string>& inputs = graph_.nodes.back().inputs;
    constexpr std::size_t with_bias = 3;
    parameter_count_ += channels[0];  // the scale is in the weights
    if (inputs.size() == with_bias) {
      parameter_count_ += channels[0];  // and the shift in the bias
    } else {
      inputs.push_back(parameter(value + ".bias", channels, {ParameterKind::bias, 1}));
    }
    return value;
  }
  const std::vector<std::string> inputs{
      value, parameter(name + ".weight", channels, {ParameterKind::norm_scale, 1}),
      parameter(name + ".bias", channels, {ParameterKind::norm_shift, 1}),
      parameter(name + ".running_mean", channels, {ParameterKind::running_mean, 1}),
      parameter(name + ".running_var", channels, {ParameterKind::running_variance, 1})};
  return add("BatchNormalization", name, inputs, in);
}

}  // namespace rebasis::networks
