// Several networks compressed in one call: sub-nets of one training run, most of all. All traces are written, or none.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "workloads/compress/network/compress_network.h"

namespace rebasis::cli {

/// What the table says of a network.
struct FamilyMember {
  std::string name;                         ///< of the network's file, without its extension
  std::string trace;                        ///< file
  double zero_weights = 0;                  ///< share
  std::uint64_t bytes = 0, fp32_bytes = 0;  ///< of all parameters
  double compression_rate = 0;
  std::int64_t images = 0;
  std::optional<double> accuracy_before, accuracy_after, output_error;  ///< as of CompressReport
};

using CompressOne = std::function<compress::CompressReport(const compress::CompressRequest&)>;

/// Compresses every network with the rest of `request`, each into FOLDER/NAME.trace. Creates the folder. Throws
/// Error(bad_input) when two networks have the same name; on any error no trace is left.
[[nodiscard]] std::vector<FamilyMember> compress_family(const std::vector<std::string>& networks,
                                                        const std::string& folder, compress::CompressRequest request,
                                                        const CompressOne& compress_one);

/// The same into the one file `request.output`, a family whose sub-nets have the networks' names. The members' `trace`
/// is FILE#NAME.
[[nodiscard]] std::vector<FamilyMember> compress_into_family(const std::vector<std::string>& networks,
                                                             compress::CompressRequest request,
                                                             const CompressOne& compress_one);

[[nodiscard]] std::string family_text(const std::vector<FamilyMember>& members, const std::string& recipe);
[[nodiscard]] std::string family_json(const std::vector<FamilyMember>& members, const std::string& recipe);

}  // namespace rebasis::cli
