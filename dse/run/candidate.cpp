#include "dse/run/candidate.h"

#include "common/error.h"
#include "common/json.h"
#include "common/sha256.h"
#include "dse/model_digest.h"

namespace rebasis::dse {

std::string Candidates::why_not(const Point& point, const Design& design) const {
  if (point.undefined != nullptr) return "'" + point.undefined->text() + "' has no finite value";
  if (!design.infeasible.empty()) return design.infeasible;
  const std::map<std::string, double> facts{{"multipliers", static_cast<double>(design.facts.multipliers)},
                                            {"sram_bytes", static_cast<double>(design.facts.sram_bytes)},
                                            {"area_mm2", design.facts.area.total_mm2()},
                                            {"area_logic_mm2", design.facts.area.logic_mm2},
                                            {"area_sram_mm2", design.facts.area.sram_mm2}};
  const Expression* broken = study_.space.broken(point, facts);
  return broken == nullptr ? "" : "does not meet " + broken->text();
}

void Candidates::add_workloads(const Point& point, const Design& design, Candidate& candidate, std::string& identity) {
  for (const Workload& workload : study_.workloads) {
    const std::string path = traces_.path(workload, design, point);
    candidate.job.workloads.push_back({workload.name, path});
    identity += workload.name + " " + shelf_.digest(path) + "\n";
  }
}

Candidate Candidates::make(const Choice& choice, bool make_traces) {
  const Point point = study_.space.point(choice);
  const Design design = designs_.resolve(point);
  Candidate candidate;
  candidate.settings = rebasis::to_line(nlohmann::json(point.settings));
  candidate.job = {design.accelerator, design.overrides, {}, study_.layers, study_.aggregate};
  candidate.infeasible = why_not(point, design);
  std::string identity = "rebasis " REBASIS_MODEL_DIGEST "\n" + candidate.settings + "\n" +
                         rebasis::to_line(nlohmann::json(study_.set)) + "\n" + design.digest + "\n" + design.recipe +
                         "\n" + study_.aggregate + "\n";
  for (const std::string& layer : study_.layers) identity += layer + "\n";
  if (candidate.infeasible.empty() && make_traces) {
    try {
      add_workloads(point, design, candidate, identity);
    } catch (const Error& error) {
      if (error.status() != Status::infeasible) throw;
      candidate.infeasible = error.what();
    }
  }
  if (!candidate.infeasible.empty()) identity += candidate.infeasible;
  candidate.key = sha256(identity);
  return candidate;
}

}  // namespace rebasis::dse
