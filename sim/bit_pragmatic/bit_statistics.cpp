#include "sim/bit_pragmatic/bit_statistics.h"

#include <type_traits>
#include <vector>

#include "sim/bit_pragmatic/brick_table.h"

namespace rebasis::sim::bit_pragmatic {

namespace {

/// How often each value occurs.
std::vector<std::uint64_t> histogram(const trace::TensorView& view, int& lowest) {
  const auto tally = [&]<class T>(T) {
    lowest = std::is_signed_v<T> ? -(1 << (8 * sizeof(T) - 1)) : 0;
    std::vector<std::uint64_t> counts(std::size_t{1} << (8 * sizeof(T)), 0);
    for (const T value : view.as<T>()) ++counts[static_cast<std::size_t>(value - lowest)];
    return counts;
  };
  switch (view.dtype) {
    case trace::DType::i8:
      return tally(std::int8_t{});
    case trace::DType::i16:
      return tally(std::int16_t{});
    case trace::DType::u16:
      return tally(std::uint16_t{});
    default:
      return tally(std::uint8_t{});
  }
}

}  // namespace

std::map<std::string, double> bit_statistics(const trace::TraceReader& trace, const trace::LayerInfo& info,
                                             const arch::BitPragmaticSpec& spec) {
  const auto bits = static_cast<double>(spec.precision_bits);
  OneffsetFormat format = format_of(spec, info.activations.is_signed);
  const auto terms_of = [&](int value, OneffsetFormat::Encoding encoding) {
    format.encoding = encoding;
    return static_cast<double>(oneffsets(value, format).size());
  };
  int lowest = 0;
  const std::vector<std::uint64_t> counts = histogram(trace.tensor(info.name + "/activations"), lowest);
  double values = 0, non_zero = 0, ones = 0, booth = 0, used = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    const auto count = static_cast<double>(counts[i]);
    const int value = lowest + static_cast<int>(i);
    values += count;
    if (value != 0) non_zero += count;
    ones += count * terms_of(value, OneffsetFormat::Encoding::plain);
    booth += count * terms_of(value, OneffsetFormat::Encoding::booth);
    used += count * terms_of(value, encoding_of(spec.encoding));
  }
  if (values == 0) return {};
  return {{"activation_one_bits", ones / values / bits},
          {"activation_booth_digits", booth / values / (bits / 2)},
          {"oneffsets_per_activation", used / values},
          {"oneffsets_per_nonzero_activation", non_zero == 0 ? 0 : used / non_zero}};
}

}  // namespace rebasis::sim::bit_pragmatic
