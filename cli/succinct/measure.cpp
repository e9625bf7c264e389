#include <iostream>
#include <optional>

#include "cli/command.h"
#include "cli/succinct/report.h"
#include "cli/succinct/request.h"
#include "common/file.h"
#include "common/json.h"
#include "common/progress.h"
#include "workloads/succinct/measure.h"
#include "workloads/trace/trace.h"

namespace rebasis::cli {

void run_succinct(const SuccinctRequest& request) {
  const trace::TraceReader trace(request.trace);
  succinct::MeasureOptions options;
  options.layers = request.layers;
  options.image = request.image;
  options.threshold = request.threshold;
  options.repeats = request.repeats;
  options.coders = request.coders;
  Progress progress("succinct", trace.metadata().layers.size());
  const succinct::NetworkResult result =
      succinct::measure(trace, options, [&](const std::string& layer) { progress.advance(1, layer); });
  if (!request.json.empty()) {
    nlohmann::json json = succinct_json(result);
    json["provenance"] = {{"command", command_line()}};
    write_file(request.json, to_text(json));
  }
  std::cout << succinct_tables(result);
}

}  // namespace rebasis::cli
