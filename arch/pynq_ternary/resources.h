// How much of the FPGA a configuration takes: an estimate from its structure (docs/accelerators/pynq-z1-ternary.md,
// "Resources").
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "arch/pynq_ternary/spec.h"

namespace rebasis::arch {

struct FpgaResources {
  std::int64_t luts = 0, ffs = 0, bram36 = 0, dsps = 0;
  FpgaResources& operator+=(const FpgaResources& other);
  bool operator==(const FpgaResources&) const = default;
};

/// One block of the design.
struct ResourceItem {
  std::string block;
  FpgaResources needs;
};

/// By block. No synthesis tool was run: widths times counts, plus stated allowances for control and interfaces.
[[nodiscard]] std::vector<ResourceItem> estimate_resources(const PynqTernarySpec& spec);
[[nodiscard]] FpgaResources total_resources(const PynqTernarySpec& spec);

/// Throws Error(infeasible) that names what ran out, and a change that would fit where there is one.
void require_fits(const PynqTernarySpec& spec);

/// "LUT 12,345 of 53,200 (23 %), ..." for results.
[[nodiscard]] std::string describe_resources(const PynqTernarySpec& spec);

}  // namespace rebasis::arch
