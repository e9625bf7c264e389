#include "workloads/trace/metadata_json.h"

#include <cmath>
#include <set>

#include "common/error.h"
#include "common/json.h"
#include "common/sha256.h"
#include "workloads/trace/layer_limits.h"

namespace rebasis::trace {
namespace {

using nlohmann::json;

constexpr std::size_t max_statistics = 256;
constexpr std::size_t max_slices = std::size_t{1} << 20;

json shape_to_json(const LayerShape& s) {
  return {{"M", s.M},
          {"C", s.C},
          {"H", s.H},
          {"W", s.W},
          {"R", s.R},
          {"S", s.S},
          {"stride", {s.stride_h, s.stride_w}},
          {"dilation", {s.dilation_h, s.dilation_w}},
          {"pads", {s.pad_top, s.pad_left, s.pad_bottom, s.pad_right}},
          {"groups", s.groups}};
}

std::vector<std::int64_t> fixed_list(const JsonObject& object, const char* key, std::size_t count, std::int64_t low) {
  auto values = object.integers(key, low, max_kernel, count);
  if (values.size() != count) object.fail("\"" + std::string(key) + "\" needs " + std::to_string(count) + " numbers");
  return values;
}

LayerShape shape_from_json(const JsonObject& object) {
  LayerShape s;
  s.M = object.integer("M", 1, max_channels);
  s.C = object.integer("C", 1, max_channels);
  s.H = object.integer("H", 1, max_extent);
  s.W = object.integer("W", 1, max_extent);
  s.R = object.integer("R", 1, max_kernel);
  s.S = object.integer("S", 1, max_kernel);
  const auto stride = fixed_list(object, "stride", 2, 1);
  s.stride_h = stride[0];
  s.stride_w = stride[1];
  const auto dilation = fixed_list(object, "dilation", 2, 1);
  s.dilation_h = dilation[0];
  s.dilation_w = dilation[1];
  const auto pads = fixed_list(object, "pads", 4, 0);
  s.pad_top = pads[0];
  s.pad_left = pads[1];
  s.pad_bottom = pads[2];
  s.pad_right = pads[3];
  s.groups = object.integer("groups", 1, max_channels);
  return s;
}

json layer_to_json(const LayerInfo& layer) {
  const ActivationInfo& a = layer.activations;
  json value{
      {"name", layer.name},
      {"op", layer.op},
      {"shape", shape_to_json(layer.shape)},
      {"encoding", layer.encoding},
      {"weight_provenance", layer.weight_provenance},
      {"activations", {{"signed", a.is_signed}, {"bits", a.bits}, {"scale", a.scale}, {"provenance", a.provenance}}},
      {"images", layer.images}};
  if (layer.encoding == smartdeal_encoding) {
    const SmartDealInfo& d = layer.smartdeal;
    value["smartdeal"] = {{"n", d.n},
                          {"rows", d.rows},
                          {"slice_rows", d.slice_rows},
                          {"rows_are_kernel_rows", d.rows_are_kernel_rows},
                          {"exponents", d.exponents}};
  }
  if (layer.encoding == ternary_encoding) value["ternary"] = {{"group_channels", layer.ternary.group_channels}};
  if (layer.reuse.on()) value["reuse"] = {{"length", layer.reuse.length}, {"hashes", layer.reuse.hashes}};
  if (!layer.statistics.empty()) value["statistics"] = layer.statistics;
  return value;
}

SmartDealInfo smartdeal_from_json(const JsonObject& object) {
  SmartDealInfo d;
  d.n = object.integer("n", 1, max_basis_width);
  d.rows = object.integer("rows", 1, max_elements);
  d.slice_rows = object.integers("slice_rows", 1, max_elements, max_slices);
  d.rows_are_kernel_rows = object.boolean("rows_are_kernel_rows");
  for (const std::int64_t exponent : object.integers("exponents", -max_exponent, max_exponent, max_exponents)) {
    d.exponents.push_back(static_cast<int>(exponent));
  }
  return d;
}

LayerInfo layer_from_json(const JsonObject& object) {
  LayerInfo layer;
  layer.name = object.text("name");
  layer.op = object.one_of("op", {"conv", "fc"});
  layer.shape = shape_from_json(object.object("shape"));
  layer.encoding = object.one_of("encoding", {dense_encoding, smartdeal_encoding, ternary_encoding});
  layer.weight_provenance = object.one_of("weight_provenance", {"trained", "synthetic"});
  const JsonObject activations = object.object("activations");
  layer.activations.is_signed = activations.boolean("signed");
  layer.activations.bits = static_cast<int>(activations.integer("bits", 1, max_activation_bits));
  layer.activations.scale = activations.number("scale");
  layer.activations.provenance = activations.one_of("provenance", {"real", "synthetic"});
  layer.images = object.integer("images", 1, max_images);
  if (layer.encoding == smartdeal_encoding) layer.smartdeal = smartdeal_from_json(object.object("smartdeal"));
  if (layer.encoding == ternary_encoding)
    layer.ternary.group_channels = object.object("ternary").integer("group_channels", 1, max_channels);
  if (object.has("reuse")) {
    const JsonObject reuse = object.object("reuse");
    layer.reuse.length = reuse.integer("length", 1, max_elements);
    layer.reuse.hashes = reuse.integer("hashes", 1, max_hashes);
  }
  if (object.has("statistics")) {
    const json& statistics = object.at("statistics");
    if (statistics.size() > max_statistics)
      object.fail("has more than " + std::to_string(max_statistics) + " statistics");
    const JsonObject values = object.object("statistics");
    for (const auto& [key, value] : statistics.items()) layer.statistics[key] = values.number(key);
  }
  return layer;
}

json auxiliary_to_json(const AuxiliaryInfo& a) {
  return {{"name", a.name},
          {"op", a.op},
          {"input_elements", a.input_elements},
          {"output_elements", a.output_elements},
          {"fused", a.fused},
          {"after", a.after}};
}

AuxiliaryInfo auxiliary_from_json(const JsonObject& object) {
  AuxiliaryInfo a;
  a.name = object.text("name");
  a.op = object.text("op");
  a.input_elements = object.integer("input_elements", 0, max_elements);
  a.output_elements = object.integer("output_elements", 0, max_elements);
  a.fused = object.boolean("fused");
  a.after = object.text("after");
  if (a.name.size() > max_name || a.op.size() > max_name) object.fail("the name is too long");
  return a;
}

const std::string& member(const std::map<std::string, std::string>& members, const std::string& key,
                          const std::string& name) {
  const auto found = members.find(key);
  if (found == members.end()) fail_input({name}, "is damaged: __metadata__ has no \"" + key + "\"");
  return found->second;
}

void check_format(const std::map<std::string, std::string>& members, const std::string& name) {
  const auto format = members.find("format");
  if (format == members.end() || format->second != format_name) {
    fail_input({name}, "is a safetensors file but no trace; rebasis compress or rebasis trace makes one");
  }
  const std::string& schema = member(members, "schema", name);
  if (schema == std::to_string(schema_version)) return;
  fail_input({name}, "is a trace of schema version " + schema.substr(0, 20) + "; this rebasis reads version " +
                         std::to_string(schema_version) + ", a newer one may read it");
}

void check_auxiliary(const Metadata& metadata, const std::set<std::string>& layers, const std::string& name) {
  for (const AuxiliaryInfo& a : metadata.auxiliary) {
    if (!a.after.empty() && !layers.contains(a.after)) {
      fail_input({name},
                 "auxiliary layer \"" + a.name + "\" follows \"" + a.after + "\", which is no layer of the trace");
    }
  }
}

}  // namespace

std::string guard_of(const std::map<std::string, std::string>& members) {
  std::string text;
  for (const auto& [key, value] : members) {
    if (key != guard_member) text += key + "=" + value + "\n";
  }
  return sha256(text);
}

void check_metadata(const Metadata& metadata, const std::string& name) {
  if (metadata.layers.empty()) fail_input({name}, "has no layers");
  std::set<std::string> names;
  for (const LayerInfo& layer : metadata.layers) {
    if (!names.insert(layer.name).second) fail_input({name}, "has two layers named \"" + layer.name + "\"");
    check_layer_info(layer, name);
    if (layer.images != metadata.layers[0].images) {
      fail_input({name}, "layer \"" + layer.name + "\" has " + std::to_string(layer.images) +
                             " images, the first layer " + std::to_string(metadata.layers[0].images));
    }
  }
  check_auxiliary(metadata, names, name);
}

std::string describe_layer(const LayerInfo& layer) { return to_line(layer_to_json(layer)); }

std::string describe_auxiliaries(const Metadata& metadata) {
  json auxiliary = json::array();
  for (const AuxiliaryInfo& a : metadata.auxiliary) auxiliary.push_back(auxiliary_to_json(a));
  return to_line(auxiliary);
}

std::map<std::string, std::string> to_members(const Metadata& metadata, const Checksums& checksums) {
  json layers = json::array();
  for (const LayerInfo& layer : metadata.layers) {
    for (const auto& [key, value] : layer.statistics) {
      if (!std::isfinite(value)) fail_internal("layer \"" + layer.name + "\": the statistic " + key + " is not finite");
    }
    layers.push_back(layer_to_json(layer));
  }
  const json provenance = parse_json(metadata.provenance, "provenance");
  if (!provenance.is_object()) fail_internal("the provenance of a trace must be a JSON object");
  std::map<std::string, std::string> members{{"format", format_name},
                                             {"schema", std::to_string(schema_version)},
                                             {"network", metadata.network},
                                             {"layers", to_line(layers)},
                                             {"auxiliary", describe_auxiliaries(metadata)},
                                             {"provenance", to_line(provenance)},
                                             {"sha256", to_line(json(checksums))}};
  members[guard_member] = guard_of(members);
  return members;
}

Metadata metadata_from_members(const std::map<std::string, std::string>& members, const std::string& name) {
  check_format(members, name);
  if (member(members, guard_member, name) != guard_of(members))
    fail_input({name}, "is damaged: its metadata does not match its checksum");
  Metadata metadata;
  metadata.network = member(members, "network", name);
  const json lists{{"layers", parse_json(member(members, "layers", name), name + ": layers")},
                   {"auxiliary", parse_json(member(members, "auxiliary", name), name + ": auxiliary")}};
  const JsonObject object(lists, name);
  for (const json& layer : object.array("layers", max_layers)) {
    metadata.layers.push_back(layer_from_json({layer, name + ": layer " + std::to_string(metadata.layers.size() + 1)}));
  }
  for (const json& a : object.array("auxiliary", max_layers)) {
    metadata.auxiliary.push_back(
        auxiliary_from_json({a, name + ": auxiliary layer " + std::to_string(metadata.auxiliary.size() + 1)}));
  }
  metadata.provenance = member(members, "provenance", name);
  const json provenance = parse_json(metadata.provenance, name + ": provenance");
  const JsonObject must_be_an_object(provenance, name + ": provenance");
  check_metadata(metadata, name);
  return metadata;
}

Checksums checksums_from_members(const std::map<std::string, std::string>& members, const std::string& name) {
  const json sums = parse_json(member(members, "sha256", name), name + ": sha256");
  const JsonObject object(sums, name + ": sha256");
  Checksums checksums;
  for (const auto& [key, value] : sums.items()) checksums[key] = object.text(key);
  return checksums;
}

}  // namespace rebasis::trace
