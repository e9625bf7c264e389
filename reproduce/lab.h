// What a target may ask for: networks, compressed networks, simulations. The answers are the JSON that the commands of
// rebasis print (docs/networks.md, docs/compression.md, docs/result-schema.md).
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace rebasis::reproduce {

/// A shipped recipe by its name, or one with a text of its own.
struct Recipe {
  std::string name;
  std::string text = {};  ///< YAML; "": the shipped one
};

/// A network with synthetic weights and activations, compressed.
struct TraceSpec {
  std::string network;  ///< name of a shipped one
  Recipe recipe;
  bool with_fc = false;
  std::string statistics = {};    ///< YAML in place of the measured statistics; ""
  std::string network_text = {};  ///< YAML in place of the shipped network; ""
};

/// Accelerators on one network.
struct CompareSpec {
  std::vector<TraceSpec> traces;
  std::vector<std::string> accelerators;
  std::vector<std::string> drams;
  std::map<std::string, std::string> recipes = {};  ///< accelerator -> recipe of `traces`, where it is not its own
  std::vector<std::string> sets = {};               ///< "smartdeal:mapper.objective=latency"
};

/// One accelerator on one compressed network.
struct SimulateSpec {
  TraceSpec trace;
  std::string accelerator;
  std::vector<std::string> sets = {};  ///< "training.batch=8"
};

class Lab {
 public:
  virtual ~Lab() = default;
  /// Only what is fast: a target computes the rows that take seconds.
  [[nodiscard]] virtual bool quick() const = 0;
  /// `rebasis networks show NETWORK --json`
  [[nodiscard]] virtual nlohmann::json network(const std::string& name) = 0;
  /// `rebasis networks trace ... --json`, each in turn; several are made at a time.
  [[nodiscard]] virtual std::vector<nlohmann::json> compress(const std::vector<TraceSpec>& specs) = 0;
  /// comparison.json of `rebasis compare`
  [[nodiscard]] virtual nlohmann::json compare(const CompareSpec& spec) = 0;
  /// The results of `rebasis simulate`, each of its spec; several are made at a time.
  [[nodiscard]] virtual std::vector<nlohmann::json> simulate(const std::vector<SimulateSpec>& specs) = 0;
};

}  // namespace rebasis::reproduce
