// The memory side in SystemC: a DMA's initiator socket and a DRAM target, TLM-2.0 blocking transport with annotated
// delay. Another memory model plugs in by binding another target (docs/extending.md, "Another memory").
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <cstdint>
#include <systemc>

#include "sim/core/dram.h"

namespace rebasis::sim::systemc {

/// Serves requests in order with a DramModel. The payload has an address, a length and a command, and no data: values
/// are the trace's. The delay that comes back ends with the last byte.
class Dram : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<Dram> socket;
  Dram(const sc_core::sc_module_name& name, DramModel& model, const sc_core::sc_time& period);
  /// Cycle 0 of the model is now: a layer starts with idle banks.
  void restart();

 private:
  void transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);

  DramModel& model_;
  sc_core::sc_time period_;
  sc_core::sc_time start_;
};

/// The DMA's port: requests at cycles counted from the start of the layer.
class DmaPort : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<DmaPort> socket;
  DmaPort(const sc_core::sc_module_name& name, const sc_core::sc_time& period);
  void restart() { start_ = sc_core::sc_time_stamp(); }
  /// Sends the request as of cycle `now`, which may be ahead of the kernel's time; returns the cycle of its completion.
  std::int64_t access(const DramRequest& request, std::int64_t now);

 private:
  sc_core::sc_time period_;
  sc_core::sc_time start_;
};

}  // namespace rebasis::sim::systemc
