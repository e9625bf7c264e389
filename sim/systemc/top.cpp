#include "sim/systemc/top.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace rebasis::sim::systemc {

namespace {

sc_core::sc_time period_of(double frequency_hz) { return {std::round(1e12 / frequency_hz), sc_core::SC_PS}; }

DramPort port_of(DmaPort& port) {
  return [&port](const DramRequest& request, Cycle now) { return port.access(request, now); };
}

}  // namespace

/// A block of the block diagram: evaluates its core once a cycle. Cores read what the others showed at the end of the
/// cycle before, so the order of the shells within a cycle does not matter.
class Top::Shell : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(Shell);
  Shell(const sc_core::sc_module_name& name, const sc_core::sc_event& clock, std::function<void()> evaluate)
      : sc_module(name), evaluate_(std::move(evaluate)) {
    SC_METHOD(step);
    sensitive << clock;
    dont_initialize();
  }

 private:
  void step() { evaluate_(); }
  std::function<void()> evaluate_;
};

Top::Top(const sc_core::sc_module_name& name, const DramSpec& memory, const std::vector<std::string>& shells,
         std::vector<std::string> probes)
    : sc_module(name),
      period_(period_of(memory.accelerator_hz)),
      memory_(make_dram(memory)),
      dram_("dram", *memory_, period_),
      dma_port_("dma_port", period_),
      probe_names_(std::move(probes)),
      probes_(probe_names_.size()) {
  SC_HAS_PROCESS(Top);
  sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
  dma_port_.socket.bind(dram_.socket);
  for (std::size_t shell = 0; shell < shells.size(); ++shell) {
    const auto evaluate = [this, shell] {
      if (error_) return;
      try {
        machine_->evaluate(shell, now_);
      } catch (...) {
        error_ = std::current_exception();
      }
    };
    shells_.push_back(std::make_unique<Shell>(shells[shell].c_str(), clock_, evaluate));
  }
  SC_THREAD(conductor);
}

Top::~Top() { close_waveform(); }

void Top::conductor() {
  while (true) {
    if (fast_layer_ != nullptr || clocked_layer_ != nullptr) execute();
    sc_core::sc_pause();
    wait(start_);
  }
}

void Top::execute() {
  try {
    dram_.restart();
    dma_port_.restart();
    if (clocked_layer_ != nullptr) {
      run_cycles();
    } else {
      fast_result_ = (*fast_layer_)(port_of(dma_port_));
      wait(sc_core::sc_time::from_value(static_cast<sc_dt::uint64>(fast_result_->counters.cycles) * period_.value()));
    }
  } catch (...) {
    error_ = std::current_exception();
  }
  machine_.reset();
  fast_layer_ = nullptr;
  clocked_layer_ = nullptr;
}

void Top::run_cycles() {
  machine_ = (*clocked_layer_)(port_of(dma_port_));
  Watchdog watchdog;
  for (now_ = 0; !machine_->finished(now_); ++now_) {
    clock_.notify(sc_core::SC_ZERO_TIME);
    wait(sc_core::SC_ZERO_TIME);  // the shells evaluate
    wait(sc_core::SC_ZERO_TIME);  // all have
    if (error_) return;
    machine_->commit(now_);
    if (waveform_ != nullptr) sample();
    wait(period_);
    watchdog.watch(*machine_, now_);
  }
  clocked_result_ = machine_->take_result(now_);
}

/// In place: the waveform refers to the elements.
void Top::sample() {
  const std::vector<int> values = machine_->probes(now_);
  std::copy(values.begin(), values.end(), probes_.begin());
}

void Top::start_kernel() {
  error_ = nullptr;
  fast_result_.reset();
  clocked_result_.reset();
  start_.notify(sc_core::SC_ZERO_TIME);
  sc_core::sc_start();
  if (error_) std::rethrow_exception(error_);
}

LayerRun Top::run_fast(const FastLayer& layer) {
  fast_layer_ = &layer;
  start_kernel();
  return std::move(*fast_result_);
}

ClockedRun Top::run_clocked(const ClockedLayer& layer) {
  clocked_layer_ = &layer;
  ++layer_;
  start_kernel();
  return std::move(*clocked_result_);
}

void Top::trace_waveform(const std::string& path) {
  waveform_ = sc_core::sc_create_vcd_trace_file(path.c_str());
  waveform_->set_time_unit(1, sc_core::SC_PS);
  sc_core::sc_trace(waveform_, layer_, "layer");
  for (std::size_t i = 0; i < probes_.size(); ++i) sc_core::sc_trace(waveform_, probes_[i], probe_names_[i]);
}

void Top::close_waveform() {
  if (waveform_ != nullptr) sc_core::sc_close_vcd_trace_file(waveform_);
  waveform_ = nullptr;
}

}  // namespace rebasis::sim::systemc
