// The weight decoder's memories.
#pragma once

#include "arch/energy/energy_table.h"
#include "arch/system_spec.h"

namespace rebasis::sim {

/// Code table and chunk memory of a stream. Coded weights wait in the weight buffer: `of_array` has its geometry.
[[nodiscard]] arch::EnergyTable::Srams decoder_srams(const arch::DecoderSpec& decoder,
                                                     const arch::EnergyTable::Srams& of_array);

}  // namespace rebasis::sim
