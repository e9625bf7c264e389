// The YAML of a network that is only a list of shapes.
#include "arch/parameter.h"
#include "common/text/suggest.h"
#include "common/text/yaml.h"
#include "workloads/compress/synthetic.h"

namespace rebasis::compress {
namespace {

/// The keys of a layer as parameters.
struct ShapeKeys {
  std::string name, op;
  std::int64_t M = 1, C = 1, H = 1, W = 1, R = 1, S = 1, stride = 1, pad = 0, groups = 1;
};

struct AuxiliaryKeys {
  std::string name, op, after;
  std::int64_t inputs = 0, outputs = 0;
  bool fused = true;
};

constexpr std::int64_t most = 1 << 20;

LayerShapes::Item parse_layer(const YAML::Node& node, const std::string& file) {
  static const auto set = [] {
    arch::ParameterSet<ShapeKeys> p;
    p.text("name", &ShapeKeys::name, "", "Name of the layer.", "-");
    p.choice("op", &ShapeKeys::op, "conv", {"conv", "fc"}, "Kind of layer.", "-");
    p.integer("M", &ShapeKeys::M, 1, 1, most, "", "Output channels.", "-")
        .integer("C", &ShapeKeys::C, 1, 1, most, "", "Input channels.", "-");
    p.integer("H", &ShapeKeys::H, 1, 1, most, "", "Input rows.", "-")
        .integer("W", &ShapeKeys::W, 1, 1, most, "", "Input columns.", "-");
    p.integer("R", &ShapeKeys::R, 1, 1, 4096, "", "Kernel rows.", "-")
        .integer("S", &ShapeKeys::S, 1, 1, 4096, "", "Kernel columns.", "-");
    p.integer("stride", &ShapeKeys::stride, 1, 1, 4096, "", "Stride both ways.", "-");
    p.integer("pad", &ShapeKeys::pad, 0, 0, 4096, "", "Padding on all sides.", "-");
    p.integer("groups", &ShapeKeys::groups, 1, 1, most, "", "Groups.", "-");
    return p;
  }();
  const ShapeKeys keys = set.resolve(arch::RawConfig::from_map(node, file));
  const SourceLocation where = location_of(node, file);
  if (keys.name.empty()) fail_input(where, "a layer without a name; write {name: conv1, M: 64, C: 3, ...}");
  if (keys.M % keys.groups != 0 || keys.C % keys.groups != 0) fail_input(where, "M and C must be multiples of groups");
  LayerShape shape{.M = keys.M,
                   .C = keys.C,
                   .H = keys.H,
                   .W = keys.W,
                   .R = keys.R,
                   .S = keys.S,
                   .stride_h = keys.stride,
                   .stride_w = keys.stride};
  shape.pad_top = shape.pad_left = shape.pad_bottom = shape.pad_right = keys.pad;
  shape.groups = keys.groups;
  if (shape.E() < 1 || shape.F() < 1) fail_input(where, "the kernel is larger than the padded input");
  constexpr std::int64_t largest_tensor = std::int64_t{1} << 31;
  if (keys.C * keys.H > largest_tensor / keys.W || keys.M * keys.C > largest_tensor / (keys.R * keys.S))
    fail_input(where, "the layer is too large");
  return {keys.name, keys.op, shape};
}

trace::AuxiliaryInfo parse_auxiliary(const YAML::Node& node, const std::string& file) {
  static const auto set = [] {
    arch::ParameterSet<AuxiliaryKeys> p;
    p.text("name", &AuxiliaryKeys::name, "", "Name.", "-").text("op", &AuxiliaryKeys::op, "", "ONNX operator.", "-");
    p.text("after", &AuxiliaryKeys::after, "", "Layer it follows.", "-");
    p.integer("inputs", &AuxiliaryKeys::inputs, 0, 0, std::int64_t{1} << 40, "", "Elements read.", "-");
    p.integer("outputs", &AuxiliaryKeys::outputs, 0, 0, std::int64_t{1} << 40, "", "Elements written.", "-");
    p.boolean("fused", &AuxiliaryKeys::fused, true, "Done on the way out of the layer.", "-");
    return p;
  }();
  const AuxiliaryKeys keys = set.resolve(arch::RawConfig::from_map(node, file));
  return {keys.name, keys.op, keys.inputs, keys.outputs, keys.fused, keys.after};
}

}  // namespace

LayerShapes load_layer_shapes(const std::string& path) {
  const YAML::Node root = load_yaml(path);
  if (!root.IsMap()) fail_input({path, 1}, "a list of shapes is a map; write name: and layers:");
  LayerShapes shapes;
  for (const auto& pair : root) {
    const std::string key = pair.first.Scalar();
    if (key == "name" && pair.second.IsScalar()) {
      shapes.name = pair.second.Scalar();
    } else if (key == "layers" && pair.second.IsSequence()) {
      for (const auto& layer : pair.second) shapes.layers.push_back(parse_layer(layer, path));
    } else if (key == "auxiliary" && pair.second.IsSequence()) {
      for (const auto& layer : pair.second) shapes.auxiliary.push_back(parse_auxiliary(layer, path));
    } else {
      fail_input(location_of(pair.first, path),
                 "unknown key or wrong kind of value at " + in_quotes(key) + "; known: name, layers, auxiliary");
    }
  }
  if (shapes.layers.empty()) fail_input({path, 1}, "there are no layers");
  return shapes;
}

}  // namespace rebasis::compress
