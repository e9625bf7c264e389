// Small ONNX networks for tests.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "workloads/graph/onnx_headers.h"
#include "workloads/tensor.h"

namespace rebasis::test {

class OnnxModel {
 public:
  explicit OnnxModel(std::int64_t opset = 13);

  /// -1 makes an open extent.
  void input(const std::string& name, const Shape& shape);
  void output(const std::string& name);
  void initialiser(const std::string& name, const Tensor<float>& values);
  void integers(const std::string& name, const std::vector<std::int64_t>& values);
  /// The tensor as a Constant node instead of an initialiser.
  void constant_node(const std::string& name, const Tensor<float>& values);
  /// The node's name is its first output's with "_node" behind it.
  onnx::NodeProto& node(const std::string& op, const std::vector<std::string>& inputs,
                        const std::vector<std::string>& outputs);

  void write(const std::string& path) const;
  [[nodiscard]] std::string bytes() const;
  onnx::ModelProto proto;
};

void set(onnx::NodeProto& node, const std::string& attribute, std::int64_t value);
void set(onnx::NodeProto& node, const std::string& attribute, const std::vector<std::int64_t>& values);
void set(onnx::NodeProto& node, const std::string& attribute, float value);

/// Values -1 .. 1 that look random and are the same on every machine.
[[nodiscard]] Tensor<float> noise(const Shape& shape, unsigned seed);

}  // namespace rebasis::test
