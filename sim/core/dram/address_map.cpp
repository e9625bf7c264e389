#include "sim/core/dram/address_map.h"

#include <bit>

#include "common/error.h"

namespace rebasis::sim {

AddressMap::AddressMap(const JedecPart& part, const std::string& order)
    : group_bits_(static_cast<unsigned>(std::countr_zero(part.groups))),
      group_mask_(part.groups - 1),
      bank_mask_(part.banks / part.groups - 1),
      row_mask_(part.rows - 1) {
  const auto column_bits = static_cast<unsigned>(std::countr_zero(part.row_bytes / part.burst_bytes()));
  const auto bank_bits = static_cast<unsigned>(std::countr_zero(part.banks / part.groups));
  const auto row_bits = static_cast<unsigned>(std::countr_zero(part.rows));
  if (order == "row-bank-column" || order == "row-bank-column-xor") {
    bank_shift_ = group_bits_ + column_bits;
    row_shift_ = bank_shift_ + bank_bits;
    fold_bits_ = order == "row-bank-column" ? 0 : bank_bits;
  } else if (order == "row-column-bank") {
    bank_shift_ = group_bits_;
    row_shift_ = bank_shift_ + bank_bits + column_bits;
  } else if (order == "bank-row-column") {
    row_shift_ = group_bits_ + column_bits;
    bank_shift_ = row_shift_ + row_bits;
  } else {
    fail_input("dram.mapping: there is no address mapping '" + order +
               "'; it is row-bank-column, row-bank-column-xor, row-column-bank or bank-row-column");
  }
}

}  // namespace rebasis::sim
