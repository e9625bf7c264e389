// An accelerator that can be simulated. A model registers itself: one folder in arch/, one in sim/.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "arch/accelerator_file.h"
#include "arch/registry.h"
#include "sim/result.h"
#include "workloads/trace/trace.h"

namespace rebasis::sim {

enum class Fidelity { fast, clocked };

class LayerMemo;

/// Called before each layer: layers done, layers in all, the layer's name.
using LayerProgress = std::function<void(std::size_t done, std::size_t total, const std::string& layer)>;

struct SimulateOptions {
  Fidelity fidelity = Fidelity::fast;
  std::string vcd;  ///< file to write (clocked only); empty for none
  std::vector<TimelineEvent>* timeline = nullptr;
  LayerProgress progress;
  std::vector<std::string> only_layers;  ///< empty: all
  LayerMemo* memo = nullptr;             ///< fast only, without a timeline: layers it knows are not run again
};

/// One check of `rebasis verify`.
struct LayerVerdict {
  std::string layer;
  std::int64_t image = 0;
  std::uint64_t cycles = 0;
  std::uint64_t outputs = 0;  ///< values compared with integer arithmetic
  std::string difference;     ///< empty: equal. Otherwise the first tile, cycle, counter or value that differs
};

struct VerifyOptions {
  std::size_t sample = 0;  ///< layers to check, spread over the network; 0: all
  LayerProgress progress;
};

/// A configured accelerator. At most one accelerator is simulated in a process, because SystemC elaborates once.
class Accelerator {
 public:
  static constexpr const char* kind = "accelerator";
  virtual ~Accelerator() = default;
  /// Throws Error(infeasible) with the layer and the buffer when a layer cannot run.
  virtual Result simulate(const trace::TraceReader& trace, const SimulateOptions& options) = 0;
  /// Clocked against arithmetic, fast against clocked, for each layer.
  virtual std::vector<LayerVerdict> verify(const trace::TraceReader& trace, const VerifyOptions& options) = 0;
};

using AcceleratorRegistry = arch::Registry<Accelerator, const arch::AcceleratorFile&>;
using AcceleratorRegistration = arch::Registration<Accelerator, const arch::AcceleratorFile&>;

/// Reads the preset or file, applies the "key=value" overrides and checks every parameter.
[[nodiscard]] std::unique_ptr<Accelerator> make_accelerator(const std::string& name_or_path,
                                                            const std::vector<std::string>& overrides = {});

}  // namespace rebasis::sim
