// Networks as readable YAML files: what is in them, and as a graph. docs/networks.md is the specification.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "workloads/graph/graph.h"
#include "workloads/graph/layers.h"
#include "workloads/network_spec/builder.h"

namespace rebasis::networks {

/// A number that somebody published about a network.
struct Published {
  std::string what;      ///< "parameters", "macs" or "megabytes" (parameters of 4 bytes)
  double value = 0;      ///< megabytes: of `megabyte` bytes
  double tolerance = 0;  ///< share of the value by which ours may differ
  std::string source;
  std::string differs;  ///< why ours differs by more; empty: it does not
  std::int64_t megabyte = 1'000'000;
};

struct Network {
  std::string name, description, source, note;
  std::string file, sha256;  ///< of the YAML file
  std::vector<Published> published;
  /// One image; constants have shapes and no values, but for those that are no parameters.
  graph::Graph graph;
  std::map<std::string, Parameter> parameters;  ///< by constant
  /// Weights, biases, scales and shifts of normalisations, tokens; not the running statistics of batch norms.
  std::int64_t parameter_count = 0;
  /// Of one image: convolutions and matrix products, those of two activations included.
  std::int64_t macs = 0, product_macs = 0;

  /// Our number for `what`.
  [[nodiscard]] double ours(const Published& published) const;
};

struct LoadOptions {
  /// Batch norms behind layers become biases, as the importer folds them. Counts are the same.
  bool fold_batch_norms = true;
};

/// `name_or_file`: the name of a shipped network, or a path (it has a slash or ends in .yaml). What is wrong in the
/// file throws Error(bad_input) with file and line.
[[nodiscard]] Network load_network(const std::string& name_or_file, const LoadOptions& options = {});
/// The same for a text; `file` stands for it in messages.
[[nodiscard]] Network parse_network(const std::string& text, const std::string& file, const LoadOptions& options = {});

/// The names of the shipped networks, sorted.
[[nodiscard]] std::vector<std::string> network_names();
/// Whether load_network would look for it among the shipped networks or as a YAML file.
[[nodiscard]] bool is_network_spec(const std::string& name_or_file);

}  // namespace rebasis::networks
