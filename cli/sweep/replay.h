// `rebasis sweep STORE --point ID`: a row of a store again.
#pragma once

#include <cstdint>
#include <string>

#include "dse/store.h"

namespace rebasis::cli {

/// Runs the point as the store describes it and compares every stored figure. Prints the point; with `result` writes
/// the simulation's results there. Returns the exit status: 0 when all is the same, 3 when not.
[[nodiscard]] int replay(const dse::Store& store, const std::string& store_path, std::int64_t point,
                         const std::string& result);
/// Writes the point's accelerator as a file that --accelerator takes.
void export_accelerator(const dse::Store& store, std::int64_t point, const std::string& path);

}  // namespace rebasis::cli
