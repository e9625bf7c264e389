// A memory that costs no time: what is left of a result is the accelerator's own doing.
#include <limits>

#include "sim/core/dram_registry.h"

namespace rebasis::sim {
namespace {

class UnlimitedDram final : public DramModel {
 public:
  Cycles access(const DramRequest& request, Cycles now) override {
    (request.write ? write_bytes_ : read_bytes_) += request.bytes;
    return now;
  }
  [[nodiscard]] double peak_bytes_per_cycle() const override { return std::numeric_limits<double>::infinity(); }
  [[nodiscard]] std::map<std::string, std::uint64_t> counters() const override {
    return {{"bytes", read_bytes_ + write_bytes_}, {"read_bytes", read_bytes_}, {"write_bytes", write_bytes_}};
  }
  void reset() override { *this = UnlimitedDram(); }

 private:
  std::uint64_t read_bytes_ = 0;
  std::uint64_t write_bytes_ = 0;
};

const DramRegistrar registrar("unlimited", "infinite bandwidth, no latency: DRAM takes no time, its bytes still count",
                              [](const DramSpec&) { return std::make_unique<UnlimitedDram>(); });

}  // namespace
}  // namespace rebasis::sim
