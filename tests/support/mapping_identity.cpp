#include "tests/support/mapping_identity.h"

#include <doctest/doctest.h>

#include "common/error.h"
#include "sim/core/system.h"

namespace rebasis::test {

std::unique_ptr<sim::LayerPlan> feasible_plan(const std::function<std::unique_ptr<sim::LayerPlan>()>& make) {
  try {
    return make();
  } catch (const Error& error) {
    REQUIRE(error.status() == Status::infeasible);
    return nullptr;
  }
}

MappingPairs::MappingPairs(const std::vector<arch::ParameterInfo>& declared) {
  for (const arch::ParameterInfo& info : declared) {
    if (info.mapping_only) mapping_only_.insert(info.key);
  }
}

void MappingPairs::compare(const sim::LayerPlan& a, const std::map<std::string, std::string>& of_a,
                           const sim::LayerPlan& b, const std::map<std::string, std::string>& of_b,
                           const sim::CounterNames& names, const sim::Activations& image,
                           const arch::SystemSpec& system) {
  for (const auto& entry : of_a) {
    const std::string& key = entry.first;
    CAPTURE(key);
    if (of_b.at(key) == entry.second) continue;
    REQUIRE(mapping_only_.contains(key));
    varied_.insert(key);
  }
  const auto run = [&](const sim::LayerPlan& plan) {
    const auto memory = sim::make_dram(sim::dram_spec(system));
    return plan.run_fast(image, sim::port_to(*memory), false).counters;
  };
  const std::string difference = sim::first_difference(names, run(a), run(b));
  REQUIRE(!a.mapping_identity().empty());
  if (a.mapping_identity() == b.mapping_identity()) {
    REQUIRE(difference == "");
    ++alike_;
  } else {
    ++different_;
    needless_ += difference.empty() ? 1 : 0;
  }
}

void MappingPairs::finish() const {
  const std::uint64_t all = alike_ + different_;
  MESSAGE(alike_ << " of " << all << " pairs with equal identities; " << needless_ << " of " << different_
                 << " others run alike nevertheless");
  CHECK(10 * alike_ >= all);
  CHECK(10 * different_ >= all);
  CHECK(varied_ == mapping_only_);
}

}  // namespace rebasis::test
