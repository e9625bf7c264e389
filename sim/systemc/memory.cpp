#include "sim/systemc/memory.h"

#include "common/error.h"

namespace rebasis::sim::systemc {

namespace {

/// Whole cycles in `time`; both are multiples of the kernel's resolution.
std::int64_t cycles_in(const sc_core::sc_time& time, const sc_core::sc_time& period) {
  return static_cast<std::int64_t>(time.value() / period.value());
}

sc_core::sc_time duration(std::int64_t cycles, const sc_core::sc_time& period) {
  return sc_core::sc_time::from_value(static_cast<sc_dt::uint64>(cycles) * period.value());
}

}  // namespace

Dram::Dram(const sc_core::sc_module_name& name, DramModel& model, const sc_core::sc_time& period)
    : sc_module(name), socket("socket"), model_(model), period_(period) {
  socket.register_b_transport(this, &Dram::transport);
}

void Dram::restart() {
  model_.reset();
  start_ = sc_core::sc_time_stamp();
}

void Dram::transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  const sc_core::sc_time since_start = sc_core::sc_time_stamp() - start_ + delay;
  const auto now = static_cast<std::uint64_t>(cycles_in(since_start, period_));
  const Cycles done =
      model_.access({payload.get_address(), payload.get_data_length(), payload.is_write()}, Cycles(now));
  delay += duration(static_cast<std::int64_t>(done.count() - now), period_);
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
}

DmaPort::DmaPort(const sc_core::sc_module_name& name, const sc_core::sc_time& period)
    : sc_module(name), socket("socket"), period_(period) {}

std::int64_t DmaPort::access(const DramRequest& request, std::int64_t now) {
  tlm::tlm_generic_payload payload;
  payload.set_command(request.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
  payload.set_address(request.address);
  payload.set_data_ptr(nullptr);
  payload.set_data_length(request.bytes);
  payload.set_streaming_width(request.bytes);
  const sc_core::sc_time local = start_ + duration(now, period_);
  sc_core::sc_time delay = local - sc_core::sc_time_stamp();
  socket->b_transport(payload, delay);
  if (payload.is_response_error()) fail_internal("the memory refused a request: " + payload.get_response_string());
  return cycles_in(sc_core::sc_time_stamp() + delay - start_, period_);
}

}  // namespace rebasis::sim::systemc
