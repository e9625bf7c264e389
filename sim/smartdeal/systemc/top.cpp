#include "sim/smartdeal/systemc/top.h"

#include <cmath>
#include <utility>

#include "common/error.h"

namespace rebasis::sim::smartdeal {

namespace {

sc_core::sc_time period_of(double frequency_hz) { return {std::round(1e12 / frequency_hz), sc_core::SC_PS}; }

DramPort port_of(systemc::DmaPort& port) {
  return [&port](const DramRequest& request, Cycle now) { return port.access(request, now); };
}

}  // namespace

/// A block of the block diagram: evaluates its core once a cycle. Cores read what the others showed at the end of the
/// cycle before, so the order of the blocks within a cycle does not matter.
class Top::Block : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(Block);
  Block(const sc_core::sc_module_name& name, const sc_core::sc_event& clock, std::function<void()> evaluate)
      : sc_module(name), evaluate_(std::move(evaluate)) {
    SC_METHOD(step);
    sensitive << clock;
    dont_initialize();
  }

 private:
  void step() { evaluate_(); }
  std::function<void()> evaluate_;
};

Top::Top(const sc_core::sc_module_name& name, const arch::SmartDealSpec& spec, bool clocked)
    : sc_module(name),
      spec_(spec),
      period_(period_of(spec.frequency_hz)),
      memory_(make_dram({spec.dram_model, spec.dram_bandwidth_gb_s, spec.dram_latency_ns, spec.frequency_hz, spec.dram_mapping})),
      dram_("dram", *memory_, period_),
      dma_port_("dma_port", period_) {
  SC_HAS_PROCESS(Top);
  sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
  dma_port_.socket.bind(dram_.socket);
  const auto guarded = [this](auto&& step) {
    return [this, step] {
      if (error_) return;
      try {
        step();
      } catch (...) {
        error_ = std::current_exception();
      }
    };
  };
  const auto add = [&](const char* block, auto&& step) { blocks_.push_back(std::make_unique<Block>(block, clock_, guarded(step))); };
  if (clocked) {
    add("controller", [this] { machine_->evaluate_controller(now_); });
    add("input_path", [this] { machine_->evaluate_input(now_); });
    add("output_path", [this] { machine_->evaluate_output(now_); });
    add("dma", [this] { machine_->evaluate_dma(now_); });
    for (std::size_t slice = 0; slice < static_cast<std::size_t>(spec.dim_M); ++slice) {
      add(("pe_slice_" + std::to_string(slice)).c_str(), [this, slice] { machine_->evaluate_slice(now_, slice); });
    }
    probes_.resize(static_cast<std::size_t>(spec.dim_M));
  }
  SC_THREAD(conductor);
}

Top::~Top() { close_waveform(); }

void Top::conductor() {
  while (true) {
    if (job_ != nullptr) execute();
    sc_core::sc_pause();
    wait(start_);
  }
}

void Top::execute() {
  try {
    dram_.restart();
    dma_port_.restart();
    if (clocked_job_) {
      run_cycles();
    } else {
      fast_result_ = smartdeal::run_fast(*job_, port_of(dma_port_));
      wait(sc_core::sc_time::from_value(static_cast<sc_dt::uint64>(fast_result_->counters.cycles) * period_.value()));
    }
  } catch (...) {
    error_ = std::current_exception();
  }
  machine_.reset();
  job_ = nullptr;
}

void Top::run_cycles() {
  machine_ = std::make_unique<Machine>(*job_, port_of(dma_port_));
  for (now_ = 0; !machine_->finished(now_); ++now_) {
    clock_.notify(sc_core::SC_ZERO_TIME);
    wait(sc_core::SC_ZERO_TIME);  // the blocks evaluate
    wait(sc_core::SC_ZERO_TIME);  // all have
    if (error_) return;
    machine_->commit();
    if (waveform_ != nullptr) sample(now_);
    wait(period_);
    machine_->watch(now_);
  }
  clocked_result_ = machine_->take_result(now_);
}

void Top::start_kernel() {
  error_ = nullptr;
  fast_result_.reset();
  clocked_result_.reset();
  start_.notify(sc_core::SC_ZERO_TIME);
  sc_core::sc_start();
  if (error_) std::rethrow_exception(error_);
}

LayerRun Top::run_fast(const LayerJob& job) {
  job_ = &job;
  clocked_job_ = false;
  start_kernel();
  return std::move(*fast_result_);
}

ClockedRun Top::run_clocked(const LayerJob& job) {
  job_ = &job;
  clocked_job_ = true;
  ++probes_.layer;
  start_kernel();
  return std::move(*clocked_result_);
}

void Top::sample(Cycle now) {
  probes_.tiles_passed = static_cast<int>(machine_->input.passed());
  probes_.blocks_started = static_cast<int>(machine_->controller.started().size());
  probes_.tiles_done = static_cast<int>(machine_->controller.all_done());
  probes_.lanes_busy = static_cast<int>(machine_->input.busy_lanes());
  probes_.output_port_busy = machine_->output.busy(now);
  probes_.dram_requests = static_cast<unsigned>(machine_->dma.requests());
  for (std::size_t i = 0; i < probes_.lines_working.size(); ++i) probes_.lines_working[i] = static_cast<int>(machine_->slices[i].working_lines());
}

void Top::trace_waveform(const std::string& path) {
  waveform_ = sc_core::sc_create_vcd_trace_file(path.c_str());
  waveform_->set_time_unit(1, sc_core::SC_PS);
  sc_core::sc_trace(waveform_, probes_.layer, "layer");
  sc_core::sc_trace(waveform_, probes_.blocks_started, "controller.blocks_started");
  sc_core::sc_trace(waveform_, probes_.tiles_passed, "index_selectors.tiles_passed");
  sc_core::sc_trace(waveform_, probes_.lanes_busy, "input_gb.lanes_busy");
  sc_core::sc_trace(waveform_, probes_.tiles_done, "pe_array.tiles_done");
  for (std::size_t i = 0; i < probes_.lines_working.size(); ++i) {
    sc_core::sc_trace(waveform_, probes_.lines_working[i], "pe_slice_" + std::to_string(i) + ".lines_working");
  }
  sc_core::sc_trace(waveform_, probes_.output_port_busy, "output_gb.port_busy");
  sc_core::sc_trace(waveform_, probes_.dram_requests, "dma.requests");
}

void Top::close_waveform() {
  if (waveform_ != nullptr) sc_core::sc_close_vcd_trace_file(waveform_);
  waveform_ = nullptr;
}

}  // namespace rebasis::sim::smartdeal
