#include "cli/networks/show.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/json.h"
#include "workloads/synthetic/statistics.h"

namespace rebasis::cli {
namespace {

using networks::Network;
using networks::Published;

std::string millions(std::int64_t count) { return fmt::format("{:.2f}", static_cast<double>(count) / 1e6); }

std::string input_of(const Network& network) {
  const Shape& shape = network.graph.inputs.at(0).shape;
  return fmt::format("{} x {} x {}", shape[1], shape[2], shape[3]);
}

std::string number(const Published& published, double value) {
  return published.what == "megabytes" ? fmt::format("{:.2f}", value) : fmt::format("{:.0f}", value);
}

std::string name_of(const Published& published) {
  return published.megabyte == 1'000'000 ? published.what : "MiB (2^20 bytes)";
}

std::string published_lines(const Network& network) {
  std::string text = fmt::format("{:<17} {:>15} {:>15} {:>9}  {}\n", "", "here", "published", "here/pub.", "source");
  for (const Published& entry : network.published) {
    const double ours = network.ours(entry);
    text += fmt::format("{:<17} {:>15} {:>15} {:>9.4f}  {}\n", name_of(entry), number(entry, ours),
                        number(entry, entry.value), ours / entry.value, entry.source);
    if (!entry.differs.empty()) text += fmt::format("{:<17} {}\n", "", "differs: " + entry.differs);
  }
  return text;
}

std::string shape_text(const LayerShape& s) {
  std::string text = fmt::format("{}x{}x{}x{}", s.M, s.channels_per_group(), s.R, s.S);
  if (s.stride_h > 1) text += fmt::format("/{}", s.stride_h);
  if (s.dilation_h > 1) text += fmt::format(" dilation {}", s.dilation_h);
  if (s.groups > 1 && !s.depthwise()) text += fmt::format(" groups {}", s.groups);
  return text;
}

}  // namespace

std::string networks_text(const std::vector<Network>& networks) {
  std::size_t width = 7;
  for (const Network& network : networks) width = std::max(width, network.name.size());
  std::string text =
      fmt::format("{:<{}} {:>14} {:>9} {:>9}  {}\n", "network", width, "input", "M param.", "M MAC", "what it is");
  for (const Network& n : networks) {
    text += fmt::format("{:<{}} {:>14} {:>9} {:>9}  {}\n", n.name, width, input_of(n), millions(n.parameter_count),
                        millions(n.macs), n.description);
  }
  return text;
}

std::string networks_markdown(const std::vector<Network>& networks) {
  std::string text = "| network | input | parameters | MACs | published, here over published | source |\n";
  text += "| --- | --- | --- | --- | --- | --- |\n";
  for (const Network& n : networks) {
    std::string published;
    for (const Published& entry : n.published) {
      published += fmt::format("{}{} {} ({}): {:.4f}{}", published.empty() ? "" : "; ", name_of(entry),
                               number(entry, entry.value), entry.source, n.ours(entry) / entry.value,
                               entry.differs.empty() ? "" : ", " + entry.differs);
    }
    text += fmt::format("| `{}` | {} | {} | {} | {} | {} |\n", n.name, input_of(n), n.parameter_count, n.macs,
                        published, n.source);
  }
  return text;
}

std::string networks_json(const std::vector<Network>& networks) {
  nlohmann::json array = nlohmann::json::array();
  for (const Network& network : networks) array.push_back(parse_json(network_json(network), network.name));
  return to_text(array);
}

std::string network_text(const Network& network) {
  std::string text = fmt::format("{}: {}\n{}\n", network.name, network.description, network.source);
  if (!network.note.empty()) text += network.note + "\n";
  text += fmt::format("\n{} parameters, {} MACs an image of {}\n", network.parameter_count, network.macs,
                      input_of(network));
  if (network.product_macs > 0) text += fmt::format("{} of them multiply two activations\n", network.product_macs);
  text += "\n" + published_lines(network) + "\n";
  const std::vector<graph::WeightLayer> layers = graph::weight_layers(network.graph);
  std::size_t width = 5;
  for (const graph::WeightLayer& layer : layers) width = std::max(width, layer.name.size());
  text += fmt::format("{:<{}} {:<5} {:<22} {:>14} {:>10} {:>9}  {}\n", "layer", width, "op", "weights", "input",
                      "weights", "M MAC", "input's kind");
  for (const graph::WeightLayer& layer : layers) {
    const LayerShape& s = layer.shape;
    text += fmt::format("{:<{}} {:<5} {:<22} {:>14} {:>10} {:>9}  {}\n", layer.name, width, layer.op, shape_text(s),
                        fmt::format("{}x{}x{}", s.C, s.H, s.W), s.weights(), millions(s.macs()),
                        synthetic::activation_kind(network.graph, layer));
  }
  return text;
}

std::string network_json(const Network& network) {
  nlohmann::json published = nlohmann::json::array(), layers = nlohmann::json::array();
  for (const Published& entry : network.published) {
    published.push_back({{"what", entry.what},
                         {"value", entry.value},
                         {"megabyte", entry.megabyte},
                         {"here", network.ours(entry)},
                         {"tolerance", entry.tolerance},
                         {"source", entry.source},
                         {"differs", entry.differs}});
  }
  for (const graph::WeightLayer& layer : graph::weight_layers(network.graph)) {
    const LayerShape& s = layer.shape;
    layers.push_back({{"name", layer.name},
                      {"op", layer.op},
                      {"weights", {s.M, s.channels_per_group(), s.R, s.S}},
                      {"input", {s.C, s.H, s.W}},
                      {"output", {s.M, s.E(), s.F()}},
                      {"groups", s.groups},
                      {"macs", s.macs()},
                      {"input_kind", synthetic::activation_kind(network.graph, layer)}});
  }
  const Shape& input = network.graph.inputs.at(0).shape;
  return to_text({{"name", network.name},
                  {"description", network.description},
                  {"source", network.source},
                  {"note", network.note},
                  {"input", Shape(input.begin() + 1, input.end())},
                  {"parameters", network.parameter_count},
                  {"macs", network.macs},
                  {"published", published},
                  {"layers", layers}});
}

}  // namespace rebasis::cli
