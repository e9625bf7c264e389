// What `rebasis inspect` can look into: each kind of file is one file here that registers an Inspector.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "arch/registry.h"

namespace rebasis::cli {

/// What the user asked about one file.
struct InspectRequest {
  std::string path;
  bool json = false;   ///< JSON instead of text
  bool check = false;  ///< read and check everything, however long it takes
};

class Inspector {
 public:
  static constexpr const char* kind = "kind of file";
  virtual ~Inspector() = default;
  /// Whether a file with this content (all of it, mapped) is of this kind. Damaged files should still be recognised.
  [[nodiscard]] virtual bool recognises(std::span<const std::byte> content) const = 0;
  /// The text or JSON to print, with a newline at its end.
  [[nodiscard]] virtual std::string describe(const InspectRequest& request) const = 0;
  /// Writes the tensors of a layer as NPY files into `folder` and returns a line for each. The default refuses.
  [[nodiscard]] virtual std::string extract(const std::string& path, const std::string& layer,
                                            const std::string& folder) const;
};

using InspectorRegistration = arch::Registration<Inspector>;

}  // namespace rebasis::cli
