#include "workloads/compress/network/learned_vectors.h"

#include <nlohmann/json.hpp>

#include "common/json.h"

namespace rebasis::compress {
namespace {

constexpr std::int64_t max_length = std::int64_t{1} << 20, max_hashes = 20;

}  // namespace

std::string to_property(const LearnedVectors& vectors) {
  nlohmann::json layers = nlohmann::json::object();
  for (const auto& [layer, one] : vectors)
    layers[layer] = {{"length", one.length}, {"hashes", one.hashes}, {"vectors", one.values}};
  return to_line(layers);
}

LearnedVectors from_property(const std::string& text, const std::string& file) {
  const std::string name = file + ": property " + reuse_property;
  const nlohmann::json layers = parse_json(text, name);
  const JsonObject object(layers, name);
  LearnedVectors all;
  for (const auto& [layer, value] : layers.items()) {
    const JsonObject one = object.object(layer);
    reuse::HashVectors vectors{one.integer("length", 1, max_length), one.integer("hashes", 1, max_hashes), {}};
    const auto count = static_cast<std::size_t>(vectors.length * vectors.hashes);
    for (const std::int64_t element : one.integers("vectors", -128, 127, count))
      vectors.values.push_back(static_cast<std::int8_t>(element));
    if (vectors.values.size() != count) one.fail("\"vectors\" needs " + std::to_string(count) + " numbers");
    all.emplace(layer, std::move(vectors));
  }
  return all;
}

}  // namespace rebasis::compress
