#include "tests/support/sweep_case.h"

#include <algorithm>
#include <filesystem>

#include "common/json.h"
#include "tests/support/sample_trace.h"

namespace rebasis::test {

dse::Study null_study(int points, const std::string& more) {
  if (!std::filesystem::exists("sample.trace")) write_sample_trace("sample.trace");
  const std::string text =
      "workloads: [{trace: sample.trace}]\naccelerator: smartdeal\nobjectives: [energy_pj, time_s]\n"
      "space:\n  array.dim_M: [8, 16, 32, 64]\n  array.dim_C: {from: 1, to: " +
      std::to_string(points / 4) + ", by: 1}\n" + more;
  return dse::Study::parse(text, "null.yaml");
}

dse::FinishedPoint null_result(const dse::Job& job) {
  double cycles = 1;
  for (const std::string& setting : job.overrides)
    cycles = cycles * 3 + std::stod(setting.substr(setting.find('=') + 1));
  dse::FinishedPoint point;
  point.metrics = {{"energy_pj", cycles}, {"time_s", 1 / cycles}};
  point.energy = {{"mac", cycles}};
  point.layers.push_back({job.workloads.front().name, 0, "conv1", cycles, 2 * cycles, cycles});
  point.memos.emplace_back(job.overrides.front(), "counters");
  return point;
}

void NullExecutor::start(std::int64_t id, const dse::Job& job, const dse::PointLimits& /*limits*/) {
  dse::ProcessEnd end;
  end.id = id;
  end.result = dse::to_line(null_result(job));
  ended_.push_back(std::move(end));
}

std::vector<dse::ProcessEnd> NullExecutor::wait(double /*seconds*/) {
  std::vector<dse::ProcessEnd> ends(ended_.begin(), ended_.end());
  ended_.clear();
  return ends;
}

dse::SweepSummary run_sweep(const dse::Study& study, const std::string& path, dse::Executor& executor,
                            dse::SweepOptions options, dse::Sweep::Watch watch) {
  dse::TraceShelf shelf;
  dse::Candidates candidates(study, shelf, path + ".traces");
  dse::Store store(path, dse::Store::Mode::write);
  return dse::Sweep(study, store, candidates, executor, options, std::move(watch)).run();
}

std::string fresh_store(const std::string& name) {
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) std::filesystem::remove(name + suffix);
  return name;
}

std::string content_of_store(const std::string& path) {
  const dse::Store store(path, dse::Store::Mode::read);
  std::vector<std::string> lines;
  for (const dse::PointRow& row : store.points()) {
    dse::FinishedPoint point;
    point.status = row.status;
    point.reason = row.reason;
    point.metrics = row.metrics;
    point.energy = row.energy;
    point.layers = store.layers(row.id);
    lines.push_back(to_line(nlohmann::json(row.settings)) + " " + dse::to_line(point));
  }
  std::sort(lines.begin(), lines.end());
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

}  // namespace rebasis::test
