// Which bank, row and column a byte address means.
#pragma once

#include <cstdint>
#include <string>

#include "sim/core/dram/jedec_part.h"

namespace rebasis::sim {

struct DramPlace {
  std::uint32_t bank = 0;  ///< its low bits are the bank group
  std::uint32_t row = 0;
};

/// Orders of the fields, from the most significant; the bank group, where there is one, always lies just above the
/// burst, so that a stream turns over the groups and moves at CCD_S. With "-xor" the row's bits are folded into the
/// bank's, so that streams whose distance is a multiple of a row's reach do not meet in one bank.
class AddressMap {
 public:
  /// `order`: row-bank-column, row-bank-column-xor, row-column-bank or bank-row-column; anything else is bad input.
  AddressMap(const JedecPart& part, const std::string& order);

  /// Of burst number `burst` (byte address / burst bytes); addresses beyond the capacity wrap around.
  [[nodiscard]] DramPlace place(std::uint64_t burst) const {
    const auto group = static_cast<std::uint32_t>(burst) & group_mask_;
    const std::uint32_t row = static_cast<std::uint32_t>(burst >> row_shift_) & row_mask_;
    auto bank = static_cast<std::uint32_t>(burst >> bank_shift_);
    if (fold_bits_ != 0) {
      for (std::uint32_t rest = row; rest != 0; rest >>= fold_bits_) bank ^= rest;
    }
    return {(bank & bank_mask_) << group_bits_ | group, row};
  }

 private:
  unsigned group_bits_, bank_shift_ = 0, row_shift_ = 0, fold_bits_ = 0;
  std::uint32_t group_mask_, bank_mask_, row_mask_;
};

}  // namespace rebasis::sim
