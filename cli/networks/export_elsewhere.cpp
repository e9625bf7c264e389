#include <vector>

#include "cli/networks/export.h"
#include "cli/torch_program.h"
#include "common/progress.h"

namespace rebasis::cli {

std::string export_network(const ExportRequest& request) {
  std::vector<std::string> words{
      "rebasis",   "networks",      "export",   request.network, "--seed", std::to_string(request.seed),
      "--weights", request.weights, "--output", request.output};
  if (!request.statistics.empty()) words.insert(words.end(), {"--statistics", request.statistics});
  if (Progress::quiet()) words.emplace_back("--quiet");
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  run_torch_program("networks export", arguments.data());
}

}  // namespace rebasis::cli
