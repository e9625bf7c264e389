#include "sim/pynq_ternary/clocked/machine.h"

#include "sim/core/sequence/clocked.h"
#include "sim/pynq_ternary/axi.h"
#include "sim/pynq_ternary/clocked/core.h"

namespace rebasis::sim::pynq_ternary {

namespace {

/// The accelerator's own cycles begin when the host has written its registers.
class BoardMachine : public Machine {
 public:
  BoardMachine(const Job& job, const Activations& image, DmaLimits limits, const DramPort& port)
      : job_(job), ports_(job.spec, port), beats_(job.spec) {
    auto core = job.on_pes() ? make_array_core(job, image) : make_engine_core(job, image);
    core_ = core.get();
    accelerator_ = std::make_unique<SequencedMachine>(job.steps, job.names, limits, dma_port(), std::move(core));
    axi_shell_ = SequencedMachine::first_core_shell + core_->shells();
  }

  void evaluate(std::size_t shell, Cycle now) override {
    if (shell == axi_shell_)
      beats_.step(now);
    else if (shell > axi_shell_)
      host(now);
    else if (running_)
      accelerator_->evaluate(shell, now - start());
  }
  void commit(Cycle now) override {
    beats_.commit();
    if (running_) accelerator_->commit(now - start());
    running_ = started_;
  }
  [[nodiscard]] bool finished(Cycle now) const override { return running_ && accelerator_->finished(now - start()); }
  [[nodiscard]] std::uint64_t progress() const override { return written_ + accelerator_->progress(); }
  [[nodiscard]] Cycle memory_busy_until() const override { return start() + accelerator_->memory_busy_until(); }
  [[nodiscard]] std::string state() const override {
    return (running_ ? "" : "host is writing registers; ") + accelerator_->state();
  }
  [[nodiscard]] std::vector<int> probes(Cycle now) const override {
    return accelerator_->probes(running_ ? now - start() : 0);
  }
  ClockedRun take_result(Cycle end) override {
    ClockedRun result = accelerator_->take_result(end - start());
    complete_run(job_, result.run, core_->scaling_cycles(), beats_.beats());
    return result;
  }

 private:
  [[nodiscard]] Cycle start() const { return job_.spec.host_start; }
  /// The host's shell counts its register writes down.
  void host(Cycle now) {
    if (!started_) ++written_;
    if (now + 1 >= start()) started_ = true;
  }
  DramPort dma_port() {
    return [this](const DramRequest& request, Cycle now) {
      const Cycle done = ports_.access(request, now + start());
      beats_.add(ports_.last_burst());
      return done - start();
    };
  }

  const Job& job_;
  AxiPorts ports_;
  AxiBeats beats_;
  Core* core_ = nullptr;
  std::unique_ptr<SequencedMachine> accelerator_;
  std::size_t axi_shell_ = 0;
  bool started_ = false, running_ = job_.spec.host_start == 0;
  std::uint64_t written_ = 0;
};

}  // namespace

std::unique_ptr<Machine> make_machine(const Job& job, const Activations& image, DmaLimits limits,
                                      const DramPort& port) {
  return std::make_unique<BoardMachine>(job, image, limits, port);
}

}  // namespace rebasis::sim::pynq_ternary
