// A Lab whose work is done by commands of rebasis, in processes of their own; what is in the folder from an earlier run
// and depends on the same things is kept.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cli/compare/kept_outputs.h"
#include "reproduce/lab.h"

namespace rebasis::cli {

struct LabOptions {
  std::string folder;
  std::string program;  ///< rebasis itself, or another build of it
  std::size_t jobs = 1;
  bool quick = false;
};

class ProcessLab : public reproduce::Lab {
 public:
  explicit ProcessLab(LabOptions options);
  [[nodiscard]] bool quick() const override { return options_.quick; }
  [[nodiscard]] nlohmann::json network(const std::string& name) override;
  [[nodiscard]] std::vector<nlohmann::json> compress(const std::vector<reproduce::TraceSpec>& specs) override;
  [[nodiscard]] nlohmann::json compare(const reproduce::CompareSpec& spec) override;
  [[nodiscard]] std::vector<nlohmann::json> simulate(const std::vector<reproduce::SimulateSpec>& specs) override;

 private:
  struct Trace {
    std::string path, recipe;  ///< recipe: what an option gets
    std::vector<std::string> arguments;
    OutputKey key;
  };
  [[nodiscard]] Trace plan(const reproduce::TraceSpec& spec) const;
  void make(const std::vector<Trace>& traces);

  LabOptions options_;
  std::string program_sha256_;
  std::map<std::string, nlohmann::json> networks_, comparisons_;
};

}  // namespace rebasis::cli
