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

/// A block with its random stimulus.
class BlockBench {
 public:
  virtual ~BlockBench() = default;
  [[nodiscard]] virtual std::string name() const = 0;
  /// Runs one random case from reset. Cycles; throws Difference.
  virtual std::uint64_t run_case(std::uint64_t seed) = 0;
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
  for (std::size_t i = 0; i < width; ++i) {
    std::uint64_t bit = 0;
    if constexpr (std::is_integral_v<Signal>)
      bit = (static_cast<std::uint64_t>(signal) >> (at + i)) & 1U;
    else
      bit = (signal[(at + i) / 32] >> ((at + i) % 32)) & 1U;
    value |= bit << i;
  }
  if (is_signed && width < 64 && (value >> (width - 1) & 1U) != 0) value |= ~std::uint64_t{0} << width;
  return static_cast<std::int64_t>(value);
}

/// Puts the low `width` bits of `value` at bit `at`.
template <class Signal>
void put_bits(Signal& signal, std::size_t at, std::size_t width, std::int64_t value) {
  for (std::size_t i = 0; i < width; ++i) {
    const std::uint64_t bit = (static_cast<std::uint64_t>(value) >> i) & 1U;
    if constexpr (std::is_integral_v<Signal>)
      signal = static_cast<Signal>((static_cast<std::uint64_t>(signal) & ~(std::uint64_t{1} << (at + i))) |
                                   (bit << (at + i)));
    else
      signal[(at + i) / 32] =
          (signal[(at + i) / 32] & ~(1U << ((at + i) % 32))) | (static_cast<std::uint32_t>(bit) << ((at + i) % 32));
  }
}

}  // namespace rebasis::rtl
