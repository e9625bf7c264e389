#include "cli/compare/networks.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>

#include "common/error.h"
#include "common/sha256.h"
#include "workloads/trace/trace.h"

namespace rebasis::cli {
namespace {

namespace fs = std::filesystem;

std::string text_in(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

GivenTrace read_trace(const std::string& path) {
  const trace::TraceReader reader(path);
  const trace::Metadata& metadata = reader.metadata();
  const nlohmann::json provenance = nlohmann::json::parse(metadata.provenance, nullptr, false);
  GivenTrace given;
  given.path = path;
  given.dense = std::all_of(metadata.layers.begin(), metadata.layers.end(),
                            [](const trace::LayerInfo& layer) { return layer.encoding == "dense-int8"; });
  given.images = metadata.layers.empty() ? 0 : metadata.layers.front().images;
  if (provenance.is_object()) {
    given.network = fs::path(text_in(provenance, "network_file")).stem().string();
    given.network_sha256 = text_in(provenance, "network_sha256");
    given.inputs_sha256 = text_in(provenance, "input_sha256");
    given.recipe = text_in(provenance, "recipe");
  }
  if (given.network.empty())
    given.network = metadata.network.empty() ? fs::path(path).stem().string() : metadata.network;
  return given;
}

bool differ(const std::string& a, const std::string& b) { return !a.empty() && !b.empty() && a != b; }

void check_comparable(const ComparedNetwork& network, const GivenTrace& trace) {
  for (const GivenTrace& other : network.traces) {
    const std::string both = trace.path + ": and " + other.path + " are traces of " + network.name;
    if (!trace.recipe.empty() && trace.recipe == other.recipe)
      fail_input(both + " with the recipe " + trace.recipe + "; give one of them");
    if (trace.images != other.images || differ(trace.inputs_sha256, other.inputs_sha256))
      fail_input(both + " on different input images; compress with the same --inputs and --trace-images");
  }
}

/// What to run when no trace has the recipe.
const GivenTrace& substitute(const std::vector<GivenTrace>& traces, const std::string& recipe) {
  const auto variant = [&](const GivenTrace& trace) {
    return !recipe.empty() && trace.recipe.starts_with(recipe + "-");
  };
  const auto plain = [](const GivenTrace& trace) { return trace.dense && trace.recipe == "dense-int8"; };
  const auto dense = [](const GivenTrace& trace) { return trace.dense; };
  for (const std::function<bool(const GivenTrace&)>& fits :
       {std::function<bool(const GivenTrace&)>(variant), {plain}, {dense}}) {
    const auto found = std::find_if(traces.begin(), traces.end(), fits);
    if (found != traces.end()) return *found;
  }
  return traces.front();
}

}  // namespace

std::vector<ComparedNetwork> group_networks(const std::vector<ComparedNetwork>& onnx,
                                            const std::vector<GivenTrace>& traces) {
  std::vector<ComparedNetwork> networks;
  const auto named = [&](const std::string& name) {
    return std::find_if(networks.begin(), networks.end(), [&](const auto& network) { return network.name == name; });
  };
  for (const ComparedNetwork& network : onnx) {
    if (const auto same = named(network.name); same != networks.end())
      fail_input(network.onnx + ": and " + same->onnx + " have the same name; rename one");
    networks.push_back(network);
  }
  for (const GivenTrace& trace : traces) {
    auto found = named(trace.network);
    if (found == networks.end()) found = networks.insert(networks.end(), {trace.network, "", trace.network_sha256, {}});
    if (differ(found->sha256, trace.network_sha256))
      fail_input(trace.path + ": is of another network that is called " + trace.network +
                 " too; rename one and compress again");
    check_comparable(*found, trace);
    if (found->sha256.empty()) found->sha256 = trace.network_sha256;
    found->traces.push_back(trace);
  }
  return networks;
}

std::vector<ComparedNetwork> read_networks(const std::vector<std::string>& files) {
  std::vector<ComparedNetwork> onnx;
  std::vector<GivenTrace> traces;
  for (const std::string& file : files) {
    if (fs::path(file).extension() == ".onnx") {
      onnx.push_back({fs::path(file).stem().string(), file, sha256_of_file(file), {}});
    } else {
      traces.push_back(read_trace(file));
    }
  }
  return group_networks(onnx, traces);
}

TraceChoice choose_trace(const ComparedNetwork& network, const std::string& accelerator, const std::string& recipe) {
  for (const GivenTrace& trace : network.traces) {
    if (!recipe.empty() && trace.recipe == recipe) return {&trace, ""};
  }
  if (!network.onnx.empty()) {
    if (recipe.empty()) {
      fail_input(
          accelerator +
          ": its file does not say for which compression it was made; add recipe: NAME to it, or give --recipe " +
          accelerator + "=NAME");
    }
    return {nullptr, ""};
  }
  const GivenTrace& chosen = substitute(network.traces, recipe);
  if (recipe.empty()) return {&chosen, ""};
  return {&chosen, accelerator + " was made for the recipe " + recipe + "; of " + network.name +
                       " it ran the trace with " + (chosen.recipe.empty() ? "an unknown recipe" : chosen.recipe)};
}

}  // namespace rebasis::cli
