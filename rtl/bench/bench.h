// Lock-step benches: the RTL, as Verilator translates it, and the model's clocked core get the same stimulus; every
// output is compared before, every register after each clock edge.
#pragma once

#include <verilated.h>
#include <verilated_vcd_c.h>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

namespace rebasis::rtl {

/// Where RTL and model part.
class Difference : public std::runtime_error {
 public:
  Difference(std::uint64_t cycle, const std::string& what, std::int64_t model, std::int64_t rtl)
      : std::runtime_error("cycle " + std::to_string(cycle) + ": " + what + " is " + std::to_string(model) +
                           " in the model, " + std::to_string(rtl) + " in the RTL") {}
};

/// Layers of a network to run whole, instead of random cases.
struct NetworkRun {
  std::string trace;          ///< file
  std::string layer = "all";  ///< name, number from 0, or "all"
  std::int64_t image = 0;
  std::int64_t tiles = INT64_MAX;  ///< of each layer, at most; pe_slice
};

/// A block with its random stimulus.
class BlockBench {
 public:
  virtual ~BlockBench() = default;
  [[nodiscard]] virtual std::string name() const = 0;
  /// Runs one random case from reset. Cycles; throws Difference.
  virtual std::uint64_t run_case(std::uint64_t seed) = 0;
  /// Runs layers from their first cycle to their last and compares the outputs with integer convolution too. Cycles;
  /// throws Difference, or Error for a trace or layer that is not there.
  virtual std::uint64_t run_network(const NetworkRun&) {
    throw std::invalid_argument(name() + ": has no whole layers, only random cases");
  }
  virtual void open_waveform(const std::string& file) = 0;
  virtual void close_waveform() = 0;
  /// The case that ran last, in words; empty where there is nothing to say.
  [[nodiscard]] const std::string& case_in_words() const { return case_; }

 protected:
  std::string case_;
};
/// Each bench program defines it for its block.
std::unique_ptr<BlockBench> make_bench();

/// The device under test with its clock.
template <class Dut>
class Device : public BlockBench {
 public:
  void open_waveform(const std::string& file) override {
    waveform_ = std::make_unique<VerilatedVcdC>();
    dut_.trace(waveform_.get(), 99);
    waveform_->open(file.c_str());
  }
  void close_waveform() override {
    waveform_->close();
    waveform_.reset();
  }

 protected:
  void reset() {
    dut_.rst = 1;
    for (int i = 0; i < 2; ++i) clock();
    dut_.rst = 0;
    cycle_ = 0;
  }
  /// Outputs follow the inputs of this cycle.
  void settle() { dut_.eval(); }
  void clock() {
    if (waveform_) waveform_->dump(time_);  // a cycle is ten units; its signals are settled at the first
    dut_.clk = 1;
    dut_.eval();
    if (waveform_) waveform_->dump(time_ + 5);
    dut_.clk = 0;
    dut_.eval();
    time_ += 10;
    ++cycle_;
  }
  void same(const char* what, std::int64_t model, std::int64_t rtl) const {
    if (model != rtl) throw Difference(cycle_, what, model, rtl);
  }
  void same(const char* what, std::size_t index, std::int64_t model, std::int64_t rtl) const {
    if (model != rtl) throw Difference(cycle_, std::string(what) + "[" + std::to_string(index) + "]", model, rtl);
  }

  Dut dut_;
  std::uint64_t cycle_ = 0;

 private:
  std::unique_ptr<VerilatedVcdC> waveform_;
  std::uint64_t time_ = 0;
};

/// `width` <= 63 bits of a signal from bit `at`; sign-extended on demand.
template <class Signal>
std::int64_t bits_of(const Signal& signal, std::size_t at, std::size_t width, bool is_signed = false) {
  std::uint64_t value = 0;
  if constexpr (std::is_integral_v<Signal>) {
    value = static_cast<std::uint64_t>(signal) >> at;
  } else {
    for (std::size_t got = 0; got < width; got += 32 - (at + got) % 32)
      value |= static_cast<std::uint64_t>(signal[(at + got) / 32] >> ((at + got) % 32)) << got;
  }
  if (width < 64) value &= (std::uint64_t{1} << width) - 1;
  if (is_signed && width < 64 && (value >> (width - 1) & 1U) != 0) value |= ~std::uint64_t{0} << width;
  return static_cast<std::int64_t>(value);
}

/// Puts the low `width` bits of `value` at bit `at`.
template <class Signal>
void put_bits(Signal& signal, std::size_t at, std::size_t width, std::int64_t value) {
  const auto mask = [](std::size_t bits) { return bits >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1; };
  const std::uint64_t bits = static_cast<std::uint64_t>(value) & mask(width);
  if constexpr (std::is_integral_v<Signal>) {
    signal = static_cast<Signal>((static_cast<std::uint64_t>(signal) & ~(mask(width) << at)) | (bits << at));
  } else {
    for (std::size_t put = 0; put < width; put += 32 - (at + put) % 32) {
      auto& word = signal[(at + put) / 32];
      const auto place = static_cast<unsigned>((at + put) % 32);
      const auto cover = static_cast<std::uint32_t>(mask(width - put)) << place;
      word = (word & ~cover) | (static_cast<std::uint32_t>(bits >> put) << place);
    }
  }
}

}  // namespace rebasis::rtl
