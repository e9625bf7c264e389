// A network read from ONNX: nodes in topological order, constants, and the shape of every value.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "workloads/factors.h"
#include "workloads/tensor.h"

namespace rebasis::graph {

/// The ONNX element type of a value, as far as execution distinguishes them.
enum class ElementType { f16, f32, f64, u8, i8, u16, i16, u32, i32, u64, i64, boolean };

/// A constant tensor: real types are held as float, integers and booleans as int64.
struct Constant {
  ElementType type = ElementType::f32;
  std::variant<Tensor<float>, Tensor<std::int64_t>> data;

  [[nodiscard]] const Shape& shape() const;
  [[nodiscard]] bool is_float() const { return data.index() == 0; }
};

using Attribute = std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>, std::vector<float>,
                               std::vector<std::string>, Constant>;

struct Node {
  std::string name;                 ///< unique; made from the operator and its position when the file has none
  std::string op;                   ///< ONNX operator
  std::vector<std::string> inputs;  ///< value names; "" for an omitted optional input
  std::vector<std::string> outputs;
  std::map<std::string, Attribute> attributes;

  [[nodiscard]] bool has(const std::string& attribute) const { return attributes.contains(attribute); }
  /// Attribute values with the operator's default; a value of another type throws Error(bad_input) that names the node.
  [[nodiscard]] std::int64_t integer(const std::string& attribute, std::int64_t fallback) const;
  [[nodiscard]] float real(const std::string& attribute, float fallback) const;
  [[nodiscard]] std::string text(const std::string& attribute, const std::string& fallback) const;
  [[nodiscard]] std::vector<std::int64_t> integers(const std::string& attribute,
                                                   const std::vector<std::int64_t>& fallback) const;
};

/// A value that enters or leaves the network; -1 stands for an extent the file leaves open (the batch, usually).
struct Port {
  std::string name;
  ElementType type = ElementType::f32;
  Shape shape;
};

struct Graph {
  std::string name;
  std::string file;                               ///< path as given
  std::string sha256;                             ///< of the file, hexadecimal
  std::int64_t opset = 0;                         ///< of the default domain
  std::map<std::string, std::string> properties;  ///< of the model, as the file has them
  bool synthetic_weights = false;                 ///< the file says that its weights are no trained ones (write_onnx.h)
  std::vector<Node> nodes;                        ///< topological order
  std::map<std::string, Constant> constants;      ///< initialisers and Constant nodes (their nodes are dropped)
  std::vector<Port> inputs;                       ///< without initialisers
  std::vector<Port> outputs;
  /// Shape of every value after shape inference, with one image (batch 1); constants included. -1: could not be
  /// inferred.
  std::map<std::string, Shape> shapes;
  /// Batch-norm scales folded by fold_batch_norms: weight layer's node name -> gamma of each output channel.
  std::map<std::string, std::vector<float>> folded_gamma;
  /// Constants that the file gives as a product, with the product's factors; of folded weights, too.
  std::map<std::string, Factors> factors;

  /// Float constant `value`; fails when there is none.
  [[nodiscard]] const Tensor<float>& float_constant(const std::string& value) const;
  [[nodiscard]] bool is_constant(const std::string& value) const { return constants.contains(value); }
  /// The node that computes `value`, or nullptr for constants and network inputs.
  [[nodiscard]] const Node* producer(const std::string& value) const;
  /// The nodes that read `value`, in order.
  [[nodiscard]] std::vector<const Node*> consumers(const std::string& value) const;
};

struct ImportOptions {
  /// Replaces open extents of network inputs: input name -> shape with batch 1. Open batch extents default to 1; any
  /// other open extent must be given here.
  std::map<std::string, Shape> input_shapes;
  bool fold_batch_norms = true;
};

/// Reads, checks and shape-infers an ONNX file. External weight data must lie in the file's folder. Damaged or hostile
/// files, NaN or infinite weights and unsupported types throw Error(bad_input) that names file, node and tensor.
[[nodiscard]] Graph import_onnx(const std::string& path, const ImportOptions& options = {});

/// Folds each BatchNormalization that alone follows a Conv, ConvTranspose or Gemm with constant weights into them, and
/// keeps gamma in `folded_gamma`. Others stay.
void fold_batch_norms(Graph& graph);

}  // namespace rebasis::graph
