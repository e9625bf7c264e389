#include "workloads/encode/step_index.h"

#include <string>

#include "common/error.h"
#include "workloads/encode/bit_stream.h"

namespace rebasis::encode {

StepIndexed encode_steps(std::span<const std::int8_t> dense, int step_bits) {
  if (step_bits < 1 || step_bits > 16) fail_internal("a step index has 1 to 16 bits, not " + std::to_string(step_bits));
  StepIndexed encoded;
  encoded.step_bits = step_bits;
  BitWriter writer;
  std::int64_t previous = -1;
  for_each_kept(dense, longest_step(step_bits), [&](std::int64_t position, std::int8_t value) {
    encoded.values.push_back(value);
    writer.write(static_cast<std::uint32_t>(position - previous - 1), step_bits);
    previous = position;
  });
  encoded.steps = writer.take();
  return encoded;
}

std::vector<std::uint32_t> unpack_steps(const StepIndexed& encoded) {
  const std::uint64_t bytes = (encoded.index_bits() + 7) / 8;
  if (encoded.steps.size() != bytes) {
    fail_input("step index of " + std::to_string(encoded.values.size()) + " values has " +
               std::to_string(encoded.steps.size()) + " bytes; right would be " + std::to_string(bytes));
  }
  BitReader reader(encoded.steps);
  std::vector<std::uint32_t> steps(encoded.values.size());
  for (auto& step : steps) step = reader.read(encoded.step_bits) + 1;
  return steps;
}

std::vector<std::int8_t> decode_steps(const StepIndexed& encoded, std::size_t length) {
  std::vector<std::int8_t> dense(length);
  const std::vector<std::uint32_t> steps = unpack_steps(encoded);
  std::size_t next = 0;  // behind the last kept value
  for (std::size_t i = 0; i < steps.size(); ++i) {
    next += steps[i];
    if (next > length) {
      fail_input("step index leaves its vector: value " + std::to_string(i) + " would be at " +
                 std::to_string(next - 1) + " of " + std::to_string(length));
    }
    dense[next - 1] = encoded.values[i];
  }
  return dense;
}

}  // namespace rebasis::encode
