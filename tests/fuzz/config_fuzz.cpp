// Any text as an accelerator's YAML file: it resolves, and then reads back the same, or it is bad input.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "arch/config.h"
#include "arch/smartdeal/spec.h"

using rebasis::Error;
using rebasis::Status;
using rebasis::arch::RawConfig;
using rebasis::arch::smartdeal_parameters;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto& set = smartdeal_parameters();
  try {
    const auto spec = set.resolve(RawConfig::parse(std::string(data, data + size), "fuzz"));
    const auto printed = set.print(spec);
    const auto again = set.resolve(RawConfig::parse(rebasis::arch::to_yaml(printed), "printed"));
    if (set.print(again) != printed) std::abort();
  } catch (const Error& error) {
    if (error.status() != Status::bad_input) std::abort();
  }
  return 0;
}
