// Off-chip memory seen from the DMA: one request at a time, in order of issue.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "common/units.h"

namespace rebasis::sim {

struct DramRequest {
  std::uint64_t address = 0;  ///< byte address
  std::uint32_t bytes = 0;    ///< > 0; may span rows and pages
  bool write = false;
};

/// A memory holds no clock: the time is an argument. Times are accelerator cycles (the model converts with the
/// accelerator's frequency). Calls come with non-decreasing `now`.
class DramModel {
 public:
  virtual ~DramModel() = default;
  /// Starts `request` at cycle `now` at the earliest, after all earlier ones; returns the cycle at which its last byte
  /// has been transferred (> now unless unlimited, which returns now).
  virtual Cycles access(const DramRequest& request, Cycles now) = 0;
  /// Peak bytes per accelerator cycle; infinity for unlimited. No sequence of requests beats it.
  [[nodiscard]] virtual double peak_bytes_per_cycle() const = 0;
  /// Lower bound of the cycles that `bytes` bytes take, by peak bandwidth; 0 for unlimited.
  [[nodiscard]] double min_cycles(std::uint64_t bytes) const {
    return static_cast<double>(bytes) / peak_bytes_per_cycle();
  }
  /// activates, precharges, read_bursts, write_bursts, refreshes, row_hits, row_misses, bytes (with burst padding) ...
  [[nodiscard]] virtual std::map<std::string, std::uint64_t> counters() const = 0;
  /// Back to the state after construction.
  virtual void reset() = 0;
};

/// What the configuration says about the memory (`dram.*` parameters).
struct DramSpec {
  std::string model =
      "lpddr4-3200-x32";         ///< unlimited | bandwidth | ddr4-2400-x64 | lpddr4-3200-x32 | ddr3-1066-x16 | ...
  double bandwidth_gb_s = 12.8;  ///< model "bandwidth": 1e9 bytes a second
  double latency_ns = 100.0;     ///< model "bandwidth": of each request that does not follow its predecessor directly
  double accelerator_hz = 1e9;
  /// JEDEC parts: where the address bits go, from the most significant field (docs/dram.md, "Address mapping").
  /// row-bank-column-xor | row-bank-column | row-column-bank | bank-row-column
  std::string mapping = "row-bank-column-xor";
};

/// Builds the model that `spec.model` names. Unknown names and values out of range are bad input.
[[nodiscard]] std::unique_ptr<DramModel> make_dram(const DramSpec& spec);

/// Name -> one line of description of every model that is linked in.
[[nodiscard]] std::map<std::string, std::string> dram_models();

}  // namespace rebasis::sim
