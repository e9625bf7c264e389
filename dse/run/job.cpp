#include "dse/run/job.h"

#include "common/error.h"
#include "common/json.h"

namespace rebasis::dse {

namespace {

std::vector<std::string> texts(const nlohmann::json& list) { return list.get<std::vector<std::string>>(); }

}  // namespace

std::string to_line(const Job& job) {
  nlohmann::json workloads = nlohmann::json::array();
  for (const JobWorkload& workload : job.workloads)
    workloads.push_back({{"name", workload.name}, {"trace", workload.trace}});
  return rebasis::to_line(nlohmann::json{{"accelerator", job.accelerator},
                                         {"overrides", job.overrides},
                                         {"workloads", workloads},
                                         {"layers", job.layers},
                                         {"aggregate", job.aggregate}});
}

Job job_from_line(const std::string& line) {
  const nlohmann::json value = parse_json(line, "job");
  try {
    Job job{
        value.at("accelerator"), texts(value.at("overrides")), {}, texts(value.at("layers")), value.at("aggregate")};
    for (const auto& workload : value.at("workloads"))
      job.workloads.push_back({workload.at("name"), workload.at("trace")});
    return job;
  } catch (const nlohmann::json::exception& error) {
    fail_input({"job"}, error.what());
  }
}

}  // namespace rebasis::dse
